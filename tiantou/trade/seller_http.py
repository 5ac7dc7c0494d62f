"""Routes of sellers: orders to pack and send, refunds they grant, what is in stock."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import AfterValidator, BaseModel, Field

from tiantou.catalog.face import packs
from tiantou.core import audit
from tiantou.core.fields import REASON, id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, WithKeys, problems, router
from tiantou.core.problems import (
    AlreadyThere,
    InvalidFields,
    KeyReused,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongStep,
)
from tiantou.core.subject import MANAGER, PACKER
from tiantou.kit import clock, paging
from tiantou.logistics.face import ParcelStopped
from tiantou.supply.face import BoxTaken, LotNotOpen, LotShort
from tiantou.trade import offers_sql, orders, orders_sql, presales, shipping, steps
from tiantou.trade.http import Empty, ReasonIn, State, act_key
from tiantou.trade.orders_wire import Order, OrderPage, order_out, rows_of, states_in
from tiantou.trade.picks import Scanned
from tiantou.trade.presales_http import Presale
from tiantou.trade.problems import AmountTooHigh, PaidElsewhere, WrongPicks
from tiantou.trade.wire import Offer

routes = router("trade")

_READ = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)
_ACT = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep)
HANDS = (MANAGER, PACKER)


class PickIn(BaseModel):
    """Boxes of a packed lot that were scanned."""

    lot_id: UUID
    boxes: int = Field(ge=1, le=999)


BoxCode = Annotated[str, Field(min_length=8, max_length=20), AfterValidator(str.upper)]


class PackIn(BaseModel):
    """The boxes that went in, by lot, or by the `codes` of their labels; null for both takes those
    that expire first.
    """

    picks: Annotated[list[PickIn], Field(min_length=1, max_length=50)] | None = None
    codes: Annotated[list[BoxCode], Field(min_length=1, max_length=999)] | None = None


class ShipIn(BaseModel):
    """The parcel's carrier (code or Chinese name) and waybill."""

    carrier: str = Field(min_length=1, max_length=20)
    waybill: str = Field(max_length=40)


class RefundIn(BaseModel):
    """How much of the payment goes back, and why."""

    amount_fen: int = Field(ge=1, le=1_000_000_000)
    reason: REASON


class StockRow(BaseModel):
    """The boxes of a pack: free, and held or sold; and its standing offer."""

    pack_id: UUID
    product_id: UUID
    title: str
    unit: str
    photo: str
    available: int
    taken: int
    offer: Offer | None
    flash: Offer | None
    presale: Presale | None


class Stock(BaseModel):
    """All packs of a seller that have stock."""

    items: list[StockRow]
    next: str | None = None


@routes.get("/api/orgs/{org}/orders", responses=_READ)
async def list_orders(
    org: UUID,
    tx: InTx,
    caller: Caller,
    state: State = None,
    q: Annotated[str | None, Query(max_length=30)] = None,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> OrderPage:
    """The seller's orders, newest first; `q` is the beginning of a number."""
    caller.must(org, *HANDS)
    number = "".join(sign for sign in (q or "").upper() if sign.isalnum()) or None
    found = await orders_sql.orders_of_shop(
        tx, org, states_in(state), number, id_in(cursor), limit + 1
    )
    more = paging.pack(found[limit - 1].order_id) if len(found) > limit else None
    return OrderPage(items=rows_of(found[:limit]), next=more)


@routes.get("/api/orgs/{org}/orders/{order}", responses=_READ)
async def get_order(org: UUID, order: UUID, tx: InTx, caller: Caller, keys: WithKeys) -> Order:
    """One of the seller's orders."""
    caller.must(org, *HANDS)
    return await _shown(tx, keys, org, order)


async def _shown(tx: InTx, keys: WithKeys, org: UUID, order: UUID) -> Order:
    found = await orders_sql.order(tx, org, order)
    if found is None:
        raise NotFound()
    return await order_out(tx, keys, found, "seller")


@routes.post("/api/orgs/{org}/orders/{order}/start-packing", responses=_ACT)
async def start_packing(
    org: UUID, order: UUID, _: Empty, tx: InTx, caller: Caller, keys: WithKeys
) -> Order:
    """The seller begins to pack."""
    caller.must(org, *HANDS)
    await orders.start_packing(tx, org, order, caller.person_id)
    return await _shown(tx, keys, org, order)


@routes.post(
    "/api/orgs/{org}/orders/{order}/pack",
    responses=problems(
        SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep, WrongPicks, LotShort,
        LotNotOpen, BoxTaken,
    ),
)  # fmt: skip
async def pack_order(
    org: UUID, order: UUID, asked: PackIn, tx: InTx, caller: Caller, keys: WithKeys
) -> Order:
    """Every box is bound to its lot, as scanned or first expired first."""
    caller.must(org, *HANDS)
    scanned = None
    if asked.picks is not None:
        scanned = [Scanned(lot_id=one.lot_id, boxes=one.boxes) for one in asked.picks]
    if asked.codes is not None and len(set(asked.codes)) != len(asked.codes):
        raise InvalidFields.one("codes", "twice")
    await orders.pack(tx, org, order, caller.person_id, scanned, asked.codes)
    return await _shown(tx, keys, org, order)


@routes.post(
    "/api/orgs/{org}/orders/{order}/ship",
    responses=problems(
        SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep, AlreadyThere, ParcelStopped
    ),
)
async def ship_order(
    org: UUID, order: UUID, asked: ShipIn, tx: InTx, caller: Caller, keys: WithKeys
) -> Order:
    """The parcel was handed over."""
    caller.must(org, *HANDS)
    await shipping.ship(tx, org, order, caller.person_id, asked.carrier, asked.waybill)
    return await _shown(tx, keys, org, order)


@routes.post("/api/orgs/{org}/orders/{order}/delivered", responses=_ACT)
async def delivered_order(
    org: UUID, order: UUID, _: Empty, tx: InTx, caller: Caller, keys: WithKeys
) -> Order:
    """The parcel arrived, as far as the seller knows."""
    caller.must(org, *HANDS)
    await shipping.delivered(tx, org, order, caller.person_id)
    return await _shown(tx, keys, org, order)


@routes.post(
    "/api/orgs/{org}/orders/{order}/refund",
    responses=problems(
        SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep, KeyReused, AmountTooHigh,
        PaidElsewhere,
    ),
)  # fmt: skip
async def refund_order(
    org: UUID,
    order: UUID,
    asked: RefundIn,
    tx: InTx,
    caller: Caller,
    keys: WithKeys,
    request: Request,
) -> Order:
    """Part of the payment, or all that is left of it, goes back."""
    caller.must(org, MANAGER)
    held = await steps.held(tx, org, order)
    made = await orders.refund(
        tx, held, asked.amount_fen, asked.reason, act_key(request), "seller", caller.person_id
    )
    after = {"amount_fen": made.amount_fen, "reason": made.reason}
    await audit.write(tx, caller, "trade.refund", f"order:{order}", None, after)
    return await _shown(tx, keys, org, order)


@routes.post("/api/orgs/{org}/orders/{order}/short-of-goods", responses=_ACT)
async def short_of_goods(
    org: UUID, order: UUID, asked: ReasonIn, tx: InTx, caller: Caller, keys: WithKeys
) -> Order:
    """The seller cannot deliver: everything is refunded and the units stay out of stock."""
    caller.must(org, MANAGER)
    await orders.short_of_goods(tx, org, order, caller.person_id, asked.reason)
    await audit.write(
        tx, caller, "trade.short-of-goods", f"order:{order}", None, {"reason": asked.reason}
    )
    return await _shown(tx, keys, org, order)


@routes.post("/api/orgs/{org}/orders/{order}/lost", responses=_ACT)
async def lost_order(
    org: UUID, order: UUID, _: Empty, tx: InTx, caller: Caller, keys: WithKeys
) -> Order:
    """The parcel will not come any more: everything is refunded."""
    caller.must(org, MANAGER)
    await orders.declare_lost(tx, org, order, caller.person_id)
    await audit.write(tx, caller, "trade.lost", f"order:{order}", None, None)
    return await _shown(tx, keys, org, order)


@routes.get("/api/orgs/{org}/stock", responses=_READ)
async def list_stock(org: UUID, tx: InTx, caller: Caller) -> Stock:
    """What is in stock, pack by pack, and at which price it is sold."""
    caller.must(org)
    stock = await offers_sql.stock_of(tx, org, None)
    goods = await packs(tx, [one.pack_id for one in stock])
    open_now = await offers_sql.offers_of_packs(tx, org, list(goods), clock.now())
    ahead = await presales.views(tx, org, list(goods))
    by = {(one.pack_id, one.kind): Offer.model_validate(one) for one in open_now}
    return Stock(
        items=[
            StockRow(
                pack_id=one.pack_id,
                product_id=goods[one.pack_id].product_id,
                title=goods[one.pack_id].title,
                unit=goods[one.pack_id].unit,
                photo=goods[one.pack_id].photo,
                available=one.available,
                taken=one.taken,
                offer=by.get((one.pack_id, "standing")),
                flash=by.get((one.pack_id, "flash")),
                presale=Presale.model_validate(ahead[one.pack_id])
                if one.pack_id in ahead
                else None,
            )
            for one in stock
            if one.pack_id in goods
        ]
    )
