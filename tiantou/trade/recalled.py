"""What a recall does to sales: offers pause, and buyers of recalled boxes get their money back."""

from collections.abc import Sequence
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.kit import clock
from tiantou.logistics import face as logistics
from tiantou.trade import offers, offers_sql, orders, refunds, shipping, steps
from tiantou.trade.admission import OURS
from tiantou.trade.orders_sql import picks as picks_of
from tiantou.trade.recalled_sql import LineView
from tiantou.trade.views import OrderView, PickView

BY = "recall"


async def pause_packs(tx: Tx, shop_id: UUID, packs: Sequence[UUID]) -> int:
    """Every open offer of the packs is paused by the recall; says how many."""
    paused = 0
    for one in await offers_sql.offers_of_packs(tx, shop_id, packs, clock.now()):
        if one.state == "open":
            await offers.pause_offer(tx, shop_id, one.id, BY)
            paused += 1
    return paused


async def resume_packs(tx: Tx, shop_id: UUID, packs: Sequence[UUID]) -> int:
    """What the recall paused is on offer again; says how many."""
    resumed = 0
    for one in await offers_sql.offers_of_packs(tx, shop_id, packs, clock.now()):
        if one.state == "paused" and one.paused_by == BY:
            await offers.resume_offer(tx, shop_id, one.id, BY)
            resumed += 1
    return resumed


async def stop_parcels(tx: Tx, shop_id: UUID, lines: Sequence[LineView], why: str) -> int:
    """What has not left of the orders of these lines must not; says how many orders."""
    refs = {
        shipping.ref_of(shop_id, one.order_id)
        for one in lines
        if one.shop_id == shop_id and one.state in steps.BEFORE_SHIPPING
    }
    return await logistics.stop(tx, shop_id, sorted(refs), why)


async def give_back_money(
    tx: Tx, shop_id: UUID, order_id: UUID, lots: Sequence[UUID], key: str
) -> int:
    """What recalled boxes of an order cost goes back to its buyer, once per key; says how much.

    An order of nothing else that has not left is closed; its boxes go back into their recalled
    lots and its units are not for sale. Of any other order the boxes' share of each line is
    refunded, at most what is left of the payment; of one that nobody paid for here, nothing.
    """
    order = await steps.held(tx, shop_id, order_id)
    before = await refunds.before(tx, order, key, None)
    if before is not None:
        return before.amount_fen
    picked = await picks_of(tx, shop_id, order_id)
    bad = [pick for pick in picked if pick.lot_id in set(lots)]
    left = refunds.left_of(order)
    if not bad or (left <= 0 and order.channel == OURS):
        return 0
    if order.state in steps.BEFORE_SHIPPING and len(bad) == len(picked):
        await orders.close(tx, order, "refund_full", "system", None, BY, key)
        return left
    if left <= 0:
        return 0
    amount = min(left, _price_of(order, bad))
    await refunds.ask(tx, order, amount, BY, key, "system")
    return amount


def _price_of(order: OrderView, bad: Sequence[PickView]) -> int:
    """What the recalled boxes cost, and the freight if there is nothing else in the order.

    What coupons took off is spread over all goods; rounded up, in the buyer's favour.
    """
    price = {line.line_no: line.price_fen for line in order.lines}
    goods = sum(price[pick.line_no] * pick.boxes for pick in bad)
    paid = order.goods_fen - order.shop_off_fen - order.platform_off_fen
    cost = -(-goods * paid // order.goods_fen)
    return cost + (order.freight_fen if goods == order.goods_fen else 0)
