"""What a buyer sees of an offer, frozen: a document, named by the hash of its canonical JSON."""

import hashlib
import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiantou.accounts.face import OrgView, org
from tiantou.catalog.face import PackView, ProductView, product
from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.kit.money import fen_per_jin
from tiantou.regions.face import DivisionView, named
from tiantou.trade import snapshots_sql as sql
from tiantou.trade.views import CURRENCY, BaseView

VERSION = 1


def canonical(document: Any) -> bytes:
    """The one spelling of a document: sorted names, no blanks, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_of(document: Any) -> bytes:
    """SHA-256 of the canonical spelling."""
    return hashlib.sha256(canonical(document)).digest()


async def compose(
    tx: Tx,
    pack: PackView,
    offer_id: UUID,
    kind: str,
    price_fen: int,
    base: BaseView | None,
    per_buyer: int | None,
    ship_on: date | None,
    now: datetime,
) -> bytes:
    """Composes and keeps the document of an offer as it stands now; gives its hash.

    Raises NotFound if the product or the seller is gone.
    """
    goods, seller = await product(tx, pack.product_id), await org(tx, pack.org_id)
    if goods is None or seller is None:
        raise NotFound()
    places = await named(tx, [goods.origin_code])
    terms = await sql.terms_of(tx, pack.org_id, offer_id)
    document = {
        "v": VERSION,
        "currency": CURRENCY,
        "offer": {
            "id": str(offer_id),
            "kind": kind,
            "price_fen": price_fen,
            "base": {"kind": base.kind, "price_fen": base.price_fen} if base else None,
            "per_buyer": per_buyer,
            **({"ship_on": ship_on.isoformat()} if ship_on else {}),
        },
        "product": _product(goods, places.get(goods.origin_code)),
        "pack": _pack(pack, price_fen),
        "seller": _seller(seller),
        "terms": {part: document for part, (_, document) in sorted(terms.items())},
    }
    name = hash_of(document)
    await sql.keep(tx, pack.org_id, name, document, now)
    return name


def _product(goods: ProductView, place: DivisionView | None) -> dict[str, Any]:
    return {
        "id": str(goods.id),
        "title": goods.title,
        "grade": goods.grade,
        "description": goods.description,
        "crop": goods.variety.crop,
        "variety": goods.variety.name,
        "origin_code": goods.origin_code,
        "origin": place.full_name if place else "",
        "fresh": goods.fresh,
        "pictures": list(goods.photos),
    }


def _pack(pack: PackView, price_fen: int) -> dict[str, Any]:
    return {
        "id": str(pack.pack_id),
        "name": pack.name,
        "unit": pack.unit,
        "net_g": pack.net_g,
        "pieces": pack.pieces,
        "fen_per_jin": fen_per_jin(price_fen, pack.net_g),
    }


def _seller(seller: OrgView) -> dict[str, Any]:
    return {
        "org_id": str(seller.id),
        "name": seller.name,
        "address": seller.full_address,
        "contact_phone": seller.contact_phone,
        "registration_code": seller.registration_code,
    }
