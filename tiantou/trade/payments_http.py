"""Routes of paying: the buyer is sent to the provider, the provider calls back."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from tiantou.core.http import Caller, InTx, asks, problems, router
from tiantou.core.problems import Busy, InvalidFields, NotFound, SignInRequired, WrongStep
from tiantou.trade import payments
from tiantou.trade.ports import GatewayDown, PaymentGateway
from tiantou.trade.problems import AmountDiffers, CallbackRefused

routes = router("trade")

CALLBACKS = "/api/payments/"
CALLBACK_BYTES_MAX = 64 * 1024

Gateway = Annotated[PaymentGateway, asks(PaymentGateway)]


class PayIn(BaseModel):
    """`return_to`: the path of ours that the browser comes back to."""

    return_to: str = Field(min_length=1, max_length=200)


class PayOut(BaseModel):
    """Where the browser goes to pay."""

    payment_id: UUID
    redirect_url: str


@routes.post(
    "/api/orders/{shop}/{order}/pay",
    responses=problems(SignInRequired, NotFound, InvalidFields, WrongStep, Busy),
)
async def pay_order(
    shop: UUID, order: UUID, asked: PayIn, tx: InTx, caller: Caller, gateway: Gateway
) -> PayOut:
    """Begins a payment of an unpaid order, or gives the one that is open."""
    try:
        started = await payments.start(tx, gateway, caller.person_id, shop, order, asked.return_to)
    except GatewayDown as down:
        raise Busy(retry_after_s=5) from down
    return PayOut(payment_id=started.payment_id, redirect_url=started.redirect_url)


@routes.post(
    CALLBACKS + "{provider}/callback",
    status_code=204,
    responses=problems(CallbackRefused, AmountDiffers, NotFound),
)
async def payment_callback(provider: str, request: Request, tx: InTx, gateway: Gateway) -> Response:
    """A provider's signed word on a payment or a refund; refused before anything of it is used."""
    if provider != gateway.name:
        raise NotFound()
    body = await request.body()
    if len(body) > CALLBACK_BYTES_MAX:
        raise CallbackRefused(reason="too-large")
    await payments.callback(tx, gateway, request.headers, body)
    return Response(status_code=204)
