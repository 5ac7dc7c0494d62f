"""Puts together what is shown of a session from the modules below."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.accounts.face import OrgView, Seller
from tiantou.catalog import face as catalog
from tiantou.core.db import Tx
from tiantou.kit import money
from tiantou.live import sessions_sql as sql
from tiantou.live import wire
from tiantou.live.tables import ItemRow, SessionRow, TallyRow
from tiantou.regions.face import Division
from tiantou.supply import face as supply
from tiantou.trade import face as trade
from tiantou.trade.face import Offer, OfferView


def offer_of(view: OfferView | None) -> Offer | None:
    """An offer of trade as rooms show it; None if there is none."""
    return None if view is None else Offer.model_validate(view)


async def standing(tx: Tx, org_id: UUID, pack_ids: Sequence[UUID]) -> dict[UUID, OfferView]:
    """The standing offers of packs, by pack."""
    found = await trade.offers_of_packs(tx, org_id, pack_ids)
    return {one.pack_id: one for one in found if one.kind == "standing"}


def host_of(row: SessionRow) -> wire.Host:
    """The host as shown."""
    return wire.Host.model_validate(
        {"kind": row.host_kind, "name": row.host_name, "title": row.host_title}
    )


def _product(pack: Any, price_fen: int, lots: Sequence[Any]) -> wire.ShelfProduct:
    return wire.ShelfProduct(
        id=pack.product_id,
        title=pack.title,
        grade=pack.grade,
        photo=pack.photo,
        unit=pack.unit,
        net_g=pack.net_g,
        pieces=pack.pieces,
        harvested_at=min((lot.harvested_at for lot in lots), default=None),
        fen_per_jin=money.fen_per_jin(price_fen, pack.net_g),
    )


async def items(tx: Tx, rows: Sequence[ItemRow]) -> list[wire.Item]:
    """Shelf rows with their products, offers and sellers; a pack that is gone is left out."""
    packs = await catalog.packs(tx, [row.pack_id for row in rows])
    orgs = await accounts.orgs(tx, {row.org_id for row in rows})
    shown: list[wire.Item] = []
    for org_id in {row.org_id for row in rows}:
        mine = [row for row in rows if row.org_id == org_id]
        usual = await standing(tx, org_id, [row.pack_id for row in mine])
        flashes = await trade.offers(
            tx, org_id, [row.flash_offer_id for row in mine if row.flash_offer_id]
        )
        by_pack = await supply.lots_for_packs(tx, org_id, [row.pack_id for row in mine])
        for row in mine:
            pack = packs.get(row.pack_id)
            if pack is None:
                continue
            lots = by_pack.get(row.pack_id, [])
            offer = offer_of(usual.get(row.pack_id))
            flash = offer_of(flashes.get(row.flash_offer_id)) if row.flash_offer_id else None
            shown_price = flash or offer
            price_fen = shown_price.price_fen if shown_price else pack.price_fen
            shown.append(
                wire.Item(
                    id=row.id,
                    pack_id=row.pack_id,
                    position=row.position,
                    state=row.state,
                    product=_product(pack, price_fen, lots),
                    seller=Seller.of(orgs[org_id]),
                    offer=offer,
                    flash=flash if flash and flash.state == "open" else None,
                    lot_codes=[lot.code for lot in lots],
                )
            )
    return sorted(shown, key=lambda one: one.position)


async def item(tx: Tx, row: ItemRow) -> wire.Item:
    """One shelf row."""
    (shown,) = await items(tx, [row])
    return shown


async def chapters(tx: Tx, row: SessionRow) -> list[wire.Chapter]:
    """The chapters of a replay, each with who sells what is explained; withdrawn goods, too."""
    said = row.chapters or []
    if not said:
        return []
    sold_by = {str(one.id): one.org_id for one in await sql.items(tx, [row.id])}
    orgs = await accounts.orgs(tx, set(sold_by.values()))
    return [wire.Chapter(**one, seller=Seller.of(orgs[sold_by[one["item_id"]]])) for one in said]


def _pinned(row: SessionRow, shelf: Sequence[wire.Item]) -> wire.PinnedShort | None:
    for one in shelf:
        if one.id == row.pinned_item_id and (one.flash or one.offer):
            price = one.flash or one.offer
            assert price is not None
            return wire.PinnedShort(
                title=one.product.title,
                price_fen=price.price_fen,
                unit=one.product.unit,
                photo=one.product.photo,
            )
    return None


def shop_of(org: OrgView) -> wire.RoomShop:
    """The shop behind a room."""
    return wire.RoomShop(id=org.id, name=org.name, division=Division.model_validate(org.division))


async def cards(tx: Tx, rows: Sequence[SessionRow], person_id: UUID | None) -> list[wire.RoomCard]:
    """Rooms as lists show them, in the given order."""
    ids = [row.id for row in rows]
    orgs = await accounts.orgs(tx, {row.org_id for row in rows})
    tallies = await sql.tallies(tx, ids)
    mine = await sql.reserved(tx, person_id, ids) if person_id else set()
    pinned = [row.pinned_item_id for row in rows if row.pinned_item_id]
    shelf = [one for one in await sql.items(tx, ids) if one.id in pinned] if pinned else []
    shown = await items(tx, shelf) if shelf else []
    return [
        wire.RoomCard(
            session_id=row.id,
            state=row.state,
            title=row.title,
            cover=row.cover,
            starts_at=row.starts_at,
            started_at=row.started_at,
            shop=shop_of(orgs[row.org_id]),
            host=host_of(row),
            viewers=tallies[row.id].viewers if row.id in tallies else 0,
            pinned=_pinned(row, shown),
            reserved=row.id in mine,
            demo=row.demo,
        )
        for row in rows
        if row.org_id in orgs
    ]


def counts(tally: TallyRow | None) -> wire.Counts:
    """A room's counts."""
    if tally is None:
        return wire.Counts(viewers=0, likes=0, visits=0, orders=0)
    return wire.Counts(
        viewers=tally.viewers, likes=tally.likes, visits=tally.visits, orders=tally.orders
    )


async def product_cards(tx: Tx, products: Sequence[Any]) -> list[wire.ProductCard]:
    """Products as lists show them: the price of the first pack's standing offer, else its own."""
    orgs = await accounts.orgs(tx, {product.org_id for product in products})
    first: dict[UUID, list[UUID]] = {}
    for product in products:
        first.setdefault(product.org_id, []).extend(one.pack_id for one in product.packs[:1])
    usual: dict[UUID, OfferView] = {}
    for org_id, pack_ids in first.items():
        usual |= await standing(tx, org_id, pack_ids)
    shown = []
    for product in products:
        org = orgs.get(product.org_id)
        if org is None or not product.packs or org.state != "admitted":
            continue
        pack = product.packs[0]
        offer = usual.get(pack.pack_id)
        price_fen = offer.price_fen if offer else pack.price_fen
        shown.append(
            wire.ProductCard(
                id=product.id,
                title=product.title,
                grade=product.grade,
                photo=product.photos[0] if product.photos else None,
                price_fen=price_fen,
                unit=pack.unit,
                fen_per_jin=money.fen_per_jin(price_fen, pack.net_g),
                shop_name=org.name,
                division_name=org.division.full_name,
            )
        )
    return shown
