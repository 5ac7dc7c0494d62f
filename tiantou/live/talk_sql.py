"""Statements on what is said: lines, questions, votes, sanctions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tiantou.core.db import Tx
from tiantou.live.tables import LineRow, QuestionRow, SanctionRow, TallyRow, VoteRow


async def next_numbers(tx: Tx, session_id: UUID, count: int) -> int:
    """Takes `count` line numbers of a room; gives the first. Writers of a room queue here."""
    last: int | None = await tx.scalar(
        update(TallyRow)
        .where(TallyRow.session_id == session_id)
        .values(chat_no=TallyRow.chat_no + count)
        .returning(TallyRow.chat_no)
    )
    assert last is not None
    return last - count + 1


async def add_lines(tx: Tx, lines: Sequence[dict[str, Any]]) -> None:
    """Stores lines that have their numbers."""
    await tx.execute(insert(LineRow), list(lines))


async def last_lines(tx: Tx, session_id: UUID, limit: int, hidden: bool) -> list[LineRow]:
    """The latest lines, oldest first; hidden ones too if asked."""
    wanted = select(LineRow).where(LineRow.session_id == session_id)
    if not hidden:
        wanted = wanted.where(LineRow.hidden_at.is_(None))
    found = await tx.scalars(wanted.order_by(LineRow.no.desc()).limit(limit))
    return list(found)[::-1]


async def hide(tx: Tx, session_id: UUID, no: int, by: UUID, at: datetime) -> bool:
    """Hides a line; False if there is none to hide."""
    done = await tx.scalar(
        update(LineRow)
        .where(LineRow.session_id == session_id, LineRow.no == no, LineRow.hidden_at.is_(None))
        .values(hidden_at=at, hidden_by=by)
        .returning(LineRow.no)
    )
    return done is not None


async def question(tx: Tx, session_id: UUID, question_id: UUID) -> QuestionRow | None:
    """A question of a session, locked."""
    return await tx.scalar(
        select(QuestionRow)
        .where(QuestionRow.session_id == session_id, QuestionRow.id == question_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def open_count(tx: Tx, session_id: UUID, person_id: UUID) -> int:
    """How many open questions a person has in a session."""
    return (
        await tx.scalar(
            select(func.count()).where(
                QuestionRow.session_id == session_id,
                QuestionRow.person_id == person_id,
                QuestionRow.answered_at.is_(None),
                QuestionRow.skipped_at.is_(None),
            )
        )
        or 0
    )


async def questions(tx: Tx, session_id: UUID, limit: int) -> list[QuestionRow]:
    """Open questions by votes, then answered ones, latest first."""
    wanted = (
        select(QuestionRow)
        .where(QuestionRow.session_id == session_id, QuestionRow.skipped_at.is_(None))
        .order_by(
            QuestionRow.answered_at.desc().nulls_first(),
            QuestionRow.votes.desc(),
            QuestionRow.at,
        )
    )
    return list(await tx.scalars(wanted.limit(limit)))


async def vote(tx: Tx, question_id: UUID, person_id: UUID) -> bool:
    """Notes a vote; False if the person voted before."""
    row = {"question_id": question_id, "person_id": person_id}
    statement = upsert(VoteRow).values(**row).on_conflict_do_nothing().returning(VoteRow.person_id)
    return await tx.scalar(statement) is not None


async def sanctions(tx: Tx, org_id: UUID, person_no: int, at: datetime) -> list[SanctionRow]:
    """What is in force against a person in the rooms of an organization."""
    wanted = select(SanctionRow).where(
        SanctionRow.org_id == org_id,
        SanctionRow.person_no == person_no,
        SanctionRow.lifted_at.is_(None),
        or_(SanctionRow.until.is_(None), SanctionRow.until > at),
    )
    return list(await tx.scalars(wanted))


async def in_force(tx: Tx, org_id: UUID, at: datetime) -> list[SanctionRow]:
    """Everything in force in the rooms of an organization, latest first."""
    wanted = (
        select(SanctionRow)
        .where(SanctionRow.org_id == org_id, SanctionRow.lifted_at.is_(None))
        .where(or_(SanctionRow.until.is_(None), SanctionRow.until > at))
        .order_by(SanctionRow.at.desc())
        .limit(500)
    )
    return list(await tx.scalars(wanted))


async def lift(tx: Tx, org_id: UUID, person_no: int, kind: str, at: datetime) -> int:
    """Lifts what is in force of a kind; says how many."""
    done = await tx.execute(
        update(SanctionRow)
        .where(
            SanctionRow.org_id == org_id,
            SanctionRow.person_no == person_no,
            SanctionRow.kind == kind,
            SanctionRow.lifted_at.is_(None),
        )
        .values(lifted_at=at)
    )
    return int(getattr(done, "rowcount", 0))
