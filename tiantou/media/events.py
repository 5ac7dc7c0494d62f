"""What media announces. All are keyed by the broadcast; order holds within one."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from tiantou.core.outbox import Fact


class SignalStarted(Fact, frozen=True, kw_only=True):
    """The first picture or sound of a broadcast arrived."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime


class SignalLost(Fact, frozen=True, kw_only=True):
    """The publisher is gone; the same key resumes within `grace_s`."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime
    grace_s: int


class SignalBack(Fact, frozen=True, kw_only=True):
    """The publisher is back, the recording goes on."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime


class BroadcastClosed(Fact, frozen=True, kw_only=True):
    """Nothing will be added: it was ended, or its signal stayed away for the grace period."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime
    duration_ms: int


class ChapterAt(Struct, frozen=True):
    """Where a chapter lies in the recording, gaps of the signal taken out."""

    ref: str
    title: str
    start_ms: int
    end_ms: int


class RecordingReady(Fact, frozen=True, kw_only=True):
    """The recording can be replayed; `root_hash` seals it. Not announced for an empty one."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime
    duration_ms: int
    root_hash: str
    chapters: list[ChapterAt]


class RecordingDisposed(Fact, frozen=True, kw_only=True):
    """Its time was over and its files are deleted."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime
