"""What trade announces. Facts of an order are keyed by it, facts of stock by the offer.

`order-placed`, `order-expired`, `stock-moved`, `stock-edge` and `waiting-offered` are written by
the admission's own statements (see the migrations); their fields here are the contract that tests
hold them to.
"""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from tiantou.core.outbox import Fact


class _OrderFact(Fact, frozen=True, kw_only=True):
    keyed_by: ClassVar[str] = "order_id"

    shop_id: UUID
    order_id: UUID
    number: str
    origin: str
    buyer_id: UUID | None
    amount_fen: int


class OrderPlaced(_OrderFact, frozen=True, kw_only=True):
    """An order was admitted and waits for its payment."""

    channel: str
    buyer_no: int | None
    offer_id: UUID
    pack_id: UUID
    units: int
    goods_fen: int
    division_code: str | None


class OrderPaid(_OrderFact, frozen=True, kw_only=True):
    """The money of an order has come. `province` is a division's name, never an address."""

    buyer_no: int | None
    offer_id: UUID
    pack_id: UUID
    units: int
    province: str | None
    at: datetime


class OrderExpired(_OrderFact, frozen=True, kw_only=True):
    """An unpaid order's hold ran out; its units are free again."""


class OrderCancelled(_OrderFact, frozen=True, kw_only=True):
    """The buyer cancelled an unpaid order; its units are free again."""


class OrderPacked(_OrderFact, frozen=True, kw_only=True):
    """Every box of the order is bound to its lot."""


class OrderShipped(_OrderFact, frozen=True, kw_only=True):
    """The parcel was handed over."""

    carrier: str
    waybill: str


class OrderDelivered(_OrderFact, frozen=True, kw_only=True):
    """The parcel arrived; the claim window runs."""


class OrderCompleted(_OrderFact, frozen=True, kw_only=True):
    """The buyer confirmed, or the claim window is over."""

    at: datetime


class OrderRefunded(_OrderFact, frozen=True, kw_only=True):
    """Money went back. `whole`: nothing of the payment is left. A new negative line, no update."""

    refund_id: UUID
    refunded_fen: int
    whole: bool


class LateMoneyReturned(Fact, frozen=True, kw_only=True):
    """Money came for an order that no longer waits for it, and is sent back by rule."""

    keyed_by: ClassVar[str] = "order_id"

    shop_id: UUID
    order_id: UUID
    number: str
    buyer_id: UUID | None
    amount_fen: int


class _OfferFact(Fact, frozen=True, kw_only=True):
    keyed_by: ClassVar[str] = "offer_id"

    shop_id: UUID
    offer_id: UUID
    pack_id: UUID


class OfferOpened(_OfferFact, frozen=True, kw_only=True):
    """Something can be bought at a price."""

    offer_kind: Literal["standing", "flash"]
    price_fen: int


class OfferPriceChanged(_OfferFact, frozen=True, kw_only=True):
    """Another price is in force."""

    price_fen: int


class OfferClosed(_OfferFact, frozen=True, kw_only=True):
    """The offer is over; what was left of a flash offer's units is back in the pack's stock."""

    offer_kind: Literal["standing", "flash"]


class StockMoved(_OfferFact, frozen=True, kw_only=True):
    """The units left of an offer changed; one fact a batch."""

    units_left: int


class StockEdge(_OfferFact, frozen=True, kw_only=True):
    """The units left became 0, or stopped being 0."""

    units_left: int
    edge: Literal["sold_out", "restocked"]


class PromisesMoved(Fact, frozen=True, kw_only=True):
    """A disruption moved the ship days of `orders` orders; their buyers are to be told."""

    keyed_by: ClassVar[str] = "disruption_id"
    disruption_id: UUID
    orders: int


class _WaitFact(Fact, frozen=True, kw_only=True):
    keyed_by: ClassVar[str] = "waiting_id"

    shop_id: UUID
    offer_id: UUID
    waiting_id: UUID
    buyer_id: UUID
    units: int


class WaitingOffered(_WaitFact, frozen=True, kw_only=True):
    """Units came back and are kept for who waited, `until` then."""

    until: datetime


class WaitingEnded(_WaitFact, frozen=True, kw_only=True):
    """A wait is over without an order: `lapsed` (his turn ran out) or `over` (the offer is)."""

    state: str
