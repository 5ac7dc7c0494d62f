"""What supply announces. Mass in grams, prices in fen per 斤 (500 g)."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tiantou.core.outbox import Fact


class WeighedIn(Fact, frozen=True, kw_only=True):
    """A household handed in produce and agreed to the reading."""

    keyed_by: ClassVar[str] = "slip_id"
    slip_id: UUID
    org_id: UUID
    household_id: UUID
    lot_id: UUID
    variety_id: UUID
    grade: str
    grams: int
    price_fen_per_jin: int
    value_fen: int
    on_behalf: bool
    at: datetime


class LotPacked(Fact, frozen=True, kw_only=True):
    """Boxes were packed: `boxes` of `net_g` each, out of `lot_id` (the first root of a mix)."""

    keyed_by: ClassVar[str] = "pack_id"
    pack_id: UUID
    run_id: UUID
    org_id: UUID
    lot_id: UUID
    packed_lot_id: UUID
    boxes: int
    net_g: int
    floor_fen_per_box: int
    at: datetime


class BoxesWithdrawn(Fact, frozen=True, kw_only=True):
    """Boxes of a packed lot are not for sale: scrapped for good, or held. Once per `ref`."""

    keyed_by: ClassVar[str] = "pack_id"
    pack_id: UUID
    org_id: UUID
    lot_id: UUID
    boxes: int
    ref: str
    at: datetime


class BoxesRestored(Fact, frozen=True, kw_only=True):
    """Boxes of a held lot are for sale again; `held` were withdrawn under `ref`, once."""

    keyed_by: ClassVar[str] = "pack_id"
    pack_id: UUID
    org_id: UUID
    lot_id: UUID
    boxes: int
    held: int
    ref: str
    at: datetime


class SlipCorrected(Fact, frozen=True, kw_only=True):
    """A disputed slip got a new reading; `grams_before` was the old one."""

    keyed_by: ClassVar[str] = "slip_id"
    slip_id: UUID
    org_id: UUID
    household_id: UUID
    lot_id: UUID
    grams: int
    grams_before: int
    value_fen: int
    at: datetime


class SlipMoved(Fact, frozen=True, kw_only=True):
    """A slip took another step. `event` and `state` are those of the slip's machine."""

    keyed_by: ClassVar[str] = "slip_id"
    slip_id: UUID
    org_id: UUID
    household_id: UUID
    event: str
    state: str
    at: datetime


class SlipPaid(Fact, frozen=True, kw_only=True):
    """What a slip is worth is paid in full."""

    keyed_by: ClassVar[str] = "slip_id"
    slip_id: UUID
    org_id: UUID
    household_id: UUID
    at: datetime
