"""Routes of buyers: what is on offer, and their own orders. Placing one is in orders_http."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel

from tiantou.catalog.face import product
from tiantou.core.fields import DIVISION_CODE, REASON, id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, WithKeys, problems, router
from tiantou.core.problems import (
    InvalidFields,
    KeyReused,
    NotFound,
    SignInRequired,
    WrongStep,
)
from tiantou.kit import clock, paging
from tiantou.kit.machine import WrongState
from tiantou.logistics.face import Disrupted, NotServed, WouldRot, quote
from tiantou.regions.face import division as find_division
from tiantou.trade import offers, offers_sql, orders, orders_sql, stock
from tiantou.trade.lifecycle import ORDER
from tiantou.trade.orders_wire import Order, OrderPage, order_out, rows_of, states_in
from tiantou.trade.problems import AmountTooHigh
from tiantou.trade.steps import BEFORE_SHIPPING
from tiantou.trade.views import OrderView
from tiantou.trade.wire import Offer

routes = router("trade")

_MINE = problems(SignInRequired, NotFound, InvalidFields, WrongStep)
State = Annotated[str | None, Query(max_length=200)]
UNITS_MAX = 99


class Empty(BaseModel):
    """Nothing to say."""


class ReasonIn(BaseModel):
    """Why."""

    reason: REASON


class OfferDetail(Offer):
    """An offer with the document that its `snapshot` names: what the buyer sees and agrees to."""

    document: dict[str, Any]


class FreightQuote(BaseModel):
    """What an order would cost now: `amount_fen` is all that is to pay, freight included."""

    freight_fen: int
    amount_fen: int
    ship_day: date


class Offers(BaseModel):
    """Offers of a product."""

    items: list[Offer]
    next: str | None = None


def act_key(request: Request) -> str:
    """The key of an act: the client's own, or one of its trace."""
    return request.headers.get("idempotency-key") or str(request.scope.get("trace_id", clock.now()))


@routes.get("/api/offers/{shop}/{offer}", responses=problems(NotFound))
async def get_offer(shop: UUID, offer: UUID, tx: InTx) -> OfferDetail:
    """An offer as it stands, and the document that is agreed to."""
    found = await offers.offer(tx, shop, offer)
    document = await stock.document(tx, shop, found.snapshot)
    if document is None:
        raise NotFound()
    return OfferDetail(**Offer.model_validate(found).model_dump(), document=document)


@routes.get(
    "/api/offers/{shop}/{offer}/freight",
    responses=problems(NotFound, NotServed, Disrupted, WouldRot, InvalidFields),
)
async def quote_freight(
    shop: UUID,
    offer: UUID,
    tx: InTx,
    division: DIVISION_CODE,
    units: Annotated[int, Query(ge=1, le=UNITS_MAX)] = 1,
) -> FreightQuote:
    """What so many units of an offer cost with their way to a place where an address may end."""
    found = await offers.offer(tx, shop, offer)
    net_g = await offers_sql.net_g_of(tx, shop, offer)
    place = await find_division(tx, division)
    if place is None or not place.leaf:
        raise InvalidFields.one("division", "unknown")
    goods_fen = units * found.price_fen
    sold = await product(tx, found.product_id)
    freight = await quote(
        tx,
        shop,
        division,
        units * (net_g or 0),
        goods_fen,
        found.ship_day,
        sold.variety.id if sold else None,
    )
    return FreightQuote(
        freight_fen=freight.fen, amount_fen=goods_fen + freight.fen, ship_day=found.ship_day
    )


@routes.get("/api/products/{product_id}/offers", responses=problems(NotFound))
async def list_offers(product_id: UUID, tx: InTx) -> Offers:
    """What of a product can be bought, standing offers first."""
    if await product(tx, product_id) is None:
        raise NotFound()
    found = await offers_sql.offers_of_product(tx, product_id, clock.now())
    return Offers(items=[Offer.model_validate(one) for one in found])


@routes.get("/api/me/orders", responses=problems(SignInRequired, InvalidFields))
async def my_orders(
    tx: InTx,
    caller: Caller,
    state: State = None,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> OrderPage:
    """The caller's orders over all shops, newest first; `state` may name several."""
    found = await orders_sql.orders_of_buyer(
        tx, caller.person_id, states_in(state), id_in(cursor), limit + 1
    )
    more = paging.pack(found[limit - 1].order_id) if len(found) > limit else None
    return OrderPage(items=rows_of(found[:limit]), next=more)


@routes.get("/api/me/orders/{shop}/{order}", responses=problems(SignInRequired, NotFound))
async def my_order(shop: UUID, order: UUID, tx: InTx, caller: Caller, keys: WithKeys) -> Order:
    """One of the caller's orders."""
    found = await orders_sql.order(tx, shop, order)
    if found is None or found.buyer_id != caller.person_id:
        raise NotFound()
    return await order_out(tx, keys, found, "buyer")


async def _shown(tx: InTx, keys: WithKeys, order: OrderView) -> Order:
    found = await orders_sql.order(tx, order.shop_id, order.order_id)
    if found is None:
        raise NotFound()
    return await order_out(tx, keys, found, "buyer")


@routes.post("/api/me/orders/{shop}/{order}/cancel", responses=_MINE)
async def cancel_order(
    shop: UUID, order: UUID, _: Empty, tx: InTx, caller: Caller, keys: WithKeys
) -> Order:
    """An unpaid order is not wanted any more."""
    return await _shown(tx, keys, await orders.cancel(tx, caller.person_id, shop, order))


@routes.post(
    "/api/me/orders/{shop}/{order}/refund",
    responses=problems(
        SignInRequired, NotFound, InvalidFields, WrongStep, KeyReused, AmountTooHigh
    ),
)
async def refund_order(
    shop: UUID,
    order: UUID,
    asked: ReasonIn,
    tx: InTx,
    caller: Caller,
    keys: WithKeys,
    request: Request,
) -> Order:
    """All of the payment back, while the parcel has not left."""
    mine = await orders.mine(tx, caller.person_id, shop, order)
    if mine.state not in BEFORE_SHIPPING and mine.state != "closed":
        raise WrongState(ORDER.name, mine.state, "refund_full")
    await orders.refund(tx, mine, None, asked.reason, act_key(request), "buyer", caller.person_id)
    return await _shown(tx, keys, mine)


@routes.post("/api/me/orders/{shop}/{order}/confirm", responses=_MINE)
async def confirm_order(
    shop: UUID, order: UUID, _: Empty, tx: InTx, caller: Caller, keys: WithKeys
) -> Order:
    """The parcel is there and all is well."""
    return await _shown(tx, keys, await orders.confirm(tx, caller.person_id, shop, order))
