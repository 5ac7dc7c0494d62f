"""What media announces. All are keyed by the broadcast; order holds within one."""

from datetime import datetime
from uuid import UUID

from tiantou.core.outbox import Fact


class SignalStarted(Fact):
    """The first picture or sound of a broadcast arrived."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime


class SignalLost(Fact):
    """The publisher is gone; the same key resumes within `grace_s`."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime
    grace_s: int


class SignalBack(Fact):
    """The publisher is back, the recording goes on."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime


class BroadcastClosed(Fact):
    """Nothing will be added: it was ended, or its signal stayed away for the grace period."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime
    duration_ms: int


class ChapterAt(Fact):
    """Where a chapter lies in the recording, gaps taken out; a member, never announced alone."""

    keyed_by = "ref"
    ref: str
    title: str
    start_ms: int
    end_ms: int


class RecordingReady(Fact):
    """The recording can be replayed; `root_hash` seals it. Not announced for an empty one."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime
    duration_ms: int
    root_hash: str
    chapters: list[ChapterAt]


class RecordingDisposed(Fact):
    """Its time was over and its files are deleted."""

    keyed_by = "broadcast_id"
    broadcast_id: UUID
    at: datetime
