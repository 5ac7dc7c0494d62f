"""What the bench says of scans."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class Verdict(StrEnum):
    """What came of a scan."""

    IN = "in"
    UNDONE = "undone"
    UNKNOWN_ORDER = "unknown_order"
    UNKNOWN_BOX = "unknown_box"
    NOT_PAID = "not_paid"
    ORDER_OVER = "order_over"
    ORDER_FULL = "order_full"
    ORDER_STOPPED = "order_stopped"
    BOX_TAKEN = "box_taken"
    OTHER_GOODS = "other_goods"
    LOT_NOT_OPEN = "lot_not_open"
    LOT_EXPIRED = "lot_expired"
    LOT_SHORT = "lot_short"


class Scan(Struct, frozen=True, kw_only=True):
    """A waybill, or the number of an order here or in its channel, and the code of a box or a
    packed lot, as scanned by a packer's device at `at`; `net_g` is what the scale said, in grams.
    """

    id: UUID
    order: str
    box: str
    at: datetime
    net_g: int | None = None


class ScanView(Struct, frozen=True, kw_only=True):
    """A scan and what came of it. `other` is the order or lot that stands in the way;
    `earlier_lot` one that expires sooner than the lot of the box; `short_fen` what the buyer got
    back for missing weight.
    """

    scan_id: UUID
    said_order: str
    said_box: str
    order_id: UUID | None
    number: str | None
    channel: str | None
    order_state: str | None
    line_no: int | None
    box_code: str | None
    lot_code: str | None
    net_g: int | None
    short_fen: int | None
    verdict: Verdict
    other: str | None
    earlier_lot: str | None
    packer_id: UUID
    scanned_at: datetime
    at: datetime
    boxes_in: int
    boxes_needed: int


class Count(Struct, frozen=True, kw_only=True):
    """Boxes that a packer put into orders on a day."""

    packer_id: UUID
    boxes: int
