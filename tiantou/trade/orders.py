"""What people and time do with an order after it was placed: cancel, pack, confirm, close."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import NotFound
from tiantou.kit import clock
from tiantou.kit.machine import WrongState
from tiantou.kit.money import permille, shares
from tiantou.logistics import face as logistics
from tiantou.supply import face as supply
from tiantou.trade import orders_sql as sql
from tiantou.trade import picks, refunds, scans_sql, shipping, steps, stock
from tiantou.trade.admission import OURS
from tiantou.trade.events import OrderCancelled, OrderCompleted, OrderPacked
from tiantou.trade.lifecycle import ORDER
from tiantou.trade.money import fees_sql, ledger
from tiantou.trade.problems import PaidElsewhere
from tiantou.trade.views import OrderView, RefundView

REFUNDABLE = frozenset({"paid", "packing", "packed", "shipped", "delivered", "exception"})


async def mine(tx: Tx, buyer_id: UUID, shop_id: UUID, order_id: UUID) -> OrderView:
    """A buyer's own order, held. Raises NotFound for anybody else's."""
    order = await steps.held(tx, shop_id, order_id)
    if order.buyer_id != buyer_id:
        raise NotFound()
    return order


async def cancel(tx: Tx, buyer_id: UUID, shop_id: UUID, order_id: UUID) -> OrderView:
    """The buyer does not want an unpaid order; its units are free again.

    Raises NotFound, WrongState.
    """
    order = await mine(tx, buyer_id, shop_id, order_id)
    gone = await steps.go(tx, order, "cancel", "buyer", buyer_id)
    await sql.give_back(tx, shop_id, order_id, clock.now())
    await announce(tx, OrderCancelled(**steps.fact_of(gone)))
    return gone


async def start_packing(tx: Tx, shop_id: UUID, order_id: UUID, by: UUID) -> OrderView:
    """The shop begins. Raises NotFound, WrongState."""
    order = await steps.held(tx, shop_id, order_id)
    return await steps.go(tx, order, "start_packing", "seller", by)


async def pack(
    tx: Tx,
    shop_id: UUID,
    order_id: UUID,
    by: UUID,
    scanned: Sequence[picks.Scanned] | None,
    codes: Sequence[str] | None = None,
) -> OrderView:
    """Every box is bound to its lot; with the `codes` of their labels, the boxes themselves are.

    Raises NotFound, WrongState, WrongPicks and what supply raises.
    """
    order = await steps.held(tx, shop_id, order_id)
    packed = await steps.go(tx, order, "pack_scan", "seller", by)
    # who packs by hand has the last word: what the bench scanned so far is out again
    for line in order.lines:
        await supply.free_boxes(tx, shop_id, picks.line_ref(order, line))
    await scans_sql.forget(tx, shop_id, order_id)
    if codes is not None:
        await picks.take_boxes(tx, order, codes)
    else:
        await picks.take(tx, order, scanned)
    await announce(tx, OrderPacked(**steps.fact_of(packed)))
    return packed


async def short_of_goods(tx: Tx, shop_id: UUID, order_id: UUID, by: UUID, reason: str) -> OrderView:
    """The shop cannot deliver: all is refunded, the units do not come back. Raises WrongState."""
    order = await steps.held(tx, shop_id, order_id)
    return await close(tx, order, "short_of_goods", "seller", by, reason, "short_of_goods")


async def declare_lost(tx: Tx, shop_id: UUID, order_id: UUID, by: UUID) -> OrderView:
    """The parcel will not come: all is refunded. Raises NotFound, WrongState."""
    order = await steps.held(tx, shop_id, order_id)
    return await close(tx, order, "declare_lost", "seller", by, "lost", "declare_lost")


async def refund(
    tx: Tx,
    order: OrderView,
    amount_fen: int | None,
    reason: str,
    key: str,
    by: Literal["buyer", "seller", "operator"],
    by_id: UUID,
) -> RefundView:
    """Part of the held order's payment back, or (None, or all that is left) the whole: then it
    closes. Asked again under the same key it is the same refund.

    Raises PaidElsewhere, AmountTooHigh, KeyReused, InvalidFields, WrongState.
    """
    if order.channel != OURS:
        raise PaidElsewhere(channel=order.channel)
    # What people send never meets the names under which time and rules refund.
    key = f"{by}:{key}"
    before = await refunds.before(tx, order, key, amount_fen)
    if before is not None:
        return before
    left = refunds.left_of(order)
    if order.state not in REFUNDABLE or left == 0:
        raise WrongState(ORDER.name, order.state, "refund")
    whole = amount_fen is None or amount_fen == left
    if whole:
        await close(tx, order, "refund_full", by, by_id, reason, key)
    else:
        await refunds.ask(tx, order, amount_fen or 0, reason, key, by, by_id)
    made = await refunds.before(tx, order, key, None)
    assert made is not None
    return made


async def close(
    tx: Tx,
    order: OrderView,
    event: str,
    by: Literal["buyer", "seller", "system", "operator"],
    by_id: UUID | None,
    reason: str,
    key: str,
) -> OrderView:
    """Ends the held order: what is left of its payment goes back in this same transaction.

    Before shipping, boxes go back into their lots and units into their pools, unless it is the
    goods that are missing; boxes of a lot that is held or recalled are not for sale. Raises
    WrongState.
    """
    closed = await steps.go(tx, order, event, by, by_id)
    if refunds.left_of(order) > 0:
        await refunds.ask(tx, order, refunds.left_of(order), reason, key, by, by_id)
    if order.state in steps.BEFORE_SHIPPING and event != "short_of_goods":
        kept = await picks.put_back(tx, order)
        await sql.give_back(tx, order.shop_id, order.order_id, clock.now())
        for line in order.lines:
            if boxes := kept.get(line.line_no, 0):
                ref = f"closed:{order.order_id}:{line.line_no}"
                await stock.withdraw(tx, order.shop_id, line.pack_id, boxes, ref)
    await logistics.withdraw(tx, order.shop_id, shipping.ref_of(order.shop_id, order.order_id))
    return closed


async def confirm(tx: Tx, buyer_id: UUID, shop_id: UUID, order_id: UUID) -> OrderView:
    """The buyer has it and is content. Raises NotFound, WrongState."""
    order = await mine(tx, buyer_id, shop_id, order_id)
    return await complete(tx, order, "buyer_confirms", "buyer", buyer_id)


async def complete(
    tx: Tx, order: OrderView, event: str, by: Literal["buyer", "system"], by_id: UUID | None = None
) -> OrderView:
    """The trade is done; the host's fee on what was really paid for the goods is booked."""
    now = clock.now()
    done = await steps.go(tx, order, event, by, by_id, completed_at=now)
    await ledger.charge(tx, order.shop_id, order.order_id, ledger.HOST, await _fee(tx, order))
    await announce(tx, OrderCompleted(**steps.fact_of(done), at=now))
    return done


async def _fee(tx: Tx, order: OrderView) -> int:
    """The host's fee in fen: each line's share of what was really paid, at that line's rate."""
    net = max(0, refunds.left_of(order) - order.freight_fen)
    parts = shares(net, [line.amount_fen for line in order.lines])
    fee = 0
    for line, part in zip(order.lines, parts, strict=True):
        rate = await fees_sql.fee_of(tx, order.shop_id, order.origin, line.pack_id, order.placed_at)
        fee += permille(part, rate)
    return fee


async def on_due(tx: Tx, shop_id: UUID, order_id: UUID, event: str) -> None:
    """What time brings to an order; nothing if its state no longer takes it."""
    order = await steps.held(tx, shop_id, order_id)
    if not ORDER.can(order.state, event):
        return
    if event == "claim_window_over":
        await complete(tx, order, event, "system")
    elif event == "no_scan_72h":
        await steps.go(tx, order, event, "system")
    else:
        await close(tx, order, event, "system", None, event, event)
