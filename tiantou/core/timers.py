"""Timers that move state machines: rows, acting in the transaction of the step that they cause.

One lock order: first the row that a timer is about, then the timer. A person's act locks its row
and then sets the timer, so who took the timer first would wait for him while he waits for it.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Index, Integer, Text, any_, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Database, Table, Tx, check_deferred
from tiantou.kit import clock

TRIES_MAX = 20
PAUSE_MAX_S = 300
LOOKED_AT_MAX = 50
_LOCKS = 0x71AE
"""The class of the advisory locks that keep workers from one timer."""

Act = Callable[[Tx, str, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Held:
    """A handler that moves a row: `hold(tx, key)` locks it before the timer is looked at."""

    hold: Callable[[Tx, str], Awaitable[object]]
    act: Act


Due = Act | Held

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
    await set_all(tx, kind, [(key, due_at)], body)


async def set_all(
    tx: Tx, kind: str, due: Sequence[tuple[str, datetime]], body: dict[str, Any] | None = None
) -> None:
    """Timers of one kind, each with its key, in one statement; keys are named once."""
    if not due:
        return
    rest = {"body": body or {}, "tries": 0, "error": None}
    put = insert(TimerRow).values([{"kind": kind, "key": k, "due_at": at, **rest} for k, at in due])
    again = {name: put.excluded[name] for name in ("due_at", *rest)}
    await tx.execute(put.on_conflict_do_update(index_elements=["kind", "key"], set_=again))


async def postpone(tx: Tx, kind: str, keys: Sequence[str], until: datetime) -> None:
    """Timers of a kind that would act before `until` act then: one statement for all of them.

    The caller holds the rows that they are about.
    """
    early = (
        TimerRow.kind == kind,
        TimerRow.key == any_(cast(list(keys), ARRAY(Text))),
        TimerRow.due_at < until,
    )
    await tx.execute(update(TimerRow).where(*early).values(due_at=until))


async def cancel(tx: Tx, kind: str, key: str) -> None:
    """Removes the timer, if it stands."""
    await tx.execute(delete(TimerRow).where(TimerRow.kind == kind, TimerRow.key == key))


async def run_due(database: Database, handlers: dict[str, Due], limit: int = 200) -> int:
    """Runs timers that are due, each in a transaction of its own; says how many.

    A timer is removed before its handler runs, so a handler may set it again. A failing one is
    tried again with a growing pause and shown to the operator.
    """
    done = 0
    for _ in range(limit):
        async with database.begin() as tx:
            name = await _next(tx, handlers)
            if name is None:
                break
            done += await _run(tx, *name, handlers[name[0]])
    return done


async def _next(tx: Tx, kinds: Iterable[str]) -> tuple[str, str] | None:
    """The earliest timer that is due and that no other worker is at; nothing of it is locked."""
    wanted = (
        select(TimerRow.kind, TimerRow.key)
        .where(TimerRow.due_at <= clock.now(), TimerRow.kind.in_(kinds))
        .order_by(TimerRow.due_at)
        .limit(LOOKED_AT_MAX)
    )
    for kind, key in (await tx.execute(wanted)).all():
        name = func.hashtext(f"{kind} {key}")
        if await tx.scalar(select(func.pg_try_advisory_xact_lock(_LOCKS, name))):
            return kind, key
    return None


async def _run(tx: Tx, kind: str, key: str, handler: Due) -> bool:
    """False if there was nothing left to do: the timer was moved, or another worker had it."""
    try:
        async with tx.begin_nested():
            if isinstance(handler, Held):
                await handler.hold(tx, key)
            row = await _due(tx, kind, key)
            if row is None:
                return False
            body = row.body
            await tx.delete(row)
            await tx.flush()
            await (handler.act if isinstance(handler, Held) else handler)(tx, key, body)
            await check_deferred(tx)
    except Exception as error:
        if not tx.is_active or isinstance(error, ConnectionError):
            raise
        await _failed(tx, kind, key, error)
    return True


async def _due(tx: Tx, kind: str, key: str) -> TimerRow | None:
    """The timer, locked, if it is due still."""
    return await tx.scalar(
        select(TimerRow)
        .where(TimerRow.kind == kind, TimerRow.key == key, TimerRow.due_at <= clock.now())
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def _failed(tx: Tx, kind: str, key: str, error: Exception) -> None:
    later = await _due(tx, kind, key)
    if later is None:
        return
    tries = later.tries + 1
    log.warning("timer %s of %s failed (%d): %r", kind, key, tries, error)
    pause = timedelta(seconds=min(PAUSE_MAX_S, 2**tries))
    later.tries, later.error = tries, repr(error)[:500]
    later.due_at = clock.now() + (pause if tries < TRIES_MAX else timedelta(days=1))
