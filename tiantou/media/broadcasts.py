"""Broadcasts as their owner handles them: in the owner's transaction, never waiting for the stream.

The media process notices within a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.keys import Keys
from tiantou.core.problems import NotFound
from tiantou.kit import clock
from tiantou.media import broadcast_sql as sql
from tiantou.media.machines import BROADCAST
from tiantou.media.problems import BroadcastBlocked, BroadcastOver, KeptByLaw
from tiantou.media.tables import Broadcast
from tiantou.media.tokens import hash_of, new_publish_token

CHAPTERS_MAX = 500
TITLE_CHARS_MAX = 200
FRESH_S = 15


@dataclass(frozen=True, slots=True)
class PublishKey:
    """Shown once. `stream_key` is for an RTMP encoder, `publish_token` for a browser."""

    stream_key: str
    publish_token: str
    generation: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """What arrives: `publishing` now, kbit/s, frames a second x 10, when last heard of."""

    publishing: bool
    kbps: int
    fps_x10: int
    started_at: datetime | None
    last_signal_at: datetime | None


Chapter = tuple[float, float, str, str]


def folder_of(broadcast_id: UUID, opened_at: datetime) -> str:
    """Where its recording lies, below the root of recordings."""
    return f"{opened_at:%Y}/{opened_at:%m}/{broadcast_id}"


async def _row(tx: Tx, broadcast_id: UUID) -> Broadcast:
    row = await sql.locked(tx, broadcast_id)
    if row is None:
        raise NotFound()
    return row


async def open_broadcast(
    tx: Tx, broadcast_id: UUID, keep_until: datetime, *, rehearses: bool = False
) -> None:
    """Makes a broadcast; opening one that exists only extends `keep_until`.

    While it `rehearses`, a signal may come and go; opened again without, its grace counts.
    """
    row = await sql.locked(tx, broadcast_id)
    if row is None:
        at = clock.now()
        folder = folder_of(broadcast_id, at)
        await sql.add(tx, broadcast_id, folder, keep_until, at, rehearses)
        return
    row.keep_until = max(row.keep_until, keep_until)
    if row.rehearses and not rehearses:
        row.rehearses = False
        if row.state == "lost":
            row.last_signal_at = clock.now()


async def issue_key(tx: Tx, keys: Keys, broadcast_id: UUID, ttl_s: int) -> PublishKey:
    """A new key, good for `ttl_s`; every older one is refused from the commit on.

    Raises NotFound, BroadcastOver, BroadcastBlocked.
    """
    row = await _row(tx, broadcast_id)
    if not BROADCAST.can(row.state, "end"):
        raise BroadcastOver()
    if row.blocked:
        raise BroadcastBlocked()
    row.key_generation += 1
    token = new_publish_token(keys, broadcast_id, row.key_generation, ttl_s)
    row.key_hash = hash_of(token)
    row.key_expires_at = clock.now() + timedelta(seconds=ttl_s)
    stream_key = f"{broadcast_id}?key={token}"
    return PublishKey(stream_key, token, row.key_generation, row.key_expires_at)


async def revoke_key(tx: Tx, broadcast_id: UUID) -> None:
    """Every key is refused from the commit on, who publishes is sent away; no error without one."""
    row = await sql.locked(tx, broadcast_id)
    if row is not None:
        row.key_generation += 1
        row.key_hash = row.key_expires_at = None


async def end_broadcast(tx: Tx, broadcast_id: UUID) -> None:
    """Asks for its end; BroadcastClosed and RecordingReady follow. Ending twice is no error."""
    row = await _row(tx, broadcast_id)
    if BROADCAST.can(row.state, "end"):
        row.state = BROADCAST.after(row.state, "end")
        row.ended_at = clock.now()


async def block(tx: Tx, broadcast_id: UUID) -> None:
    """Stops publisher, live viewers and replay until `unblock`; meanwhile no grace runs out."""
    (await _row(tx, broadcast_id)).blocked = True


async def unblock(tx: Tx, broadcast_id: UUID) -> None:
    """Lets everything go on; the publisher's key is good again, and his grace begins anew."""
    row = await _row(tx, broadcast_id)
    row.blocked = False
    if row.state == "lost":
        row.last_signal_at = clock.now()


async def is_blocked(tx: Tx, broadcast_id: UUID) -> bool:
    """Whether it is stopped now; False if there is no such broadcast."""
    row = await sql.seen(tx, broadcast_id)
    return row is not None and row.blocked


async def is_disposed(tx: Tx, broadcast_id: UUID) -> bool:
    """Whether nothing of its recording is left; True too if there is no such broadcast."""
    row = await sql.seen(tx, broadcast_id)
    return row is None or row.state in BROADCAST.terminal


async def extend_keep(tx: Tx, broadcast_id: UUID, until: datetime) -> None:
    """Keeps it until then at least; never shortens."""
    row = await _row(tx, broadcast_id)
    row.keep_until = max(row.keep_until, until)


async def set_chapters(tx: Tx, broadcast_id: UUID, chapters: Sequence[Chapter]) -> None:
    """Chapters (start, end, title, ref) of the recording, in seconds since `started_at`.

    Seconds are of the wall clock: media takes out the gaps of the signal. CHAPTERS_MAX at most.
    """
    row = await _row(tx, broadcast_id)
    row.chapters = [
        {
            "start_ms": max(0, round(start_s * 1000)),
            "end_ms": max(0, round(end_s * 1000)),
            "title": title[:TITLE_CHARS_MAX],
            "ref": ref[:TITLE_CHARS_MAX],
        }
        for start_s, end_s, title, ref in chapters[:CHAPTERS_MAX]
    ]
    row.chapters_new = True


async def health(tx: Tx, broadcast_id: UUID) -> Health | None:
    """What arrives; None if there is no such broadcast."""
    row = await sql.seen(tx, broadcast_id)
    if row is None:
        return None
    last = row.last_signal_at
    fresh = last is not None and (clock.now() - last).total_seconds() < FRESH_S
    on_air = row.state == "on_air" and fresh
    kbps, fps = (row.kbps, row.fps_x10) if on_air else (0, 0)
    return Health(on_air, kbps, fps, row.started_at, last)


async def delete_recording(tx: Tx, broadcast_id: UUID) -> None:
    """Hands a closed recording to the retention job. Raises KeptByLaw, NotFound, WrongState."""
    row = await _row(tx, broadcast_id)
    if clock.now() < row.keep_until:
        raise KeptByLaw(keep_until=row.keep_until.isoformat())
    row.state = BROADCAST.after(row.state, "dispose")
