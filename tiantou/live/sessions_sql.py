"""Statements on sessions, their shelf and their reservations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from tiantou.core.db import Tx
from tiantou.live.lifecycle import ON_AIR, OPEN, PLANNED
from tiantou.live.tables import ItemRow, ReservationRow, SegmentRow, SessionRow, TallyRow

_ON_AIR_FIRST = case((SessionRow.state.in_(ON_AIR), 0), (SessionRow.state.in_(PLANNED), 1), else_=2)


async def add(tx: Tx, *rows: Any) -> None:
    """Adds rows."""
    tx.add_all(rows)
    await tx.flush()


async def session(tx: Tx, session_id: UUID) -> SessionRow | None:
    """A session."""
    return await tx.get(SessionRow, session_id)


async def locked(tx: Tx, session_id: UUID) -> SessionRow | None:
    """A session, locked until the end of the transaction and read anew."""
    return await tx.scalar(
        select(SessionRow)
        .where(SessionRow.id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def sessions_of(
    tx: Tx, org_id: UUID, state: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[SessionRow]:
    """Sessions of an organization, latest start first."""
    wanted = select(SessionRow).where(SessionRow.org_id == org_id)
    if state:
        wanted = wanted.where(SessionRow.state == state)
    if after:
        wanted = wanted.where(tuple_(SessionRow.starts_at, SessionRow.id) < after)
    order = (SessionRow.starts_at.desc(), SessionRow.id.desc())
    return list(await tx.scalars(wanted.order_by(*order).limit(limit)))


async def hold_plans(tx: Tx, org_id: UUID) -> None:
    """An organization's rival plans queue here until the transaction ends."""
    lock = int.from_bytes(org_id.bytes[8:], "big", signed=True)
    await tx.execute(select(func.pg_advisory_xact_lock(lock)))


async def count_open(tx: Tx, org_id: UUID) -> int:
    """How many sessions of an organization are planned or on air."""
    wanted = select(func.count()).where(SessionRow.org_id == org_id, SessionRow.state.in_(OPEN))
    return await tx.scalar(wanted) or 0


async def in_states(
    tx: Tx, states: Sequence[str], limit: int, late_first: bool = False
) -> list[SessionRow]:
    """Sessions of every organization in these states, by start."""
    order = SessionRow.starts_at.desc() if late_first else SessionRow.starts_at
    wanted = select(SessionRow).where(SessionRow.state.in_(states)).order_by(order, SessionRow.id)
    return list(await tx.scalars(wanted.limit(limit)))


async def waiting_for_review(tx: Tx, limit: int) -> list[SessionRow]:
    """Sessions in review, the longest waiting first."""
    wanted = select(SessionRow).where(SessionRow.state == "in_review")
    return list(await tx.scalars(wanted.order_by(SessionRow.submitted_at).limit(limit)))


async def public_of(tx: Tx, org_id: UUID, limit: int) -> list[SessionRow]:
    """An organization's sessions that the public may see: on air, planned, then replays."""
    states = (*ON_AIR, *PLANNED, "replay_public")
    wanted = (
        select(SessionRow)
        .where(SessionRow.org_id == org_id, SessionRow.state.in_(states))
        .where(SessionRow.venue != "elsewhere")
        .order_by(_ON_AIR_FIRST, SessionRow.starts_at.desc())
    )
    return list(await tx.scalars(wanted.limit(limit)))


async def find(tx: Tx, words: str, limit: int) -> list[SessionRow]:
    """Public rooms whose title or host has these words: on air, planned, replays, best first."""
    pattern = "%" + words.replace("\\", "").replace("%", "").replace("_", "") + "%"
    alike = func.word_similarity(words, SessionRow.words)
    wanted = (
        select(SessionRow)
        .where(SessionRow.state.in_((*ON_AIR, *PLANNED, "replay_public")))
        .where(SessionRow.venue != "elsewhere")
        .where(SessionRow.words.ilike(pattern) | (alike > 0.5))
        .order_by(_ON_AIR_FIRST, alike.desc(), SessionRow.starts_at.desc())
    )
    return list(await tx.scalars(wanted.limit(limit)))


async def items(tx: Tx, session_ids: Sequence[UUID]) -> list[ItemRow]:
    """The shelves of sessions, in shelf order."""
    wanted = select(ItemRow).where(ItemRow.session_id.in_(session_ids))
    return list(await tx.scalars(wanted.order_by(ItemRow.session_id, ItemRow.position)))


async def item(tx: Tx, session_id: UUID, item_id: UUID) -> ItemRow | None:
    """A product of a shelf, locked."""
    return await tx.scalar(
        select(ItemRow)
        .where(ItemRow.session_id == session_id, ItemRow.id == item_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def drop_items(tx: Tx, item_ids: Sequence[UUID]) -> None:
    """Takes products off a shelf that was never on air."""
    await tx.execute(delete(ItemRow).where(ItemRow.id.in_(item_ids)))


async def on_air_with_pack(
    tx: Tx, pack_id: UUID, hold: bool = False
) -> list[tuple[SessionRow, ItemRow]]:
    """Sessions on air that have this pack on their shelf; `hold` locks and reads them anew."""
    wanted = (
        select(SessionRow, ItemRow)
        .join(ItemRow, ItemRow.session_id == SessionRow.id)
        .where(ItemRow.pack_id == pack_id, SessionRow.state.in_((*ON_AIR, "suspended")))
        .order_by(SessionRow.id)
    )
    if hold:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = await tx.execute(wanted)
    return [(row[0], row[1]) for row in found]


async def guests_of_packs(tx: Tx, pack_ids: Sequence[UUID]) -> list[tuple[SessionRow, ItemRow]]:
    """Where these packs stand on another seller's shelf, not withdrawn; locked and read anew."""
    wanted = (
        select(SessionRow, ItemRow)
        .join(ItemRow, ItemRow.session_id == SessionRow.id)
        .where(ItemRow.pack_id.in_(pack_ids), ItemRow.granted_permille.is_not(None))
        .where(ItemRow.state != "withdrawn", SessionRow.state.not_in(("cancelled", "disposed")))
        .order_by(SessionRow.id, ItemRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1]) for row in await tx.execute(wanted)]


async def guest_of(
    tx: Tx, org_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[SessionRow]:
    """Others' sessions with an organization's goods on their shelf, latest start first.

    A draft is nobody's business yet, and a cancelled one nobody's any more.
    """
    guest = select(ItemRow.session_id).where(
        ItemRow.org_id == org_id, ItemRow.granted_permille.is_not(None)
    )
    wanted = select(SessionRow).where(
        SessionRow.id.in_(guest), SessionRow.state.not_in(("draft", "cancelled"))
    )
    if after:
        wanted = wanted.where(tuple_(SessionRow.starts_at, SessionRow.id) < after)
    order = (SessionRow.starts_at.desc(), SessionRow.id.desc())
    return list(await tx.scalars(wanted.order_by(*order).limit(limit)))


async def on_air_of(tx: Tx, org_id: UUID) -> set[UUID]:
    """An organization's sessions on air, suspended ones too."""
    wanted = select(SessionRow.id).where(
        SessionRow.org_id == org_id, SessionRow.state.in_((*ON_AIR, "suspended"))
    )
    return set(await tx.scalars(wanted))


async def segments(tx: Tx, session_id: UUID) -> list[SegmentRow]:
    """What was explained when, in order."""
    wanted = select(SegmentRow).where(SegmentRow.session_id == session_id)
    return list(await tx.scalars(wanted.order_by(SegmentRow.begins_at)))


async def close_segment(tx: Tx, session_id: UUID, at: datetime) -> None:
    """Ends the segment under way, if one is."""
    await tx.execute(
        update(SegmentRow)
        .where(SegmentRow.session_id == session_id, SegmentRow.ends_at.is_(None))
        .values(ends_at=at)
    )


async def reserve(tx: Tx, session_id: UUID, person_id: UUID, at: datetime) -> None:
    """Notes a reservation; a second one changes nothing."""
    row = {"session_id": session_id, "person_id": person_id, "at": at}
    await tx.execute(insert(ReservationRow).values(**row).on_conflict_do_nothing())


async def unreserve(tx: Tx, session_id: UUID, person_id: UUID) -> None:
    """Takes a reservation back."""
    await tx.execute(
        delete(ReservationRow).where(
            ReservationRow.session_id == session_id, ReservationRow.person_id == person_id
        )
    )


async def reservations(tx: Tx, session_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many reserved each session."""
    found = await tx.execute(
        select(ReservationRow.session_id, func.count())
        .where(ReservationRow.session_id.in_(session_ids))
        .group_by(ReservationRow.session_id)
    )
    return {row[0]: row[1] for row in found}


async def reserved(tx: Tx, person_id: UUID, session_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these sessions a person has reserved."""
    found = await tx.scalars(
        select(ReservationRow.session_id).where(
            ReservationRow.person_id == person_id, ReservationRow.session_id.in_(session_ids)
        )
    )
    return set(found)


async def reservers(tx: Tx, session_id: UUID) -> list[UUID]:
    """Who reserved a session."""
    wanted = select(ReservationRow.person_id).where(ReservationRow.session_id == session_id)
    return list(await tx.scalars(wanted))


async def tallies(tx: Tx, session_ids: Sequence[UUID]) -> dict[UUID, TallyRow]:
    """The counts of sessions."""
    found = await tx.scalars(select(TallyRow).where(TallyRow.session_id.in_(session_ids)))
    return {row.session_id: row for row in found}
