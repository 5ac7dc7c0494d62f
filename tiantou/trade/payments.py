"""Payments: started, decided by a verified notice only, each notice used once.

Payment touches the order's row, never the stock. Money for an order that no longer waits for it is
booked as late and sent back by rule.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from tiantou.core import timers
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.kit import clock, ids
from tiantou.kit.machine import WrongState
from tiantou.regions.face import named
from tiantou.trade import payments_sql as sql
from tiantou.trade import refunds, steps
from tiantou.trade.events import LateMoneyReturned, OrderPaid
from tiantou.trade.lifecycle import ORDER, PAYMENT
from tiantou.trade.money import ledger
from tiantou.trade.ports import (
    BadNotice,
    PaymentAsked,
    PaymentGateway,
    PaymentNotice,
    RefundAnswer,
    RefundNotice,
)
from tiantou.trade.problems import AmountDiffers, CallbackRefused
from tiantou.trade.views import OrderView

TIMER = "trade.payment-query"
QUERY_EVERY = timedelta(seconds=60)
NOTICES_KEPT = timedelta(days=2)
RETURN_CHARS_MAX = 200

log = logging.getLogger("tiantou.payments")


class Started(Struct, frozen=True, kw_only=True):
    """Where to send the buyer's browser."""

    payment_id: UUID
    redirect_url: str


async def start(
    tx: Tx, gateway: PaymentGateway, buyer_id: UUID, shop_id: UUID, order_id: UUID, return_to: str
) -> Started:
    """A payment of an unpaid order; one that is still open is given again.

    Raises NotFound (another's order), WrongState, InvalidFields (return_to), GatewayDown.
    """
    if not _is_path(return_to):
        raise InvalidFields.one("return_to", "path", max=RETURN_CHARS_MAX)
    order = await steps.held(tx, shop_id, order_id)
    if order.buyer_id != buyer_id:
        raise NotFound()
    ORDER.after(order.state, "pay")
    now = clock.now()
    if order.pay_before_at is None or order.pay_before_at <= now:
        raise WrongState(ORDER.name, order.state, "pay")
    for one in await sql.of_order(tx, shop_id, order_id):
        if one.state == PAYMENT.init and one.provider == gateway.name and one.ends_at > now:
            return Started(payment_id=one.payment_id, redirect_url=one.redirect_url)
    payment_id = ids.uuid7()
    url = await gateway.create(
        PaymentAsked(
            payment_id=payment_id,
            amount_fen=order.amount_fen,
            title=order.number,
            return_to=return_to,
            ends_at=order.pay_before_at,
        )
    )
    await sql.add(
        tx,
        [(shop_id, order_id, order.amount_fen)],
        payment_id=payment_id,
        buyer_id=buyer_id,
        provider=gateway.name,
        state=PAYMENT.init,
        amount_fen=order.amount_fen,
        return_to=return_to,
        redirect_url=url,
        at=now,
        ends_at=order.pay_before_at,
    )
    await timers.set(tx, TIMER, str(payment_id), now + QUERY_EVERY)
    return Started(payment_id=payment_id, redirect_url=url)


def _is_path(return_to: str) -> bool:
    """A path of our own origin: never another host's."""
    return (
        1 <= len(return_to) <= RETURN_CHARS_MAX
        and return_to.startswith("/")
        and not return_to.startswith(("//", "/\\"))
        and return_to.isprintable()
        and "\\" not in return_to
    )


async def callback(
    tx: Tx, gateway: PaymentGateway, headers: Mapping[str, str], body: bytes
) -> None:
    """A provider's callback. Raises CallbackRefused (forged, stale, replayed), AmountDiffers."""
    try:
        notice = await gateway.verify(headers, body)
    except BadNotice as bad:
        log.warning("%s: a callback was refused: %s", gateway.name, bad.reason)
        raise CallbackRefused(reason=bad.reason) from bad
    if not await sql.first_notice(tx, gateway.name, notice.nonce, clock.now()):
        log.warning("%s: a callback was refused: replayed", gateway.name)
        raise CallbackRefused(reason="replayed")
    if isinstance(notice, RefundNotice):
        answer = RefundAnswer(
            state="done" if notice.done else "refused",
            provider_no=notice.provider_no,
            reason=notice.reason,
        )
        await refunds.hear(tx, notice.shop_id, notice.refund_id, answer)
    else:
        await hear(tx, gateway.name, notice)


async def hear(tx: Tx, provider: str, notice: PaymentNotice) -> None:
    """What a provider says of a payment, verified. Said again it changes nothing.

    Raises NotFound, AmountDiffers.
    """
    payment = await sql.hold(tx, notice.payment_id)
    if payment is None or payment.provider != provider:
        raise NotFound()
    if payment.state in PAYMENT.terminal:
        return
    if notice.state == "refused":
        if PAYMENT.can(payment.state, "gateway_refused"):
            state = PAYMENT.after(payment.state, "gateway_refused")
            await sql.set_state(tx, payment.payment_id, state, None, clock.now())
            await timers.cancel(tx, TIMER, str(payment.payment_id))
        return
    if notice.amount_fen != payment.amount_fen:
        raise AmountDiffers()
    in_time = False
    late: list[tuple[OrderView, int]] = []
    for shop_id, order_id, fen in await sql.parts(tx, payment.payment_id):
        order = await steps.held(tx, shop_id, order_id)
        if ORDER.can(order.state, "pay"):
            in_time = True
            await _paid(tx, order, payment.payment_id, fen)
        else:
            late.append((order, fen))
    event = "money_came" if in_time else "money_came_late"
    state = PAYMENT.after(payment.state, event)
    await sql.set_state(tx, payment.payment_id, state, notice.provider_no, clock.now())
    await timers.cancel(tx, TIMER, str(payment.payment_id))
    for order, fen in late:
        await _late(tx, order, payment.payment_id, fen)


async def _paid(tx: Tx, order: OrderView, payment_id: UUID, fen: int) -> None:
    now = clock.now()
    paid = await steps.go(tx, order, "pay", "system", paid_fen=fen, paid_at=now)
    await ledger.paid_in(tx, order.shop_id, order.order_id, str(payment_id), fen)
    code = order.division_code
    place = (await named(tx, [code])).get(code) if code else None
    line = order.lines[0]
    await announce(
        tx,
        OrderPaid(
            **steps.fact_of(paid),
            buyer_no=order.buyer_no,
            offer_id=line.offer_id,
            pack_id=line.pack_id,
            units=sum(one.units for one in order.lines),
            province=place.province_name if place else None,
            at=now,
        ),
    )


async def _late(tx: Tx, order: OrderView, payment_id: UUID, fen: int) -> None:
    await ledger.came_late(tx, order.shop_id, order.order_id, str(payment_id), fen)
    await refunds.send_back_late(tx, order, payment_id, fen)
    fact = LateMoneyReturned(
        shop_id=order.shop_id,
        order_id=order.order_id,
        number=order.number,
        buyer_id=order.buyer_id,
        amount_fen=fen,
    )
    await announce(tx, fact)


async def ask_again(tx: Tx, gateway: PaymentGateway, payment_id: UUID) -> None:
    """A callback did not come: the provider is asked, every minute until the payment ends.

    Raises GatewayDown.
    """
    payment = await sql.hold(tx, payment_id)
    if payment is None or payment.provider != gateway.name or payment.state in PAYMENT.terminal:
        return
    notice = await gateway.query(payment_id)
    if notice is not None:
        await hear(tx, gateway.name, notice)
    elif clock.now() < payment.ends_at + QUERY_EVERY:
        await timers.set(tx, TIMER, str(payment_id), clock.now() + QUERY_EVERY)
