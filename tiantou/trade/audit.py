"""The standing audit: stock, holds, orders, payments, capacity and ledger, recomputed from rows.

Each night once, in whichever worker comes first; by hand with `tiantou audit`. It changes nothing.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, to_builtins

from tiantou.accounts.face import notify_operators
from tiantou.core.db import Database, Tx
from tiantou.kit import clock
from tiantou.trade import audit_sql as sql
from tiantou.trade.steps import CHINA

NIGHT_HOUR = 3
LOOK_EVERY_S = 600.0


class Difference(Struct, frozen=True, kw_only=True):
    """A rule that rows break: how many do, and the first of them."""

    rule: str
    count: int
    rows: list[dict[str, Any]]


class Run(Struct, frozen=True, kw_only=True):
    """An audit that was made."""

    at: datetime
    took_ms: int
    differences: list[Difference]


async def look(database: Database) -> Run:
    """Recomputes everything in one snapshot; writes nothing."""
    at, begin = clock.now(), time.monotonic()
    found = []
    async with database.begin() as tx:
        await sql.begin(tx)
        for rule in sql.RULES:
            count, rows = await sql.differences(tx, rule, at)
            if count:
                found.append(Difference(rule=rule, count=count, rows=rows))
    return Run(at=at, took_ms=int((time.monotonic() - begin) * 1000), differences=found)


async def run(database: Database) -> Run:
    """`look`, kept; operators find in their inbox that something differs, once a day and rule."""
    made = await look(database)
    async with database.begin() as tx:
        await sql.keep(tx, made.at, made.took_ms, to_builtins(made.differences))
        await _tell(tx, made)
    return made


async def _tell(tx: Tx, made: Run) -> None:
    day = made.at.astimezone(CHINA).date().isoformat()
    for one in made.differences:
        members = {"rule": one.rule, "count": one.count}
        await notify_operators(tx, "books-differ", members, dedupe=f"books:{day}:{one.rule}")


async def last(tx: Tx) -> Run | None:
    """The newest audit; None before the first."""
    row = await sql.last(tx)
    if row is None:
        return None
    return Run(at=row[0], took_ms=row[1], differences=[Difference(**one) for one in row[2]])


async def nightly(database: Database) -> Run | None:
    """Audits if this night's audit is due and nobody else makes it; None if not."""
    async with database.begin() as tx:
        if not await sql.alone(tx):
            return None
        before = await last(tx)
        if before is not None and before.at >= last_night(clock.now()):
            return None
        return await run(database)


def last_night(now: datetime) -> datetime:
    """The last moment at which an audit became due: three in the morning in China."""
    here = now.astimezone(CHINA)
    due = here.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return due if due <= here else due - timedelta(days=1)


def lines(made: Run) -> Sequence[str]:
    """What an operator reads at the terminal."""
    said = [f"  {one.rule}: {one.count}" for one in made.differences]
    for at, one in enumerate(made.differences):
        said[at] += "".join(f"\n      {row}" for row in one.rows)
    return [*said, f"  {len(made.differences)} rules broken, in {made.took_ms} ms"]
