"""The statements on broadcasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from tiantou.core.db import Tx
from tiantou.media.machines import BROADCAST
from tiantou.media.tables import WATCHED, Broadcast

WATCHED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Watched:
    """What the media process must know of a broadcast, each second."""

    id: UUID
    folder: str
    state: str
    blocked: bool
    key_generation: int
    started_at: datetime | None
    chapters: list[dict[str, Any]]
    chapters_new: bool


async def add(
    tx: Tx, broadcast_id: UUID, folder: str, keep_until: datetime, at: datetime, rehearses: bool
) -> None:
    """A new broadcast. IntegrityError if the id is taken."""
    row = Broadcast(id=broadcast_id, folder=folder, keep_until=keep_until, opened_at=at)
    row.rehearses = rehearses
    row.state = BROADCAST.init
    tx.add(row)
    await tx.flush()


async def locked(tx: Tx, broadcast_id: UUID) -> Broadcast | None:
    """The row, locked until the end of the transaction."""
    return await tx.get(Broadcast, broadcast_id, with_for_update=True, populate_existing=True)


async def seen(tx: Tx, broadcast_id: UUID) -> Broadcast | None:
    """The row as it is."""
    return await tx.get(Broadcast, broadcast_id, populate_existing=True)


async def watched(tx: Tx) -> Sequence[Watched]:
    """Every broadcast that is not at rest, WATCHED_MAX at most."""
    columns = (
        Broadcast.id,
        Broadcast.folder,
        Broadcast.state,
        Broadcast.blocked,
        Broadcast.key_generation,
        Broadcast.started_at,
        Broadcast.chapters,
        Broadcast.chapters_new,
    )
    rows = await tx.execute(select(*columns).where(WATCHED).limit(WATCHED_MAX))
    return [Watched(*row) for row in rows]


async def left_alone(tx: Tx, before: datetime, limit: int = 100) -> Sequence[UUID]:
    """Broadcasts whose signal was lost before an instant, neither stopped nor rehearsing."""
    lost = select(Broadcast.id).where(
        Broadcast.state.in_(BROADCAST.sources("grace_over")),
        Broadcast.last_signal_at < before,
        ~Broadcast.blocked,
        ~Broadcast.rehearses,
    )
    return list(await tx.scalars(lost.limit(limit)))


async def measured(
    tx: Tx, rows: Sequence[tuple[UUID, int, int]], at: datetime, limit: int = WATCHED_MAX
) -> None:
    """Keeps (broadcast, kbit/s, frames a second x 10) of those on air."""
    for broadcast_id, kbps, fps_x10 in rows[:limit]:
        await tx.execute(
            update(Broadcast)
            .where(Broadcast.id == broadcast_id)
            .values(kbps=kbps, fps_x10=fps_x10, last_signal_at=at)
        )


async def due(tx: Tx, before: datetime, limit: int) -> Sequence[UUID]:
    """Closed recordings whose keep_until was before an instant, and those half deleted; locked."""
    rest = select(Broadcast.id).where(
        (Broadcast.state == "disposing")
        | (Broadcast.state.in_(BROADCAST.sources("dispose")) & (Broadcast.keep_until < before))
    )
    found = rest.order_by(Broadcast.keep_until).limit(limit).with_for_update(skip_locked=True)
    return list(await tx.scalars(found))
