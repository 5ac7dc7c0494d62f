"""Orders as they stand in answers: to their buyer, and to their seller."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from tiantou.accounts.face import Seller
from tiantou.core.db import Tx
from tiantou.core.keys import BadToken, Keys
from tiantou.core.problems import InvalidFields
from tiantou.kit import clock, text
from tiantou.logistics import face as logistics
from tiantou.regions.face import Division, named
from tiantou.trade import (
    checkout,
    disruptions_sql,
    orders_sql,
    payments_sql,
    refunds,
    refunds_sql,
    shipping,
)
from tiantou.trade.lifecycle import ORDER
from tiantou.trade.steps import BEFORE_SHIPPING
from tiantou.trade.views import OrderView

# Whoever packs, sends and answers for a parcel needs to know where it goes; afterwards nobody does.
ADDRESS_SHOWN = frozenset({"paid", "packing", "packed", "shipped", "exception", "delivered"})


class FromView(BaseModel):
    """What is read off a view."""

    model_config = ConfigDict(from_attributes=True)


class OrderLine(FromView):
    """A line with what the buyer saw of it; amount = units x price."""

    offer_id: UUID
    pack_id: UUID
    title: str
    grade: str
    unit: str
    net_g: int
    pieces: int | None
    photo: str
    units: int
    price_fen: int
    amount_fen: int


class OrderRow(BaseModel):
    """An order in a list. `amount_fen` is all that is to pay, freight included; what coupons of the
    shop and the platform took off is gone from it.
    """

    shop_id: UUID
    order_id: UUID
    number: str
    state: str
    seller: Seller
    lines: list[OrderLine]
    amount_fen: int
    freight_fen: int
    shop_off_fen: int
    platform_off_fen: int
    placed_at: datetime
    pay_before_at: datetime | None
    ship_day: date
    origin: str
    note: str
    currency: Literal["CNY"] = "CNY"


class RecipientOut(BaseModel):
    """To whom the parcel goes."""

    recipient: str
    phone: str
    division_code: str
    division: Division | None
    detail: str


class RecipientMasked(BaseModel):
    """To whom the parcel goes, as far as a list may show it."""

    recipient: str
    phone: str
    division_code: str
    division: Division | None


class Step(FromView):
    """A step of the timeline. `by`: buyer, seller, system, carrier, operator."""

    event: str
    state: str
    at: datetime
    by: str


class Scan(FromView):
    """Something that happened to the parcel."""

    at: datetime
    kind: str
    text: str


class Parcel(BaseModel):
    """The parcel with its events, oldest first."""

    carrier: str
    carrier_name: str
    waybill: str
    state: str
    events: list[Scan]


class Refund(FromView):
    """A refund as it stands."""

    id: UUID
    amount_fen: int
    reason: str
    state: str
    at: datetime
    done_at: datetime | None


class Pick(FromView):
    """Boxes of a lot in the order."""

    lot_id: UUID
    lot_code: str
    boxes: int


class PaymentState(BaseModel):
    """The last payment of the order, and how many were begun."""

    state: str
    tries: int


class MovedPromise(BaseModel):
    """Why the day of sending moved: from which day, behind what, and where that is."""

    ship_day_before: date
    ship_day: date
    places: list[str]
    reason: str
    until_at: datetime
    moved_at: datetime


class Order(OrderRow):
    """A whole order. `recipient` only for its buyer, and for its seller while it is needed."""

    channel: str
    external_no: str | None
    paid_fen: int
    refunded_fen: int
    refunding_fen: int
    recipient: RecipientOut | None
    recipient_masked: RecipientMasked | None
    snapshot: str
    paid_at: datetime | None
    completed_at: datetime | None
    timeline: list[Step]
    parcel: Parcel | None
    refunds: list[Refund]
    picks: list[Pick]
    payment: PaymentState | None
    moved: MovedPromise | None
    may: list[str]


class OrderPage(BaseModel):
    """A page of orders."""

    items: list[OrderRow]
    next: str | None


def states_in(asked: str | None) -> list[str] | None:
    """The states named in a query, comma between; None for all. Raises InvalidFields(state)."""
    if not asked:
        return None
    states = asked.split(",")
    if set(states) - set(ORDER.states):
        raise InvalidFields.one("state", "unknown")
    return states


def row_of(order: OrderView) -> OrderRow:
    """An order in a list, with its seller as the buyer saw him."""
    return OrderRow(
        shop_id=order.shop_id,
        order_id=order.order_id,
        number=order.number,
        state=order.state,
        seller=Seller(**order.document["seller"]),
        lines=[OrderLine.model_validate(line) for line in order.lines],
        amount_fen=order.amount_fen,
        freight_fen=order.freight_fen,
        shop_off_fen=order.shop_off_fen,
        platform_off_fen=order.platform_off_fen,
        placed_at=order.placed_at,
        pay_before_at=order.pay_before_at,
        ship_day=order.ship_day,
        origin=order.origin,
        note=order.note,
    )


def rows_of(orders: Sequence[OrderView]) -> list[OrderRow]:
    """Orders in a list."""
    return [row_of(order) for order in orders]


async def order_out(tx: Tx, keys: Keys, order: OrderView, to: Literal["buyer", "seller"]) -> Order:
    """The whole order as its buyer or its seller may see it."""
    shop_id, order_id = order.shop_id, order.order_id
    recipient, masked = await _recipient(tx, keys, order)
    seen = to == "buyer" or order.state in ADDRESS_SHOWN
    payments = await payments_sql.of_order(tx, shop_id, order_id)
    parcel = await shipping.parcel_of(tx, order)
    return Order(
        **row_of(order).model_dump(),
        channel=order.channel,
        external_no=order.external_no,
        paid_fen=order.paid_fen,
        refunded_fen=order.refunded_fen,
        refunding_fen=order.refunding_fen,
        recipient=recipient if seen else None,
        recipient_masked=masked,
        snapshot=order.snapshot,
        paid_at=order.paid_at,
        completed_at=order.completed_at,
        timeline=[
            Step.model_validate(one) for one in await orders_sql.events(tx, shop_id, order_id)
        ],
        parcel=None
        if parcel is None
        else Parcel(
            carrier=parcel.carrier,
            carrier_name=parcel.carrier_name,
            waybill=parcel.waybill,
            state=parcel.state,
            events=[Scan.model_validate(one, from_attributes=True) for one in parcel.events],
        ),
        refunds=[
            Refund.model_validate(one) for one in await refunds_sql.of_order(tx, shop_id, order_id)
        ],
        picks=[Pick.model_validate(one) for one in await orders_sql.picks(tx, shop_id, order_id)],
        payment=PaymentState(state=payments[-1].state, tries=len(payments)) if payments else None,
        moved=await _moved(tx, order),
        may=_may(order, to),
    )


async def _moved(tx: Tx, order: OrderView) -> MovedPromise | None:
    """The last move of the promise, while the order has not left."""
    if order.state not in {ORDER.init, *BEFORE_SHIPPING}:
        return None
    move = await disruptions_sql.last_move(tx, order.shop_id, order.order_id)
    one = None if move is None else await logistics.disruption(tx, move.disruption_id)
    if move is None or one is None:
        return None
    places = one.deliver or one.pick_up
    names = await logistics.place_names(tx, places)
    return MovedPromise(
        ship_day_before=move.from_day,
        ship_day=move.to_day,
        places=[names[each] for each in places],
        reason=one.reason,
        until_at=one.until_at,
        moved_at=move.at,
    )


async def _recipient(
    tx: Tx, keys: Keys, order: OrderView
) -> tuple[RecipientOut | None, RecipientMasked | None]:
    if order.recipient is None or order.division_code is None:
        return None, None
    code = order.division_code
    place = (await named(tx, [code])).get(code)
    division = Division.model_validate(place) if place else None
    try:
        to = checkout.unseal(keys, order.recipient, code)
    except BadToken:
        return None, None
    shown = RecipientOut(
        recipient=to.recipient,
        phone=to.phone,
        division_code=code,
        division=division,
        detail=to.detail,
    )
    masked = RecipientMasked(
        recipient=to.recipient[:1] + "*",
        phone=text.masked_phone(to.phone),
        division_code=code,
        division=division,
    )
    return shown, masked


def _may(order: OrderView, to: Literal["buyer", "seller"]) -> list[str]:
    """What the reader may do now."""
    left = refunds.left_of(order)
    in_time = order.pay_before_at is not None and order.pay_before_at > clock.now()
    if to == "buyer":
        acts = {
            "pay": ORDER.can(order.state, "pay") and in_time,
            "cancel": ORDER.can(order.state, "cancel"),
            "refund": order.state in BEFORE_SHIPPING and left > 0,
            "confirm": ORDER.can(order.state, "buyer_confirms"),
        }
    else:
        acts = {
            "start_packing": ORDER.can(order.state, "start_packing"),
            "pack": ORDER.can(order.state, "pack_scan"),
            "ship": ORDER.can(order.state, "pickup_scan"),
            "delivered": ORDER.can(order.state, "delivered_scan") or order.state == "exception",
            "refund": left > 0 and order.state not in ORDER.terminal,
            "short_of_goods": ORDER.can(order.state, "short_of_goods"),
            "declare_lost": ORDER.can(order.state, "declare_lost"),
        }
    return [act for act, allowed in acts.items() if allowed]
