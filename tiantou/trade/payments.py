"""Payments: started, decided by a verified notice only, each notice used once.

Payment touches the order's row, never the stock. Providers are asked outside of transactions, so
that one who answers slowly holds no row and no connection. Money for an order that no longer waits
for it is booked as late and sent back by rule.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from tiantou.core.db import Database, Tx
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
    Gateways,
    PaymentAsked,
    PaymentBegun,
    PaymentGateway,
    PaymentNotice,
    RefundAnswer,
    RefundNotice,
    Where,
)
from tiantou.trade.problems import AmountDiffers, CallbackRefused, WayNotOpen
from tiantou.trade.views import OrderView

QUERY_EVERY = timedelta(seconds=60)
NOTICES_KEPT = timedelta(days=2)
RETURN_CHARS_MAX = 200
PAGE = "/pay/"
# orders under one payment
ORDERS_MAX = 50

log = logging.getLogger("tiantou.payments")


class Wish(Struct, frozen=True, kw_only=True):
    """A buyer wants to pay orders, (shop, order) each, of several shops if he likes.

    `provider` may be empty: the first that can be paid there.
    """

    buyer_id: UUID
    orders: tuple[tuple[UUID, UUID], ...]
    return_to: str
    where: Where = "phone"
    provider: str = ""
    payer_ip: str = ""


class Started(Struct, frozen=True, kw_only=True):
    """Where to send the buyer's browser."""

    payment_id: UUID
    redirect_url: str


async def start(database: Database, gateways: Gateways, wish: Wish) -> Started:
    """One payment of unpaid orders; one that is still open in the same way is given again.

    Raises NotFound (another's order), WrongState, InvalidFields (return_to, orders), WayNotOpen,
    GatewayDown, GatewayRefused.
    """
    if not _is_path(wish.return_to):
        raise InvalidFields.one("return_to", "path", max=RETURN_CHARS_MAX)
    if not 1 <= len(set(wish.orders)) <= ORDERS_MAX:
        raise InvalidFields.one("orders", "length", min=1, max=ORDERS_MAX)
    gateway, way = _chosen(gateways, wish)
    async with database.begin() as tx:
        row, title = await _open(tx, gateway.name, way, wish)
    if row.redirect_url:
        return Started(payment_id=row.payment_id, redirect_url=row.redirect_url)
    # Should this fail, the row stands: the next try begins the same payment, and an errand closes
    # it in the end.
    begun = await gateway.create(_asked(row, title, wish.payer_ip))
    url = await _begun(database, row.payment_id, begun)
    return Started(payment_id=row.payment_id, redirect_url=url)


async def identified(
    database: Database,
    gateway: PaymentGateway,
    buyer_id: UUID,
    payment_id: UUID,
    code: str,
    payer_ip: str,
) -> str:
    """The provider has sent the browser back with a word on who pays; gives the page to go to.

    Raises NotFound, BadNotice, GatewayDown, GatewayRefused.
    """
    async with database.begin() as tx:
        row = await sql.hold(tx, payment_id)
        if row is None or row.buyer_id != buyer_id or row.provider != gateway.name:
            raise NotFound()
        title = await sql.title_of(tx, payment_id)
    if row.state == PAYMENT.init and row.bridge is None:
        payer = await gateway.identify(code)
        begun = await gateway.create(_asked(row, title, payer_ip, payer))
        async with database.begin() as tx:
            await sql.set_begun(tx, payment_id, row.redirect_url, begun.code, begun.bridge)
    return f"{PAGE}{payment_id}"


def _chosen(gateways: Gateways, wish: Wish) -> tuple[PaymentGateway, str]:
    choices = gateways.choices(wish.where)
    for gateway, way in choices:
        if wish.provider in {"", gateway.name}:
            return gateway, way
    raise WayNotOpen(providers=[gateway.name for gateway, _ in choices])


async def _open(tx: Tx, provider: str, way: str, wish: Wish) -> tuple[sql.PaymentRow, str]:
    """The open payment of just these orders in this way, or a new one; and the orders' numbers.

    It ends with the first of its orders; what comes later for another one is late for that alone.
    """
    now = clock.now()
    held = [await _unpaid(tx, wish.buyer_id, *one) for one in sorted(set(wish.orders))]
    parts = [(one.shop_id, one.order_id, one.amount_fen) for one in held]
    title = " ".join(one.number for one in held)
    for one in await sql.of_order(tx, held[0].shop_id, held[0].order_id):
        same = (one.state, one.provider, one.way) == (PAYMENT.init, provider, way)
        if same and one.ends_at > now and await sql.parts(tx, one.payment_id) == parts:
            return one, title
    row = sql.PaymentRow(
        payment_id=ids.uuid7(),
        buyer_id=wish.buyer_id,
        provider=provider,
        provider_no=None,
        state=PAYMENT.init,
        amount_fen=sum(one.amount_fen for one in held),
        return_to=wish.return_to,
        redirect_url="",
        ends_at=min(one.pay_before_at for one in held if one.pay_before_at),
        way=way,
        code=None,
        bridge=None,
        asks=0,
    )
    await sql.add(tx, row, parts, now, now + QUERY_EVERY)
    return row, title


async def _unpaid(tx: Tx, buyer_id: UUID, shop_id: UUID, order_id: UUID) -> OrderView:
    """An order that its buyer may pay now, held. Raises NotFound, WrongState."""
    order = await steps.held(tx, shop_id, order_id)
    if order.buyer_id != buyer_id:
        raise NotFound()
    ORDER.after(order.state, "pay")
    if order.pay_before_at is None or order.pay_before_at <= clock.now():
        raise WrongState(ORDER.name, order.state, "pay")
    return order


def _asked(row: sql.PaymentRow, title: str, payer_ip: str, payer: str = "") -> PaymentAsked:
    return PaymentAsked(
        payment_id=row.payment_id,
        amount_fen=row.amount_fen,
        title=title,
        return_to=row.return_to,
        ends_at=row.ends_at,
        way=row.way,
        payer=payer,
        payer_ip=payer_ip,
    )


async def _begun(database: Database, payment_id: UUID, begun: PaymentBegun) -> str:
    url = begun.url or f"{PAGE}{payment_id}"
    async with database.begin() as tx:
        await sql.set_begun(tx, payment_id, url, begun.code, begun.bridge)
    return url


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
    database: Database, gateway: PaymentGateway, headers: Mapping[str, str], body: bytes
) -> None:
    """A provider's callback. Raises CallbackRefused (forged, stale, replayed, a number that is
    another payment's), AmountDiffers, NotFound, GatewayDown.
    """
    try:
        notice = await gateway.verify(headers, body)
    except BadNotice as bad:
        log.warning("%s: a callback was refused: %s", gateway.name, bad.reason)
        raise CallbackRefused(reason=bad.reason) from bad
    async with database.begin() as tx:
        if not await sql.first_notice(tx, gateway.name, notice.nonce, clock.now()):
            log.warning("%s: a callback changes nothing: replayed", gateway.name)
            if gateway.repeats:
                return
            raise CallbackRefused(reason="replayed")
        if isinstance(notice, RefundNotice):
            answer = RefundAnswer(
                state="done" if notice.done else "refused",
                provider_no=notice.provider_no,
                reason=notice.reason,
            )
            await refunds.hear(tx, notice.shop_id, notice.refund_id, answer)
        elif isinstance(notice, PaymentNotice):
            await hear(tx, gateway.name, notice)


async def hear(tx: Tx, provider: str, notice: PaymentNotice) -> None:
    """What a provider says of a payment, verified. Said again it changes nothing.

    Raises NotFound, AmountDiffers, CallbackRefused (its number is another payment's).
    """
    payment = await sql.hold(tx, notice.payment_id)
    if payment is None or payment.provider != provider:
        raise NotFound()
    if payment.state in PAYMENT.terminal:
        return
    now = clock.now()
    if notice.state == "refused":
        if PAYMENT.can(payment.state, "gateway_refused"):
            state = PAYMENT.after(payment.state, "gateway_refused")
            await sql.decide(tx, payment.payment_id, state, None, now, None)
        return
    if notice.amount_fen != payment.amount_fen:
        log.error("%s: payment %s has come with another amount", provider, payment.payment_id)
        raise AmountDiffers()
    if await sql.number_taken(tx, provider, notice.provider_no, payment.payment_id):
        log.error("%s: the number of another payment for %s", provider, payment.payment_id)
        raise CallbackRefused(reason="number-reused")
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
    no, at = notice.provider_no, notice.at or now
    await sql.decide(tx, payment.payment_id, state, no, now, at)
    for order, fen in late:
        await _late(tx, order, payment.payment_id, fen)


def _ref(payment_id: UUID, order: OrderView) -> str:
    """An order's part of a payment: one payment may pay several orders of one shop."""
    return f"{payment_id}/{order.order_id}"


async def _paid(tx: Tx, order: OrderView, payment_id: UUID, fen: int) -> None:
    now = clock.now()
    paid = await steps.go(tx, order, "pay", "system", paid_fen=fen, paid_at=now)
    await ledger.paid_in(tx, order.shop_id, order.order_id, _ref(payment_id, order), fen)
    await ledger.add_coupon(tx, order.shop_id, order.order_id, order.platform_off_fen)
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
    await sql.mark_late(tx, payment_id, order.shop_id, order.order_id)
    await ledger.came_late(tx, order.shop_id, order.order_id, _ref(payment_id, order), fen)
    await refunds.send_back_late(tx, order, payment_id, fen)
    fact = LateMoneyReturned(
        shop_id=order.shop_id,
        order_id=order.order_id,
        number=order.number,
        buyer_id=order.buyer_id,
        amount_fen=fen,
    )
    await announce(tx, fact)
