"""Outboxes are partitioned by day: made ahead, dropped when every consumer is past."""

from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tiantou.kit import clock

AHEAD_DAYS = 7
KEEP_DAYS = 30
_LOCK = 7_426_003

OUTBOX_DDL = """
create table {schema}.outbox (
  day date not null,
  xid xid8 not null default pg_current_xact_id(),
  id uuid not null,
  kind text not null,
  key text not null,
  body jsonb not null,
  at timestamptz not null,
  constraint outbox_pk primary key (xid, id, day)
) partition by range (day)
"""


_ALONE = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


def _day_ddl(schema: str, day: date) -> str:
    return (
        f"create table if not exists {schema}.outbox_{day:%Y%m%d} partition of {schema}.outbox"
        f" for values from ('{day}') to ('{day + timedelta(days=1)}')"
    )


def outbox_ddl(schema: str) -> list[str]:
    """The statements that a module's first migration runs for its outbox."""
    today = clock.now().date()
    days = [_day_ddl(schema, today + timedelta(days=n)) for n in range(2)]
    return [OUTBOX_DDL.format(schema=schema), *days]


async def outboxes(engine: AsyncEngine) -> list[str]:
    """The schemas that have an outbox."""
    async with engine.connect() as connection:
        found = await connection.execute(
            text(
                "select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where c.relname = 'outbox' and c.relkind = 'p' order by 1"
            )
        )
        return [row[0] for row in found]


async def make_ahead(engine: AsyncEngine) -> None:
    """Makes the partitions of today and the coming AHEAD_DAYS; at every start and every hour.

    There is no default partition: PostgreSQL detaches concurrently only where there is none.
    """
    today = clock.now().date()
    for schema in await outboxes(engine):
        for n in range(AHEAD_DAYS + 1):
            day = today + timedelta(days=n)
            async with engine.begin() as connection:
                # several processes start at once, and rivals for one name would fail
                await connection.execute(text("select pg_advisory_xact_lock(:n)"), {"n": _LOCK})
                await connection.execute(text("set local lock_timeout = '2s'"))
                # Two processes that start together: `if not exists` alone lets the second one fail.
                await connection.execute(_ALONE, {"key": f"{schema}.outbox"})
                await connection.execute(text(_day_ddl(schema, day)))


async def drop_old(engine: AsyncEngine, keep_days: int = KEEP_DAYS) -> list[str]:
    """Detaches and drops partitions older than `keep_days` that every consumer is past.

    Detaching is concurrent: a plain DROP waits as long as the slowest reader and holds up orders.
    """
    oldest = clock.now().date() - timedelta(days=keep_days)
    dropped: list[str] = []
    for schema in await outboxes(engine):
        async with engine.connect() as connection:
            found = await connection.execute(
                text(
                    "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
                    " where i.inhparent = cast(:parent as regclass)"
                    " and c.relname ~ '^outbox_[0-9]{8}$' and c.relname < :name order by 1"
                ),
                {"parent": f"{schema}.outbox", "name": f"outbox_{oldest:%Y%m%d}"},
            )
            names = [row[0] for row in found]
        for name in names:
            if await _everybody_is_past(engine, schema, name):
                await _detach_and_drop(engine, schema, name)
                dropped.append(f"{schema}.{name}")
    return dropped


async def _everybody_is_past(engine: AsyncEngine, schema: str, name: str) -> bool:
    statement = (
        f"select not exists (select 1 from core.cursor c where c.source = :schema"
        f" and exists (select 1 from {schema}.{name} o where (o.xid, o.id) > (c.xid, c.fact_id)))"
    )
    async with engine.connect() as connection:
        return bool(await connection.scalar(text(statement), {"schema": schema}))


async def _detach_and_drop(engine: AsyncEngine, schema: str, name: str) -> None:
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with alone.connect() as connection:
        await connection.execute(
            text(f"alter table {schema}.outbox detach partition {schema}.{name} concurrently")
        )
        await connection.execute(text(f"drop table {schema}.{name}"))
