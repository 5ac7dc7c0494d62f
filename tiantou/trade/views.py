"""What trade shows: frozen values, never rows. Amounts in fen, hashes in hex."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

CURRENCY = "CNY"


class BaseView(Struct, frozen=True, kw_only=True):
    """What a price is compared with: `lowest_7d` the lowest deal price of the 7 days before,
    `usual` the standing price where there was no deal.
    """

    kind: str
    price_fen: int


class OfferView(Struct, frozen=True, kw_only=True):
    """An offer. `units_left` over all its pools; `snapshot` names the document in force.

    `ship_room` are the boxes that `ship_day` still takes, `ship_then` is the next day that takes
    any, where the shop has stated what it packs. `ship_on`: sold before the harvest, for that day.
    `waiting`: how many people wait for it.
    """

    id: UUID
    shop_id: UUID
    pack_id: UUID
    product_id: UUID
    kind: str
    state: str
    paused_by: str | None
    price_fen: int
    floor_fen: int
    base: BaseView | None
    units_left: int
    per_buyer: int | None
    opens_at: datetime
    closes_at: datetime | None
    ship_day: date
    ship_room: int | None
    ship_then: date | None
    ship_on: date | None
    waiting: int
    snapshot: str
    currency: str = CURRENCY


class StockView(Struct, frozen=True, kw_only=True):
    """The boxes of a pack: free, and held or sold by orders."""

    pack_id: UUID
    available: int
    taken: int


class SalesView(Struct, frozen=True, kw_only=True):
    """Sums over the orders of an origin. Paid figures count orders whose money has come."""

    orders: int
    paid_orders: int
    units: int
    paid_fen: int
    refunded_fen: int


class EventView(Struct, frozen=True, kw_only=True):
    """A step of an order's timeline."""

    event: str
    state: str
    by: str
    at: datetime


class LineView(Struct, frozen=True, kw_only=True):
    """A line with what the buyer saw of it."""

    line_no: int
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


class PickView(Struct, frozen=True, kw_only=True):
    """Boxes of a lot in an order."""

    line_no: int
    lot_id: UUID
    lot_code: str
    boxes: int


class RefundView(Struct, frozen=True, kw_only=True):
    """A refund as it stands."""

    id: UUID
    order_id: UUID
    amount_fen: int
    reason: str
    state: str
    tries: int
    at: datetime
    done_at: datetime | None


class OrderView(Struct, frozen=True, kw_only=True):
    """An order. `amount_fen` is all that the buyer pays, `freight_fen` a part of it; coupons of the
    shop (`shop_off_fen`) and the platform (`platform_off_fen`) were taken off the goods.

    `recipient` is sealed; whoever may see it opens it with the keys.
    """

    shop_id: UUID
    order_id: UUID
    number: str
    channel: str
    external_no: str | None
    state: str
    buyer_id: UUID | None
    buyer_no: int | None
    origin: str
    note: str
    snapshot: str
    document: dict[str, Any]
    division_code: str | None
    recipient: bytes | None
    goods_fen: int
    freight_fen: int
    shop_off_fen: int
    platform_off_fen: int
    amount_fen: int
    paid_fen: int
    refunded_fen: int
    refunding_fen: int
    units_back: bool
    ship_day: date
    placed_at: datetime
    pay_before_at: datetime | None
    paid_at: datetime | None
    completed_at: datetime | None
    lines: list[LineView]
