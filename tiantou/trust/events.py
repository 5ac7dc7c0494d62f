"""What trust announces."""

from typing import ClassVar
from uuid import UUID

from tiantou.core.outbox import Fact


class RecallActivated(Fact, frozen=True, kw_only=True):
    """Lots are recalled, offers paused; `lines` order lines are queued to be told and refunded."""

    keyed_by: ClassVar[str] = "recall_id"
    recall_id: UUID
    org_id: UUID
    lots: int
    lines: int


class RecallContinues(Fact, frozen=True, kw_only=True):
    """Some orders of a recall were told and refunded, and more wait."""

    keyed_by: ClassVar[str] = "recall_id"
    recall_id: UUID
    org_id: UUID
    told: int


class RecallClosed(Fact, frozen=True, kw_only=True):
    """A recall is over."""

    keyed_by: ClassVar[str] = "recall_id"
    recall_id: UUID
    org_id: UUID
