"""What trust shows: frozen values. Mass in grams, money in fen."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from tiantou.supply.face import Root
from tiantou.trade.face import LineView


class Forward(Struct, frozen=True, kw_only=True):
    """From lots forward: every lot made of them, every order line their boxes went to.

    `cut`: there are more lines than are told.
    """

    lots: list[UUID]
    lines: list[LineView]
    cut: bool


class Backward(Struct, frozen=True, kw_only=True):
    """From boxes back: the packed lots they are of, and the roots of those."""

    lots: list[UUID]
    roots: list[Root]


class RecallView(Struct, frozen=True, kw_only=True):
    """A recall. `trace_ms`: how long it took to find everything."""

    id: UUID
    org_id: UUID
    code: str
    drill: bool
    state: str
    reason: str
    opened_by: UUID
    opened_at: datetime
    activated_at: datetime | None
    closed_at: datetime | None
    trace_ms: int | None


class RecallLotView(Struct, frozen=True, kw_only=True):
    """A lot of a recall; `left_g` was in store when it was activated."""

    lot_id: UUID
    start: bool
    code: str
    kind: str
    pack_id: UUID | None
    made_g: int
    left_g: int


class RecallLineView(Struct, frozen=True, kw_only=True):
    """Boxes of a recalled lot in an order line."""

    recall_id: UUID
    shop_id: UUID
    order_id: UUID
    line_no: int
    lot_id: UUID
    number: str
    channel: str
    lot_code: str
    boxes: int
    buyer_id: UUID | None
    division_code: str | None
    order_state: str
    state: str
    refunded_fen: int
    told_at: datetime | None
    acknowledged_at: datetime | None


class ProgressView(Struct, frozen=True, kw_only=True):
    """How far a recall is: order lines by state, boxes in orders, money asked back."""

    lines: int
    orders: int
    boxes: int
    queued: int
    told: int
    unreachable: int
    acknowledged: int
    refunded_fen: int
