"""Rows of sessions, and what of them every process keeps in memory."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from tiantou.accounts import people_sql
from tiantou.accounts.tables import PersonRow, SessionRow
from tiantou.core.db import Tx
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids

S = SessionRow


async def open_session(tx: Tx, person: PersonRow) -> tuple[Subject, int]:
    """A new session of a person: the subject with his roles, and their version."""
    now = clock.now()
    row = SessionRow(id=ids.uuid7(), person_id=person.id, created_at=now, last_seen_at=now)
    tx.add(row)
    await tx.flush()
    return await _subject(tx, person, row.id)


async def _subject(tx: Tx, person: PersonRow, session_id: UUID) -> tuple[Subject, int]:
    roles = await people_sql.roles(tx, person.id)
    subject = Subject(person.id, person.no, session_id, roles, person.operator)
    return subject, person.roles_version


async def reread(tx: Tx, session_id: UUID, seen: bool = False) -> tuple[Subject, int] | None:
    """The subject as the rows say now; None if the session was revoked or never was.

    `seen` notes that the person is here.
    """
    found = (
        await tx.execute(
            select(PersonRow, S.id)
            .join(S, S.person_id == PersonRow.id)
            .where(S.id == session_id, S.revoked_at.is_(None), PersonRow.erased_at.is_(None))
            .execution_options(populate_existing=True)
        )
    ).one_or_none()
    if found is None:
        return None
    if seen:
        await tx.execute(update(S).where(S.id == session_id).values(last_seen_at=clock.now()))
    return await _subject(tx, found[0], session_id)


async def revoke(tx: Tx, session_id: UUID) -> None:
    """Ends a session, in every process, at commit."""
    ended = update(S).where(S.id == session_id, S.revoked_at.is_(None))
    await tx.execute(ended.values(revoked_at=clock.now()))
    await people_sql.say(tx, f"s {session_id}")


async def revoke_all(tx: Tx, person_id: UUID) -> None:
    """Ends every session of a person."""
    ended = update(S).where(S.person_id == person_id, S.revoked_at.is_(None))
    gone = await tx.scalars(ended.values(revoked_at=clock.now()).returning(S.id))
    for session_id in gone.all():
        await people_sql.say(tx, f"s {session_id}")


async def revoked_since(tx: Tx, life_s: int) -> list[tuple[UUID, datetime]]:
    """The sessions that ended within the life of a token, with when."""
    since = clock.now() - timedelta(seconds=life_s)
    rows = await tx.execute(select(S.id, S.revoked_at).where(S.revoked_at > since))
    return [(row.id, row.revoked_at) for row in rows if row.revoked_at is not None]


async def roles_changed_since(tx: Tx, life_s: int) -> list[tuple[UUID, int, datetime]]:
    """The people whose roles changed within the life of a token: version, when."""
    since = clock.now() - timedelta(seconds=life_s)
    rows = await tx.execute(
        select(PersonRow.id, PersonRow.roles_version, PersonRow.roles_changed_at).where(
            PersonRow.roles_changed_at > since, PersonRow.roles_version > 0
        )
    )
    return [(row.id, row.roles_version, row.roles_changed_at) for row in rows]
