"""What is sold under a certificate draws on its grams: no order is admitted past them.

A claim that has grams begins and ends with new offers: what an offer draws on never changes, so an
order gives back exactly what it took.
"""

from typing import Any
from uuid import UUID

from tiantou.catalog.face import PackView, pack
from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.kit import clock
from tiantou.trade import certified_sql as sql
from tiantou.trade import offers, offers_sql
from tiantou.trade.problems import FlashRunning

PART = "claims"


async def certify(
    tx: Tx, shop_id: UUID, pack_id: UUID, certificate_id: UUID, grams: int, document: Any
) -> None:
    """Boxes of the pack are sold under a certificate of `grams` from now on, and say `document`.

    The grams go into the certificate's pool once, whichever pack comes first. Raises NotFound,
    FlashRunning.
    """
    goods = await _pack(tx, shop_id, pack_id)
    now = clock.now()
    await offers_sql.ensure_shop(tx, shop_id, now)
    await offers_sql.ensure_pool(tx, shop_id, pack_id, "stock")
    await offers_sql.ensure_pool(tx, shop_id, certificate_id, "certified")
    await offers_sql.hold(tx, shop_id, (), [pack_id, certificate_id])
    await offers_sql.move(
        tx, shop_id, certificate_id, grams, "certified", f"certificate:{certificate_id}", now
    )
    await sql.add_pack_pool(tx, shop_id, pack_id, certificate_id, goods.net_g)
    await sql.set_part(tx, shop_id, pack_id, PART, document or None)
    await _anew(tx, shop_id, pack_id)


async def uncertify(
    tx: Tx, shop_id: UUID, pack_id: UUID, certificate_id: UUID, document: Any
) -> None:
    """Boxes of the pack are not sold under the certificate any more. Raises FlashRunning."""
    await offers_sql.hold(tx, shop_id, (), [pack_id, certificate_id])
    await sql.drop_pack_pool(tx, shop_id, pack_id, certificate_id)
    await sql.set_part(tx, shop_id, pack_id, PART, document or None)
    await _anew(tx, shop_id, pack_id)


async def claim(tx: Tx, shop_id: UUID, pack_id: UUID, document: Any) -> None:
    """Offers of the pack say `document` of its claims, those that are open too."""
    await sql.set_part(tx, shop_id, pack_id, PART, document or None)
    for one in await offers_sql.offers_of_packs(tx, shop_id, [pack_id], clock.now()):
        await offers.set_terms(tx, shop_id, one.id, PART, document)


async def _anew(tx: Tx, shop_id: UUID, pack_id: UUID) -> None:
    """The standing offer ends and begins again at its price, drawing on what its pack draws on."""
    now = clock.now()
    for one in await offers_sql.offers_of_packs(tx, shop_id, [pack_id], now):
        if one.kind == "flash":
            raise FlashRunning(offer_id=str(one.id))
        listed = await offers_sql.listed(tx, shop_id, one.id)
        await offers.close_offer(tx, shop_id, one.id)
        made = await offers.open_offer(
            tx, shop_id, pack_id, "standing", one.price_fen, per_buyer=one.per_buyer
        )
        await offers_sql.set_offer(tx, shop_id, made.id, listed_fen=listed)
        if one.state == "paused":
            await offers.pause_offer(tx, shop_id, made.id, one.paused_by or "seller")


async def _pack(tx: Tx, shop_id: UUID, pack_id: UUID) -> PackView:
    goods = await pack(tx, pack_id)
    if goods is None or goods.org_id != shop_id:
        raise NotFound()
    return goods
