"""Stock of a pack: what supply packs becomes sellable, and a standing offer stands for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tiantou.accounts.face import notify_org
from tiantou.catalog.face import PackView, packs, product
from tiantou.core.db import Tx
from tiantou.core.subject import MANAGER, OWNER
from tiantou.kit import clock
from tiantou.trade import offers, presales, snapshots_sql
from tiantou.trade import offers_sql as sql
from tiantou.trade.problems import BelowFloor, SellerNotAdmitted
from tiantou.trade.views import OfferView


async def restock(
    tx: Tx, shop_id: UUID, pack_id: UUID, boxes: int, floor_fen: int, ref: str
) -> None:
    """`boxes` more of a pack, once per `ref`; opens its standing offer if there is none. Those that
    a pre-sale promised are owed first.

    The offer's price is the catalog's, or the floor where the growers agreed to no less. An offer
    whose price is now below the floor is paused, and the seller is told.
    """
    now = clock.now()
    goods = (await packs(tx, [pack_id])).get(pack_id)
    if goods is None or goods.org_id != shop_id:
        return
    await sql.ensure_shop(tx, shop_id, now)
    await sql.ensure_pool(tx, shop_id, pack_id, "stock")
    open_now = await sql.offers_of_packs(tx, shop_id, [pack_id], now)
    before = await sql.hold(tx, shop_id, [one.id for one in open_now], [pack_id])
    if not await sql.move(tx, shop_id, pack_id, boxes, "packed", ref, now):
        return
    await presales.repay(tx, shop_id, pack_id, boxes, ref, now)
    await sql.raise_floor(tx, shop_id, pack_id, floor_fen)
    await sql.tell_stock(tx, shop_id, before, now)
    floor_fen = await sql.floor_of(tx, shop_id, pack_id)
    for one in open_now:
        if one.price_fen < floor_fen:
            await _stop_below(tx, one, goods, floor_fen)
    await _stand(tx, goods, floor_fen, open_now)


async def _stop_below(tx: Tx, one: OfferView, goods: PackView, floor_fen: int) -> None:
    """Nothing sells below the floor: the offer waits for another price, which only people set."""
    if one.state == "open":
        await offers.pause_offer(tx, one.shop_id, one.id, "floor")
    await _tell_below(tx, one, goods, one.price_fen, floor_fen)


async def _tell_below(
    tx: Tx, one: OfferView, goods: PackView, price_fen: int, floor_fen: int
) -> None:
    """The seller finds in the inbox which price is below which floor; once for each pair."""
    members: dict[str, object] = {
        "shop_id": str(one.shop_id),
        "offer_id": str(one.id),
        "title": goods.title,
        "price_fen": price_fen,
        "floor_fen": floor_fen,
    }
    await notify_org(tx, one.shop_id, (OWNER, MANAGER), "offer-below-floor", members)


async def withdraw(tx: Tx, shop_id: UUID, pack_id: UUID, boxes: int, ref: str) -> int:
    """So many boxes are not for sale, once per `ref`; says how many were free to be taken out.

    What is promised already stays promised: it is packed of other lots, or is short of goods.
    """
    now = clock.now()
    open_now = await sql.offers_of_packs(tx, shop_id, [pack_id], now)
    before = await sql.hold(tx, shop_id, [one.id for one in open_now], [pack_id])
    free = min(boxes, before.get(pack_id, 0))
    if free and await sql.move(tx, shop_id, pack_id, -free, "withdrawn", ref, now):
        await sql.tell_stock(tx, shop_id, before, now)
        return free
    return 0


async def restore(tx: Tx, shop_id: UUID, pack_id: UUID, boxes: int, held: int, ref: str) -> None:
    """Boxes are for sale again, of `held` that were withdrawn under `ref`; once.

    As many as were promised away in vain when they were withdrawn stay out.
    """
    now = clock.now()
    open_now = await sql.offers_of_packs(tx, shop_id, [pack_id], now)
    before = await sql.hold(tx, shop_id, [one.id for one in open_now], [pack_id])
    taken = await sql.moved(tx, shop_id, pack_id, "withdrawn", ref)
    back = boxes - (held + taken)
    if back > 0 and await sql.move(tx, shop_id, pack_id, back, "restored", ref, now):
        await sql.tell_stock(tx, shop_id, before, now)


async def _stand(tx: Tx, goods: PackView, floor_fen: int, open_now: list[OfferView]) -> None:
    """Opens the pack's standing offer if there is none and the seller may sell."""
    if any(one.kind == "standing" for one in open_now) or not await _on(tx, goods):
        return
    shop_id, price_fen = goods.org_id, max(goods.price_fen, floor_fen)
    if price_fen > offers.PRICE_FEN_MAX:
        return
    try:
        made = await offers.open_offer(tx, shop_id, goods.pack_id, "standing", price_fen)
    except SellerNotAdmitted:
        return
    await sql.set_offer(tx, shop_id, made.id, listed_fen=goods.price_fen)


async def _on(tx: Tx, goods: PackView) -> bool:
    """Whether boxes of the pack may be sold: a retired one is packed no more, but sold on."""
    if not goods.retired:
        return goods.on
    whole = await product(tx, goods.product_id)
    return whole is not None and whole.state == "on"


async def follow_seller(tx: Tx, shop_id: UUID, now: datetime) -> None:
    """The seller's identity changed or was admitted: offers say so, and stock is on offer."""
    stocked = [one.pack_id for one in await sql.stock_of(tx, shop_id, None)]
    for one in await sql.offers_of_packs(tx, shop_id, stocked, now):
        await sql.hold(tx, shop_id, [one.id])
        await offers.recompose(tx, shop_id, one.id, now)
    await _stand_all(tx, shop_id, stocked, now)


async def _stand_all(tx: Tx, shop_id: UUID, stocked: list[UUID], now: datetime) -> None:
    """Opens a standing offer of every stocked pack that has none."""
    open_now = await sql.offers_of_packs(tx, shop_id, stocked, now)
    for pack_id, goods in sorted((await packs(tx, stocked)).items()):
        mine = [one for one in open_now if one.pack_id == pack_id]
        await _stand(tx, goods, await sql.floor_of(tx, shop_id, pack_id), mine)


async def follow_product(
    tx: Tx, product_id: UUID, on: bool, retired: list[UUID], now: datetime
) -> None:
    """Offers follow their product: text, pictures, the listed price, on and off.

    Boxes of a pack that was retired are still there: their offers go on at their price until the
    last one is sold.
    """
    for one in await sql.offers_of_product(tx, product_id, now):
        if one.state == "open" and not on:
            await offers.pause_offer(tx, one.shop_id, one.id, "product")
        elif one.state == "paused" and on:
            await offers.resume_offer(tx, one.shop_id, one.id, "product")
        if one.kind == "standing" and one.pack_id not in retired:
            await _follow_price(tx, one)
        await sql.hold(tx, one.shop_id, [one.id])
        await offers.recompose(tx, one.shop_id, one.id, now)
    goods = await product(tx, product_id) if on else None
    if goods is not None:
        # What was packed while the product was off is on offer now.
        ever = [*(pack.pack_id for pack in goods.packs), *retired]
        stock = await sql.stock_of(tx, goods.org_id, ever)
        await _stand_all(tx, goods.org_id, [one.pack_id for one in stock], now)


async def _follow_price(tx: Tx, one: OfferView) -> None:
    """Takes over the catalog's price only when it changed there: a price set in the room stays.

    One below the floor is not taken over, and the seller is told.
    """
    goods = (await packs(tx, [one.pack_id])).get(one.pack_id)
    if goods is None or await sql.listed(tx, one.shop_id, one.id) == goods.price_fen:
        return
    try:
        await offers.change_price(tx, one.shop_id, one.id, goods.price_fen)
    except BelowFloor as refused:
        await _tell_below(tx, one, goods, goods.price_fen, refused.members["floor_fen"])
        return
    await sql.set_offer(tx, one.shop_id, one.id, listed_fen=goods.price_fen)


async def document(tx: Tx, shop_id: UUID, hash_hex: str) -> dict[str, Any] | None:
    """The snapshot document of a hash in hex, or None."""
    return await snapshots_sql.document(tx, shop_id, bytes.fromhex(hash_hex))
