"""Timers that move state machines: rows, taken with SKIP LOCKED, acting in the same transaction."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Index, Integer, Text, delete, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Database, Table, Tx, check_deferred
from tiantou.kit import clock

TRIES_MAX = 20
PAUSE_MAX_S = 300

Due = Callable[[Tx, str, dict[str, Any]], Awaitable[None]]

log = logging.getLogger("tiantou.timers")


class TimerRow(Table):
    """What is to happen when: one row a (kind, key)."""

    __tablename__ = "timer"
    __table_args__ = (Index("timer_due_at_ix", "due_at"), {"schema": "core"})

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    tries: Mapped[int] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)


async def set(
    tx: Tx, kind: str, key: str, due_at: datetime, body: dict[str, Any] | None = None
) -> None:
    """Sets the timer (kind, key); an earlier one of the same name is replaced."""
    values = {"due_at": due_at, "body": body or {}, "tries": 0, "error": None}
    await tx.execute(
        insert(TimerRow)
        .values(kind=kind, key=key, **values)
        .on_conflict_do_update(index_elements=["kind", "key"], set_=values)
    )


async def cancel(tx: Tx, kind: str, key: str) -> None:
    """Removes the timer, if it stands."""
    await tx.execute(delete(TimerRow).where(TimerRow.kind == kind, TimerRow.key == key))


async def run_due(database: Database, handlers: dict[str, Due], limit: int = 200) -> int:
    """Runs timers that are due, each in a transaction of its own; says how many.

    A timer is removed before its handler runs, so a handler may set it again. A failing one is
    tried again with a growing pause and shown to the operator.
    """
    done = 0
    while done < limit:
        async with database.begin() as tx:
            row = await tx.scalar(
                select(TimerRow)
                .where(TimerRow.due_at <= clock.now(), TimerRow.kind.in_(handlers))
                .order_by(TimerRow.due_at)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return done
            await _run(tx, row, handlers[row.kind])
        done += 1
    return done


async def _run(tx: Tx, row: TimerRow, handler: Due) -> None:
    kind, key, body, tries = row.kind, row.key, row.body, row.tries + 1
    try:
        async with tx.begin_nested():
            await tx.delete(row)
            await tx.flush()
            await handler(tx, key, body)
            await check_deferred(tx)
    except Exception as error:
        if tx.is_active and not isinstance(error, ConnectionError):
            pause = timedelta(seconds=min(PAUSE_MAX_S, 2**tries))
            log.warning("timer %s of %s failed (%d): %r", kind, key, tries, error)
            later = await tx.get_one(TimerRow, (kind, key), with_for_update=True)
            later.tries, later.error = tries, repr(error)[:500]
            later.due_at = clock.now() + (pause if tries < TRIES_MAX else timedelta(days=1))
        else:
            raise
