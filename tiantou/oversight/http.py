"""The operator's desk: review queue, sessions, audit."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints

from tiantou.core.fields import CLEAN
from tiantou.core.http import InTx, Limit, Operator, asks, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired, WrongStep
from tiantou.kit import paging
from tiantou.live import face as live
from tiantou.media.face import KeptByLaw
from tiantou.oversight import decide
from tiantou.oversight import decisions_sql as sql

routes: APIRouter = router("desk")

Ways = Annotated[live.Broadcasting, asks(live.Broadcasting)]
_REFUSALS = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep)
_READ = problems(SignInRequired, NotAllowed)
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500), CLEAN
]


class SessionWaiting(live.Session):
    """A session in review; `decisions` are those made on it before."""

    waiting_since: datetime | None


class ReviewQueue(BaseModel):
    """Sessions in review, the longest waiting first."""

    items: list[SessionWaiting]
    next: str | None = None


class Sessions(BaseModel):
    """Sessions of every shop."""

    items: list[live.Session]
    next: str | None = None


class ReturnIn(BaseModel):
    """Why a session is returned."""

    reasons: Reason


class SanctionIn(BaseModel):
    """Why."""

    reason: Reason


class Decision(BaseModel):
    """A decision on record."""

    what: str
    reason: str
    at: datetime


class Decisions(BaseModel):
    """Decisions on one session, latest first."""

    items: list[Decision]


class Act(BaseModel):
    """An act of the audit chain."""

    no: int
    at: datetime
    person_id: UUID | None
    act: str
    on: str
    for_whom: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Acts(BaseModel):
    """A page of the audit chain, latest first."""

    items: list[Act]
    next: int | None


@routes.get("/api/desk/review", responses=_READ)
async def review_queue(tx: InTx, _: Operator, ways: Ways) -> ReviewQueue:
    """Sessions in review, the longest waiting first."""
    writable = await live.writable_now(ways)
    rows = await live.waiting_for_review(tx, paging.LIMIT_MAX)
    items = []
    for row in rows:
        shown = await live.session_out(tx, row, writable)
        items.append(SessionWaiting(**shown.__dict__, waiting_since=row.submitted_at))
    return ReviewQueue(items=items)


@routes.post("/api/desk/review/{session_id}/approve", responses=_REFUSALS)
async def approve(session_id: UUID, tx: InTx, caller: Operator, ways: Ways) -> live.Session:
    """Approves a session."""
    row = await decide.review(tx, caller, session_id, approved=True, reasons="")
    return await live.session_out(tx, row, await live.writable_now(ways))


@routes.post("/api/desk/review/{session_id}/return", responses=_REFUSALS)
async def return_(
    session_id: UUID, asked: ReturnIn, tx: InTx, caller: Operator, ways: Ways
) -> live.Session:
    """Returns a session with reasons."""
    row = await decide.review(tx, caller, session_id, approved=False, reasons=asked.reasons)
    return await live.session_out(tx, row, await live.writable_now(ways))


@routes.get("/api/desk/sessions", responses=_READ)
async def sessions(
    tx: InTx,
    _: Operator,
    ways: Ways,
    state: Annotated[str, Query(max_length=30)] = "live",
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Sessions:
    """Sessions of every shop in a state, latest start first."""
    writable = await live.writable_now(ways)
    rows = await live.in_states(tx, [state], limit, late_first=True)
    return Sessions(items=[await live.session_out(tx, row, writable) for row in rows])


@routes.get("/api/desk/sessions/{session_id}/decisions", responses=_READ)
async def decisions(session_id: UUID, tx: InTx, _: Operator) -> Decisions:
    """What was decided on a session."""
    rows = await sql.decisions(tx, f"session:{session_id}")
    return Decisions(items=[Decision.model_validate(row, from_attributes=True) for row in rows])


@routes.post("/api/desk/sessions/{session_id}/{what}", responses=_REFUSALS)
async def sanction(
    session_id: UUID, what: str, asked: SanctionIn, tx: InTx, caller: Operator, ways: Ways
) -> live.Session:
    """`suspend`, `lift` or `terminate`, with a reason."""
    row = await decide.sanction(tx, caller, session_id, what, asked.reason, ways.grace)
    return await live.session_out(tx, row, await live.writable_now(ways))


@routes.delete(
    "/api/desk/sessions/{session_id}/recording",
    status_code=204,
    responses=_REFUSALS | problems(KeptByLaw, WrongStep),
)
async def delete_recording(session_id: UUID, tx: InTx, caller: Operator) -> None:
    """Gives a recording to the retention job; never before the law lets it go."""
    await decide.delete_recording(tx, caller, session_id)


@routes.get("/api/desk/audit", responses=_READ)
async def audit(
    tx: InTx,
    _: Operator,
    on: Annotated[str | None, Query(max_length=100)] = None,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Acts:
    """The audit chain, latest first."""
    rows = await sql.acts(tx, before, on, limit + 1)
    following = rows[limit - 1].no if len(rows) > limit else None
    items = [Act.model_validate(row, from_attributes=True) for row in rows[:limit]]
    return Acts(items=items, next=following)
