"""Routes of paying: the buyer is sent to the provider, the provider calls back.

Nothing of these is kept under an Idempotency-Key: each act is the same however often it is done,
and providers are asked while no transaction is open.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import segno
from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse

from tiantou.core import audit
from tiantou.core.db import Database
from tiantou.core.fields import CLEAN
from tiantou.core.http import (
    Caller,
    InTx,
    Operator,
    WithDatabase,
    asks,
    problems,
    router,
)
from tiantou.core.problems import (
    Busy,
    InvalidFields,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongStep,
)
from tiantou.core.subject import Subject
from tiantou.trade import payments, payments_sql, refunds
from tiantou.trade.ports import (
    BadNotice,
    GatewayDown,
    GatewayRefused,
    Gateways,
    PaymentGateway,
    Where,
)
from tiantou.trade.problems import (
    AlreadyRefunded,
    AmountDiffers,
    CallbackRefused,
    ProviderRefuses,
    WayNotOpen,
)

routes = router("trade", keeps=False)

CALLBACKS = "/api/payments/"
CALLBACK_BYTES_MAX = 64 * 1024
WORD_CHARS_MAX = 200
RETRY_AFTER_S = 5

WithGateways = Annotated[Gateways, asks(Gateways)]
Provider = Annotated[str, Path(max_length=20)]


class PayIn(BaseModel):
    """`return_to`: the path of ours that the browser comes back to. `where` the page is: inside
    WeChat, in a phone's browser, on a desk. `provider`: one of `/api/payments/ways`; empty for the
    first.
    """

    return_to: str = Field(min_length=1, max_length=200)
    where: Where = "phone"
    provider: str = Field(default="", max_length=20)


class OrderKey(BaseModel):
    """An order by its keys."""

    shop_id: UUID
    order_id: UUID


class PayAllIn(PayIn):
    """Several orders that are paid together."""

    orders: list[OrderKey] = Field(min_length=1, max_length=payments.ORDERS_MAX)


class PayOut(BaseModel):
    """Where the browser goes to pay."""

    payment_id: UUID
    redirect_url: str


class WayOut(BaseModel):
    """A provider that can be paid, and how: page, jsapi, h5, native, wap."""

    provider: str
    way: str


class WaysOut(BaseModel):
    """The providers that can be paid from there."""

    items: list[WayOut]


class PaymentOut(BaseModel):
    """A payment as its buyer sees it.

    `qr`: a picture to scan, as a data address. `bridge`: what the page hands to WeChat.
    """

    payment_id: UUID
    provider: str
    way: str
    state: str
    amount_fen: int
    currency: Literal["CNY"] = "CNY"
    ends_at: datetime
    return_to: str
    qr: str | None
    bridge: dict[str, str] | None


class ByHandIn(BaseModel):
    """How the money was sent."""

    note: Annotated[str, Field(min_length=2, max_length=80), CLEAN]


@routes.post(
    "/api/orders/{shop}/{order}/pay",
    responses=problems(
        SignInRequired, NotFound, InvalidFields, WrongStep, WayNotOpen, ProviderRefuses, Busy
    ),
)
async def pay_order(
    shop: UUID,
    order: UUID,
    asked: PayIn,
    database: WithDatabase,
    caller: Caller,
    gateways: WithGateways,
    request: Request,
) -> PayOut:
    """Begins a payment of an unpaid order, or gives the one that is open."""
    return await _begin(database, caller, gateways, request, ((shop, order),), asked)


@routes.post(
    "/api/checkouts/pay",
    responses=problems(
        SignInRequired, NotFound, InvalidFields, WrongStep, WayNotOpen, ProviderRefuses, Busy
    ),
)
async def pay_orders(
    asked: PayAllIn,
    database: WithDatabase,
    caller: Caller,
    gateways: WithGateways,
    request: Request,
) -> PayOut:
    """Begins one payment of unpaid orders of several shops, or gives the one that is open."""
    orders = tuple((one.shop_id, one.order_id) for one in asked.orders)
    return await _begin(database, caller, gateways, request, orders, asked)


async def _begin(
    database: Database,
    caller: Subject,
    gateways: Gateways,
    request: Request,
    orders: tuple[tuple[UUID, UUID], ...],
    asked: PayIn,
) -> PayOut:
    wish = payments.Wish(
        buyer_id=caller.person_id,
        orders=orders,
        return_to=asked.return_to,
        where=asked.where,
        provider=asked.provider,
        payer_ip=_client_ip(request),
    )
    try:
        started = await payments.start(database, gateways, wish)
    except GatewayDown as down:
        raise Busy(retry_after_s=RETRY_AFTER_S) from down
    except GatewayRefused as refused:
        raise ProviderRefuses(provider=asked.provider) from refused
    return PayOut(payment_id=started.payment_id, redirect_url=started.redirect_url)


def _client_ip(request: Request) -> str:
    return str(request.scope.get("client_ip") or "127.0.0.1")


@routes.get(CALLBACKS + "ways")
async def list_ways(gateways: WithGateways, where: Where = "phone") -> WaysOut:
    """The providers that can be paid from inside WeChat, a phone's browser, or a desk."""
    found = gateways.choices(where)
    return WaysOut(items=[WayOut(provider=one.name, way=way) for one, way in found])


@routes.get(CALLBACKS + "{payment_id}", responses=problems(SignInRequired, NotFound))
async def get_payment(payment_id: UUID, tx: InTx, caller: Caller) -> PaymentOut:
    """One of the caller's payments: what to scan or to hand on, and whether it is made."""
    found = await payments_sql.one(tx, payment_id)
    if found is None or found.buyer_id != caller.person_id:
        raise NotFound()
    shown = found.state == "started"
    qr = segno.make(found.code, error="m") if found.code and shown else None
    return PaymentOut(
        payment_id=found.payment_id,
        provider=found.provider,
        way=found.way,
        state=found.state,
        amount_fen=found.amount_fen,
        ends_at=found.ends_at,
        return_to=found.return_to,
        qr=qr.svg_data_uri(scale=6, border=4) if qr else None,
        bridge=found.bridge if shown else None,
    )


@routes.get(
    CALLBACKS + "{provider}/identified",
    status_code=303,
    response_class=RedirectResponse,
    responses=problems(SignInRequired, NotFound, CallbackRefused, ProviderRefuses, Busy),
)
async def identified(
    provider: Provider,
    request: Request,
    database: WithDatabase,
    caller: Caller,
    gateways: WithGateways,
    code: Annotated[str, Query(min_length=1, max_length=WORD_CHARS_MAX)],
    state: UUID,
) -> RedirectResponse:
    """The provider sends the buyer's browser back with a word on who pays payment `state`."""
    gateway = _named(gateways, provider)
    try:
        page = await payments.identified(
            database, gateway, caller.person_id, state, code, _client_ip(request)
        )
    except BadNotice as bad:
        raise CallbackRefused(reason=bad.reason) from bad
    except GatewayDown as down:
        raise Busy(retry_after_s=RETRY_AFTER_S) from down
    except GatewayRefused as refused:
        raise ProviderRefuses(provider=provider) from refused
    return RedirectResponse(page, 303)


def _named(gateways: Gateways, provider: str) -> PaymentGateway:
    found = gateways.named(provider)
    if found is None:
        raise NotFound()
    return found


@routes.post(
    CALLBACKS + "{provider}/callback",
    response_class=Response,
    responses=problems(CallbackRefused, AmountDiffers, NotFound, Busy),
)
async def payment_callback(
    provider: Provider, request: Request, database: WithDatabase, gateways: WithGateways
) -> Response:
    """A provider's signed word on a payment or a refund; refused before anything of it is used."""
    gateway = _named(gateways, provider)
    body = await request.body()
    if len(body) > CALLBACK_BYTES_MAX:
        raise CallbackRefused(reason="too-large")
    try:
        await payments.callback(database, gateway, request.headers, body)
    except GatewayDown as down:
        raise Busy(retry_after_s=RETRY_AFTER_S) from down
    if not gateway.thanks:
        return Response(status_code=204)
    return Response(gateway.thanks, media_type="text/plain")


@routes.post(
    "/api/desk/refunds/{shop}/{refund}/paid-by-hand",
    status_code=204,
    responses=problems(
        SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep, AlreadyRefunded, Busy
    ),
)
async def refund_paid_by_hand(
    shop: UUID,
    refund: UUID,
    asked: ByHandIn,
    database: WithDatabase,
    caller: Operator,
    gateways: WithGateways,
) -> None:
    """An operator has sent the money by other means; the provider is asked first that it has not
    done so itself.
    """
    async with database.begin() as tx:
        provider, want = await refunds.asked_of(tx, shop, refund)
        await refunds.must_take(tx, shop, refund, "paid_by_hand")
    gateway = gateways.named(provider)
    try:
        known = await gateway.refund_query(want) if gateway else None
    except GatewayDown as down:
        raise Busy(retry_after_s=RETRY_AFTER_S) from down
    async with database.begin() as tx:
        if known is not None and known.state == "done":
            await refunds.hear(tx, shop, refund, known)
        else:
            await refunds.paid_by_hand(tx, shop, refund, asked.note)
            did, of = "trade.refund-by-hand", f"refund:{refund}"
            await audit.write(tx, caller, did, of, None, {"note": asked.note})
    if known is not None and known.state == "done":
        raise AlreadyRefunded()
