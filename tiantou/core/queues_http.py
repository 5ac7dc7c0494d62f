"""The operator's one page for the three queues: timers, facts, and what is parked."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import func, select, text

from tiantou.core import audit, delivery
from tiantou.core.delivery_tables import CursorRow, WaitingRow
from tiantou.core.http import InTx, Operator, problems, router
from tiantou.core.problems import NotAllowed, NotFound, SignInRequired
from tiantou.core.timers import TimerRow
from tiantou.kit import clock

routes: APIRouter = router("queues")

SHOWN_MAX = 200


class Timers(BaseModel):
    """Timers that stand, those that are late by over 10 s, those that failed at least once."""

    standing: int
    late: int
    failing: int


class Consumer(BaseModel):
    """A consumer of an outbox: facts it has not yet taken, and when it last moved."""

    consumer: str
    source: str
    behind: int
    at: datetime


class WaitingFact(BaseModel):
    """A fact that a reaction will take again, or that is parked."""

    no: int
    reaction: str
    kind: str
    key: str
    tries: int
    parked: bool
    next_at: datetime
    error: str
    at: datetime


class Queues(BaseModel):
    """The three queues; `writer_age_s` is the age of the oldest open writing transaction."""

    timers: Timers
    facts: list[Consumer]
    waiting: list[WaitingFact]
    writer_age_s: int


@routes.get("/api/desk/queues", responses=problems(SignInRequired, NotAllowed))
async def queues(tx: InTx, _: Operator, request: Request) -> Queues:
    """How the queues stand."""
    return await look(tx, getattr(request.app.state, "kinds_taken", {}))


async def look(tx: InTx, taken: dict[str, list[str]]) -> Queues:
    """How the queues stand; `taken` are the kinds of facts that each consumer takes."""
    late = clock.now() - timedelta(seconds=10)
    counts = (
        await tx.execute(
            select(
                func.count(),
                func.count().filter(TimerRow.due_at < late),
                func.count().filter(TimerRow.tries > 0),
            ).select_from(TimerRow)
        )
    ).one()
    cursors = list(await tx.scalars(select(CursorRow).order_by(CursorRow.consumer)))
    order = (WaitingRow.parked.desc(), WaitingRow.no)
    rows = list(await tx.scalars(select(WaitingRow).order_by(*order).limit(SHOWN_MAX)))
    age = await tx.scalar(
        text(
            "select coalesce(max(extract(epoch from now() - xact_start)), 0)::int"
            " from pg_stat_activity where backend_xid is not null and datname = current_database()"
        )
    )
    return Queues(
        timers=Timers(standing=counts[0], late=counts[1], failing=counts[2]),
        facts=[await _consumer(tx, cursor, taken.get(cursor.consumer)) for cursor in cursors],
        waiting=[WaitingFact.model_validate(row, from_attributes=True) for row in rows],
        writer_age_s=int(age or 0),
    )


async def _consumer(tx: InTx, cursor: CursorRow, kinds: list[str] | None) -> Consumer:
    """How far behind it is in facts that it takes; in all facts if that is not known."""
    behind = await tx.scalar(
        text(
            f"select count(*) from (select 1 from {cursor.source}.outbox"
            " where (xid, id) > (cast(:xid as xid8), :id)"
            " and (cast(:kinds as text[]) is null or kind = any(cast(:kinds as text[])))"
            " limit 10000) ahead"
        ),
        {"xid": cursor.xid, "id": cursor.fact_id, "kinds": kinds},
    )
    return Consumer(
        consumer=cursor.consumer, source=cursor.source, behind=int(behind or 0), at=cursor.at
    )


@routes.post(
    "/api/desk/parked/{no}/run",
    status_code=204,
    responses=problems(SignInRequired, NotAllowed, NotFound),
)
async def run(no: int, tx: InTx, caller: Operator) -> Response:
    """Lets a parked fact be tried again."""
    if not await delivery.unpark(tx, no):
        raise NotFound()
    await audit.write(tx, caller, "queues.run", f"waiting:{no}")
    return Response(status_code=204)
