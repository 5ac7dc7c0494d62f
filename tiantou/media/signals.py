"""The jobs that tell the database what the stream does: state and fact in one transaction.

Each looks at the state first: told twice, or after an end, it changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.outbox import Fact, announce
from tiantou.media import broadcast_sql as sql
from tiantou.media.events import (
    BroadcastClosed,
    ChapterAt,
    RecordingReady,
    SignalBack,
    SignalLost,
    SignalStarted,
)
from tiantou.media.machines import BROADCAST
from tiantou.media.news import Job


def flowing(broadcast_id: UUID, at: datetime) -> Job:
    """Media flows, for the first time or again."""

    async def job(tx: Tx) -> None:
        row = await sql.locked(tx, broadcast_id)
        if row is None:
            return
        fact: Fact
        if BROADCAST.can(row.state, "signal_started"):
            row.state = BROADCAST.after(row.state, "signal_started")
            row.started_at = row.started_at or at
            fact = SignalStarted(broadcast_id=broadcast_id, at=at)
        elif BROADCAST.can(row.state, "signal_back"):
            row.state = BROADCAST.after(row.state, "signal_back")
            fact = SignalBack(broadcast_id=broadcast_id, at=at)
        else:
            return
        row.last_signal_at = at
        await announce(tx, fact)

    return job


def lost(broadcast_id: UUID, at: datetime, grace_s: int) -> Job:
    """Media stopped."""

    async def job(tx: Tx) -> None:
        row = await sql.locked(tx, broadcast_id)
        if row is None or not BROADCAST.can(row.state, "signal_lost"):
            return
        row.state = BROADCAST.after(row.state, "signal_lost")
        row.last_signal_at = at
        row.kbps = row.fps_x10 = 0
        await announce(tx, SignalLost(broadcast_id=broadcast_id, at=at, grace_s=grace_s))

    return job


def grace_over(broadcast_id: UUID, at: datetime, before: datetime) -> Job:
    """The signal stayed away; looked at again under the lock, he may just have come back."""

    async def job(tx: Tx) -> None:
        row = await sql.locked(tx, broadcast_id)
        if row is None or not BROADCAST.can(row.state, "grace_over"):
            return
        counts = not row.blocked and not row.rehearses
        if counts and (row.last_signal_at is None or row.last_signal_at < before):
            row.state = BROADCAST.after(row.state, "grace_over")
            row.ended_at = at

    return job


def sealed(
    broadcast_id: UUID,
    at: datetime,
    duration_ms: int,
    root_hash: str | None,
    chapters: Sequence[ChapterAt],
) -> Job:
    """The recording has its root; without one (`root_hash` None) nothing was ever recorded."""

    async def job(tx: Tx) -> None:
        row = await sql.locked(tx, broadcast_id)
        if row is None or not BROADCAST.can(row.state, "sealed"):
            return
        row.state = BROADCAST.after(row.state, "sealed")
        row.duration_ms, row.root_hash = duration_ms, root_hash
        row.kbps = row.fps_x10 = 0
        await announce(
            tx, BroadcastClosed(broadcast_id=broadcast_id, at=at, duration_ms=duration_ms)
        )
        if root_hash is not None:
            ready = RecordingReady(
                broadcast_id=broadcast_id,
                at=at,
                duration_ms=duration_ms,
                root_hash=root_hash,
                chapters=list(chapters),
            )
            await announce(tx, ready)

    return job


def chapters_laid(broadcast_id: UUID, chapters: object) -> Job:
    """The chapters lie beside the recording, unless others were given meanwhile."""

    async def job(tx: Tx) -> None:
        row = await sql.locked(tx, broadcast_id)
        if row is not None and row.chapters == chapters:
            row.chapters_new = False

    return job
