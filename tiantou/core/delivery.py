"""Facts are brought to reactions: each in a savepoint, in order within a key, never swallowed.

A consumer is a module's set of reactions. Its watermark moves in the transaction of the reactions'
own writes, so for the database each fact acts exactly once; for the outside world at least once.
"""

import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError

from tiantou.core.bus import NoAnswer
from tiantou.core.db import Database, Tx, check_deferred
from tiantou.core.delivery_tables import CursorRow, WaitingRow
from tiantou.core.outbox import Fact
from tiantou.kit import clock

BATCH = 200
# A batch is a writing transaction, and facts behind the oldest of those are seen by nobody.
BATCH_S_MAX = 0.5
TRIES_MAX = 14
BACKOFF_MIN_S, BACKOFF_MAX_S = 0.25, 60.0
# Who does not answer comes back by himself: he is asked often, and no person is asked to help.
ABSENT_S_MAX = 2.0
ERROR_CHARS_MAX = 500
_NIL = UUID(int=0)

log = logging.getLogger("tiantou.facts")


@dataclass(frozen=True)
class Reaction:
    """`run(tx, fact)` or `run(tx, fact, fact_id=…)`; `name` is `module.what` and lasts.

    One that waits for others is `alone`: a consumer of its own, which holds up no other reaction.
    """

    name: str
    fact: type[Fact]
    run: Callable[..., Awaitable[None]]
    alone: bool = False

    def consumer(self) -> str:
        """The module that reacts, or the reaction's own name."""
        return self.name if self.alone else self.name.split(".")[0]

    async def __call__(self, tx: Tx, fact_id: UUID, body: dict[str, Any]) -> None:
        """Runs on a stored fact. Raises what the reaction raises."""
        fact = msgspec.convert(body, self.fact, strict=False)
        if "fact_id" in inspect.signature(self.run).parameters:
            await self.run(tx, fact, fact_id=fact_id)
        else:
            await self.run(tx, fact)


@dataclass(frozen=True)
class _Failed:
    """What went wrong; `absent`: nobody answered, which is no fault of the fact."""

    error: str
    absent: bool = False


@dataclass(frozen=True)
class Consumer:
    """A module's reactions by the kind of fact, and the outboxes that they come from."""

    name: str
    reactions: dict[str, list[Reaction]]

    def sources(self) -> list[str]:
        """The schemas whose facts it takes."""
        return sorted({kind.split(".")[0] for kind in self.reactions})


def consumers(reactions: Sequence[Reaction]) -> list[Consumer]:
    """The consumers of a set of reactions. Raises ValueError if a name is used twice."""
    if len({one.name for one in reactions}) != len(reactions):
        raise ValueError("a reaction's name is its own")
    made: dict[str, dict[str, list[Reaction]]] = {}
    for one in reactions:
        made.setdefault(one.consumer(), {}).setdefault(one.fact.kind(), []).append(one)
    return [Consumer(name, kinds) for name, kinds in sorted(made.items())]


async def system_identifier(tx: Tx) -> str:
    """What tells one database system from another; a restored copy has another one."""
    return str(await tx.scalar(text("select system_identifier from pg_control_system()")))


async def _cursor(tx: Tx, consumer: str, source: str) -> CursorRow | None:
    """The locked cursor, made at the beginning of time if absent; None while a rival holds it."""
    fresh = {"consumer": consumer, "source": source, "system": await system_identifier(tx)}
    await tx.execute(
        upsert(CursorRow)
        .values(**fresh, xid=text("'0'::xid8"), fact_id=_NIL, at=clock.now())
        .on_conflict_do_nothing()
    )
    row = await tx.scalar(
        select(CursorRow)
        .where(CursorRow.consumer == consumer, CursorRow.source == source)
        .with_for_update(skip_locked=True)
    )
    if row is not None and row.system != fresh["system"]:
        raise RuntimeError("the cursors belong to another database system: re-base them first")
    return row


async def _ahead(tx: Tx, cursor: CursorRow, kinds: Sequence[str], limit: int) -> list[Any]:
    """The next facts behind the watermark whose transactions, and all before, have ended.

    Those of other kinds come too, without a body: the watermark moves past them, else it would
    stand for ever before what nobody here takes, and no partition could be dropped.
    """
    statement = text(
        "select xid, id, kind, key, case when kind = any(:kinds) then body end as body"
        f" from {cursor.source}.outbox"
        " where (xid, id) > (cast(:xid as xid8), :id)"
        " and xid < pg_snapshot_xmin(pg_current_snapshot())"
        " order by xid, id limit :limit"
    )
    found = await tx.execute(
        statement,
        {"xid": cursor.xid, "id": cursor.fact_id, "kinds": list(kinds), "limit": limit},
    )
    return list(found.all())


async def deliver(database: Database, consumer: Consumer, source: str, limit: int = BATCH) -> int:
    """One batch of a source's facts to a consumer; says how many facts were seen."""
    until = time.monotonic() + BATCH_S_MAX
    async with database.begin() as tx:
        cursor = await _cursor(tx, consumer.name, source)
        if cursor is None:
            return 0
        seen, last = 0, None
        for last in await _ahead(tx, cursor, list(consumer.reactions), limit):
            seen += 1
            for reaction in consumer.reactions.get(last.kind, ()):
                await _take(tx, reaction, last.id, last.kind, last.key, last.body)
            if time.monotonic() > until:
                break
        if last is not None:
            cursor.xid, cursor.fact_id, cursor.at = last.xid, last.id, clock.now()
        return seen


async def held_back(database: Database, consumer: Consumer) -> bool:
    """Whether facts stand ahead of the consumer that an older open transaction holds back."""
    async with database.begin() as tx:
        for source in consumer.sources():
            ahead = text(
                f"select exists (select 1 from core.cursor c join {source}.outbox o"
                " on (o.xid, o.id) > (c.xid, c.fact_id)"
                " where c.consumer = :consumer and c.source = :source)"
            )
            if await tx.scalar(ahead, {"consumer": consumer.name, "source": source}):
                return True
    return False


async def _take(
    tx: Tx, reaction: Reaction, fact_id: UUID, kind: str, key: str, body: dict[str, Any]
) -> None:
    """Runs a reaction, or lets the fact wait: behind earlier ones of its key, or after an error."""
    queue = select(WaitingRow.no).where(WaitingRow.reaction == reaction.name, WaitingRow.key == key)
    error = "waits for an earlier fact of its key"
    tries = 0
    if await tx.scalar(queue.limit(1)) is None:
        failed = await _attempt(tx, reaction, fact_id, body)
        if failed is None:
            return
        error, tries = failed.error, 1
    await tx.execute(
        insert(WaitingRow).values(
            reaction=reaction.name,
            fact_id=fact_id,
            kind=kind,
            key=key,
            body=body,
            tries=tries,
            next_at=clock.now() + _pause(tries),
            parked=False,
            error=error,
            at=clock.now(),
        )
    )


async def _attempt(
    tx: Tx, reaction: Reaction, fact_id: UUID, body: dict[str, Any]
) -> _Failed | None:
    """None if the reaction is done, else what went wrong. Raises if the database itself is lost."""
    try:
        async with tx.begin_nested():
            await reaction(tx, fact_id, body)
            await check_deferred(tx)
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        log.warning("reaction %s failed on %s: %r", reaction.name, fact_id, error)
        said = f"{type(error).__name__}: {error}"[:ERROR_CHARS_MAX]
        return _Failed(said, absent=isinstance(error, NoAnswer))
    return None


def _pause(tries: int) -> timedelta:
    return timedelta(seconds=min(BACKOFF_MAX_S, BACKOFF_MIN_S * 2 ** max(0, tries - 1)))


async def retry(database: Database, reactions: dict[str, Reaction], limit: int = 50) -> int:
    """Takes these reactions' waiting facts that are due, the first of each key; says how many."""
    for tried in range(limit):
        async with database.begin() as tx:
            row = await tx.scalar(_due(list(reactions)))
            if row is None:
                return tried
            await _again(tx, row, reactions[row.reaction])
    return limit


def _due(names: Sequence[str]) -> Any:
    earlier = WaitingRow.__table__.alias("earlier")
    first = ~(
        select(earlier.c.no)
        .where(
            earlier.c.reaction == WaitingRow.reaction,
            earlier.c.key == WaitingRow.key,
            earlier.c.no < WaitingRow.no,
        )
        .exists()
    )
    return (
        select(WaitingRow)
        .where(~WaitingRow.parked, WaitingRow.next_at <= clock.now(), first)
        .where(WaitingRow.reaction.in_(names))
        .order_by(WaitingRow.next_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


async def _again(tx: Tx, row: WaitingRow, reaction: Reaction) -> None:
    failed = await _attempt(tx, reaction, row.fact_id, row.body)
    if failed is None:
        await tx.execute(delete(WaitingRow).where(WaitingRow.no == row.no))
        return
    row.tries += 1
    row.error = failed.error
    row.parked = row.tries >= TRIES_MAX and not failed.absent
    pause = _pause(row.tries)
    row.next_at = clock.now() + (
        min(pause, timedelta(seconds=ABSENT_S_MAX)) if failed.absent else pause
    )
    if row.parked:
        log.error("reaction %s parked fact %s: %s", row.reaction, row.fact_id, failed.error)


async def park_orphans(database: Database, everybody: Sequence[Reaction]) -> None:
    """Parks what waits for reactions that there are no more, where an operator sees it."""
    async with database.begin() as tx:
        await tx.execute(
            update(WaitingRow)
            .where(~WaitingRow.parked, WaitingRow.reaction.not_in([one.name for one in everybody]))
            .values(parked=True, error="no such reaction any more")
        )


async def unpark(tx: Tx, no: int) -> bool:
    """An operator lets a parked fact be tried again; False if there is no such one."""
    row = await tx.get(WaitingRow, no, with_for_update=True)
    if row is None or not row.parked:
        return False
    row.parked, row.tries, row.next_at = False, 0, clock.now()
    return True
