"""Refunds: asked once per key, pending in the book, carried out by errands, then posted.

The order's own row is held by whoever asks; the cap is what is paid and neither refunded nor
being refunded.
"""

import logging
from datetime import timedelta
from typing import Literal
from uuid import UUID

from tiantou.core import timers
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import InvalidFields, KeyReused, NotFound
from tiantou.kit import clock, ids
from tiantou.trade import orders_sql, payments_sql
from tiantou.trade import refunds_sql as sql
from tiantou.trade.admission import OURS
from tiantou.trade.events import OrderRefunded
from tiantou.trade.lifecycle import REFUND
from tiantou.trade.money import ledger
from tiantou.trade.ports import RefundAnswer, RefundAsked
from tiantou.trade.problems import AmountTooHigh
from tiantou.trade.steps import fact_of
from tiantou.trade.views import OrderView, RefundView

TIMER = "trade.refund"
TRIES_MAX = 3
RETRY_FIRST = timedelta(minutes=2)
ANSWER_WITHIN = timedelta(hours=24)
BY_HAND_WITHIN = timedelta(days=3)
REASON_CHARS_MAX = 200

log = logging.getLogger("tiantou.payments")

By = Literal["buyer", "seller", "system", "operator"]


def left_of(order: OrderView) -> int:
    """What may still be refunded of an order's payment, in fen; what another channel took is not
    ours to give back.
    """
    if order.channel != OURS:
        return 0
    return order.paid_fen - order.refunded_fen - order.refunding_fen


async def before(tx: Tx, order: OrderView, key: str, amount_fen: int | None) -> RefundView | None:
    """The refund that was asked under the same key. Raises KeyReused if it was another amount."""
    found = await sql.by_key(tx, order.shop_id, order.order_id, key)
    if found is not None and amount_fen is not None and found.amount_fen != amount_fen:
        raise KeyReused()
    return found


async def ask(
    tx: Tx,
    order: OrderView,
    amount_fen: int,
    reason: str,
    key: str,
    by: By,
    by_id: UUID | None = None,
) -> RefundView:
    """Wants `amount_fen` of the held order's payment back. Raises AmountTooHigh, InvalidFields."""
    if amount_fen < 1:
        raise InvalidFields.one("amount_fen", "range", min=1)
    if amount_fen > left_of(order):
        raise AmountTooHigh(left_fen=left_of(order))
    payment_id = await payments_sql.paid_by(tx, order.shop_id, order.order_id)
    return await _add(tx, order, payment_id, amount_fen, reason, key, by, by_id, late=False)


async def send_back_late(tx: Tx, order: OrderView, payment_id: UUID, amount_fen: int) -> RefundView:
    """Money that came for an order which no longer waits for it goes back by rule."""
    reason, key = "late_money", f"late:{payment_id}"
    return await _add(tx, order, payment_id, amount_fen, reason, key, "system", None, late=True)


async def _add(
    tx: Tx,
    order: OrderView,
    payment_id: UUID,
    amount_fen: int,
    reason: str,
    key: str,
    by: By,
    by_id: UUID | None,
    late: bool,
) -> RefundView:
    refund_id, now = ids.uuid7(), clock.now()
    entry_id = await ledger.refund_wanted(
        tx, order.shop_id, order.order_id, str(refund_id), amount_fen, late
    )
    await sql.add(
        tx,
        shop_id=order.shop_id,
        refund_id=refund_id,
        order_id=order.order_id,
        payment_id=payment_id,
        late=late,
        key=key,
        amount_fen=amount_fen,
        reason=reason[:REASON_CHARS_MAX],
        by=by,
        by_id=by_id,
        state=REFUND.init,
        tries=0,
        entry_id=entry_id,
        at=now,
        ask_at=now,
        asks=0,
    )
    name = f"{order.shop_id}/{refund_id}"
    await timers.set(tx, TIMER, name, now + ANSWER_WITHIN, {"event": "refund_24h"})
    made = await sql.by_key(tx, order.shop_id, order.order_id, key)
    assert made is not None
    return made


async def hear(tx: Tx, shop_id: UUID, refund_id: UUID, answer: RefundAnswer) -> None:
    """What the gateway says of a refund. Said again it changes nothing.

    Money that went back after all, whatever we thought of it meanwhile, is never sent again.
    """
    row = await sql.hold(tx, shop_id, refund_id)
    if row is None:
        return
    if answer.state == "done" and REFUND.can(row.state, "refund_ok"):
        await _done(tx, row, REFUND.after(row.state, "refund_ok"), answer.provider_no)
    elif answer.state == "refused" and REFUND.can(row.state, "refund_error"):
        log.warning("refund %s was refused: %s", refund_id, answer.reason)
        await _failed(tx, row, REFUND.after(row.state, "refund_error"))


async def paid_by_hand(tx: Tx, shop_id: UUID, refund_id: UUID, note: str) -> None:
    """An operator has sent the money by other means; `note` says how.

    Raises NotFound, WrongState.
    """
    row = await sql.hold(tx, shop_id, refund_id)
    if row is None:
        raise NotFound()
    await _done(tx, row, REFUND.after(row.state, "paid_by_hand"), f"hand:{note}"[:100])


async def must_take(tx: Tx, shop_id: UUID, refund_id: UUID, event: str) -> None:
    """Raises NotFound, and WrongState if the refund does not take `event` now."""
    row = await sql.hold(tx, shop_id, refund_id)
    if row is None:
        raise NotFound()
    REFUND.after(row.state, event)


async def asked_of(tx: Tx, shop_id: UUID, refund_id: UUID) -> tuple[str, RefundAsked]:
    """The provider of a refund, and what it is asked. Raises NotFound."""
    row = await sql.hold(tx, shop_id, refund_id)
    if row is None:
        raise NotFound()
    payment = await payments_sql.one(tx, row.payment_id)
    if payment is None:
        raise NotFound()
    asked = RefundAsked(
        shop_id=shop_id,
        refund_id=refund_id,
        payment_id=row.payment_id,
        provider_no=payment.provider_no or "",
        amount_fen=row.amount_fen,
        payment_fen=payment.amount_fen,
        reason=row.reason,
    )
    return payment.provider, asked


async def on_due(tx: Tx, shop_id: UUID, refund_id: UUID, event: str) -> None:
    """A refund's timer: no answer in a day, time for another try, or nobody paid by hand."""
    row = await sql.hold(tx, shop_id, refund_id)
    if row is None or not REFUND.can(row.state, event):
        return
    state = REFUND.after(row.state, event)
    if event == "refund_24h":
        await _failed(tx, row, state)
        return
    ask_at = clock.now() if event == "retry" else None
    await sql.set_state(tx, shop_id, refund_id, state, row.tries, None, None, ask_at)
    if event == "retry":
        name = f"{shop_id}/{refund_id}"
        due = clock.now() + ANSWER_WITHIN
        await timers.set(tx, TIMER, name, due, {"event": "refund_24h"})


def coupon_share(order: OrderView, refunded_fen: int) -> int:
    """Of what the platform's coupon took off, the part that is undone when so much went back.

    In proportion to what was paid, rounded down; all of it with the last fen.
    """
    return order.platform_off_fen * refunded_fen // order.paid_fen if order.paid_fen else 0


async def _done(tx: Tx, row: sql.Row, state: str, provider_no: str) -> None:
    now = clock.now()
    await timers.cancel(tx, TIMER, f"{row.shop_id}/{row.refund_id}")
    await sql.set_state(tx, row.shop_id, row.refund_id, state, row.tries, provider_no, now)
    await ledger.settle(tx, row.shop_id, row.entry_id)
    if not row.late:
        await orders_sql.add_refunded(tx, row.shop_id, row.order_id, row.amount_fen)
    order = await orders_sql.order(tx, row.shop_id, row.order_id)
    assert order is not None
    if not row.late:
        back = coupon_share(order, order.refunded_fen)
        back -= coupon_share(order, order.refunded_fen - row.amount_fen)
        await ledger.take_coupon_back(tx, row.shop_id, row.order_id, row.refund_id, back)
    whole = not row.late and order.refunded_fen == order.paid_fen
    await announce(
        tx,
        OrderRefunded(
            **fact_of(order), refund_id=row.refund_id, refunded_fen=row.amount_fen, whole=whole
        ),
    )


async def _failed(tx: Tx, row: sql.Row, state: str) -> None:
    """A failed try: another one later, after the third a person has to pay by hand."""
    tries = row.tries + 1
    name, now = f"{row.shop_id}/{row.refund_id}", clock.now()
    if tries >= TRIES_MAX:
        state = REFUND.after(state, "third_failure")
        await timers.set(tx, TIMER, name, now + BY_HAND_WITHIN, {"event": "owed_3d"})
    else:
        await timers.set(tx, TIMER, name, now + RETRY_FIRST * 2**tries, {"event": "retry"})
    await sql.set_state(tx, row.shop_id, row.refund_id, state, tries, None, None)
