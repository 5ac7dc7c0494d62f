"""Rows of the inbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from tiantou.accounts.tables import MessageRow
from tiantou.core.db import Tx
from tiantou.kit import clock, ids

M = MessageRow
UNREAD_COUNTED_MAX = 1000


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message: `kind` and `members` are worded by the client."""

    id: UUID
    kind: str
    members: dict[str, Any]
    at: datetime
    read: bool


async def add(
    tx: Tx, person_id: UUID, kind: str, members: dict[str, Any], dedupe: str
) -> UUID | None:
    """The new message's id; None if one of the same dedupe key was there."""
    row = insert(M).values(
        id=ids.uuid7(),
        person_id=person_id,
        dedupe=dedupe,
        kind=kind,
        members=members,
        at=clock.now(),
    )
    return await tx.scalar(row.on_conflict_do_nothing().returning(M.id))


async def page(tx: Tx, person_id: UUID, before: UUID | None, limit: int) -> list[MessageView]:
    """A person's messages, the newest first; ids grow with time."""
    wanted = select(M).where(M.person_id == person_id).order_by(M.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(M.id < before)
    rows = await tx.scalars(wanted)
    return [MessageView(r.id, r.kind, r.members, r.at, r.read_at is not None) for r in rows]


async def unread(tx: Tx, person_id: UUID) -> int:
    """How many are unread, counted up to UNREAD_COUNTED_MAX."""
    some = select(M.id).where(M.person_id == person_id, M.read_at.is_(None))
    counted = select(func.count()).select_from(some.limit(UNREAD_COUNTED_MAX).subquery())
    return int(await tx.scalar(counted) or 0)


async def read_up_to(tx: Tx, person_id: UUID, message_id: UUID) -> None:
    """Marks that message and all older ones as read."""
    older = update(M).where(M.person_id == person_id, M.id <= message_id, M.read_at.is_(None))
    await tx.execute(older.values(read_at=clock.now()))


async def claim_text(tx: Tx, message_id: UUID) -> bool:
    """Notes that the message's SMS leaves now; False if it left before."""
    claimed = update(M).where(M.id == message_id, M.texted_at.is_(None))
    return await tx.scalar(claimed.values(texted_at=clock.now()).returning(M.id)) is not None


async def remove_all(tx: Tx, person_id: UUID) -> None:
    """Empties a person's inbox for good."""
    await tx.execute(delete(M).where(M.person_id == person_id))
