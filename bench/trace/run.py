"""`make bench-trace`: LINES order lines (1,000,000 unless set) from SEED, then the walks over them.

Times are of the product's own functions, each in a transaction of its own, on a PostgreSQL with the
product's settings. Beside them stands a ceiling of the same run: the same walk as one bare
statement, and a bare `select 1`. On a busy machine trust the ratios, and `_cpu_` which is what this
process itself used. The last line is one JSON object.

`recall_ms_per_1000_orders` is the activation: from the call until all lots are recalled, the offers
paused and every buyer queued. Telling and refunding them comes after, `recall_worked_off_…`.
"""

import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from bench.trace.data import Made, load
from tiantou.core.db import Database, open_database
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.migrations.run import migrate
from tiantou.supply import face as supply
from tiantou.trade import scans_sql
from tiantou.trade.bench import scanning
from tiantou.trade.scans import Scan, Verdict
from tiantou.trust import recalls, recalls_sql, trace, working
from tiantou.trust.events import RecallActivated
from tiantou.up import postgres
from tiantou.up.children import Children, begin, stop_all
from tiantou.up.log import Log

LINES = int(os.environ.get("LINES", "1000000"))
SEED = int(os.environ.get("SEED", "20261126"))
ASKED, RECALLS, SECONDS, AT_ONCE = 300, 3, 5.0, 8
_BARE = """
with recursive down(lot_id) as (
    select $1::uuid union
    select e.child_id from down d join supply.lot_edge e on e.parent_id = d.lot_id)
select count(*) from down join trade.pick p on p.lot_id = down.lot_id
"""


def p95(times: Sequence[float]) -> float:
    """In milliseconds."""
    return round(statistics.quantiles(times, n=20)[-1] * 1000, 2)


async def timed(things: Sequence[Any], act: Callable[[Any], Awaitable[Any]]) -> list[float]:
    """Seconds of one act after the other."""
    times = []
    for thing in things:
        began = time.perf_counter()
        await act(thing)
        times.append(time.perf_counter() - began)
    return times


async def walks(database: Database, made: Made, dice: random.Random) -> dict[str, Any]:
    """Forward from harvest lots, backward from orders and boxes."""
    lines: list[int] = []

    async def forward(lot: UUID) -> None:
        async with database.begin() as tx:
            lines.append(len((await trace.forward(tx, [lot])).lines))

    async def backward(order: tuple[UUID, UUID]) -> None:
        async with database.begin() as tx:
            assert (await trace.of_order(tx, *order)).roots

    lots, some = dice.choices(made.harvest, k=ASKED), dice.choices(made.orders, k=ASKED)
    cpu = time.process_time()
    there = await timed(lots, forward)
    between = time.process_time()
    back = await timed(some, backward)
    after = time.process_time()
    bare = await asyncpg.connect(database.dsn)
    counted: list[int] = []

    async def count(lot: UUID) -> None:
        counted.append(await bare.fetchval(_BARE, lot))

    ceiling = await timed(lots, count)
    await bare.close()
    assert counted == lines
    return {
        "forward_p95_ms": p95(there),
        "forward_median_ms": round(statistics.median(there) * 1000, 2),
        "forward_bare_median_ms": round(statistics.median(ceiling) * 1000, 2),
        "forward_cpu_ms": round((between - cpu) / ASKED * 1000, 2),
        "backward_cpu_ms": round((after - between) / ASKED * 1000, 2),
        "forward_lines_median": statistics.median(lines),
        "backward_p95_ms": p95(back),
        "backward_median_ms": round(statistics.median(back) * 1000, 2),
    }


async def passports(database: Database, made: Made, dice: random.Random) -> dict[str, Any]:
    """Boxes asked by their codes, AT_ONCE at a time; and what bare statements reach beside it."""

    async def many(act: Callable[[], Awaitable[Any]]) -> float:
        end, done = time.perf_counter() + SECONDS, 0

        async def one() -> None:
            nonlocal done
            while time.perf_counter() < end:
                await act()
                done += 1

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
        return done / SECONDS

    async def passport() -> None:
        async with database.begin() as tx:
            assert await trace.passport(tx, dice.choice(made.codes))

    pool = await asyncpg.create_pool(database.dsn, min_size=AT_ONCE, max_size=AT_ONCE)
    cpu = time.process_time()
    per_s = await many(passport)
    used = time.process_time() - cpu
    bare = await many(lambda: pool.fetchval("select 1"))
    await pool.close()
    return {
        "passport_per_s": round(per_s),
        "bare_statement_per_s": round(bare),
        "passport_ratio": round(per_s / bare, 3),
        "passport_cpu_us": round(used / (per_s * SECONDS) * 1_000_000),
    }


async def scans(database: Database, made: Made) -> dict[str, Any]:
    """The bench's own act: the order by its number, the box by its code, judged and packed."""
    who, numbers = UUID(int=1), await _numbers(database, made)

    async def scan(one: tuple[UUID, UUID, str]) -> None:
        shop, order, code = one
        wish = Scan(id=ids.uuid7(), order=numbers[order], box=code, at=clock.now())
        async with database.begin() as tx:
            said = await scanning.scan(tx, shop, who, wish)
        if said.verdict is not Verdict.IN or said.order_state != "packed":
            raise ValueError(f"a scan came to nothing: {said}")

    times = await timed(made.packing, scan)
    return {
        "bench_scan_p95_ms": p95(times),
        "bench_scan_median_ms": round(statistics.median(times) * 1000, 2),
    }


async def _numbers(database: Database, made: Made) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    async with database.begin() as tx:
        for shop in {shop for shop, _, _ in made.packing}:
            mine = [order for one, order, _ in made.packing if one == shop]
            found |= await scans_sql.numbers_of(tx, shop, mine)
    return found


async def recall(database: Database, made: Made, dice: random.Random) -> dict[str, Any]:
    """Drafted, activated, and worked off to the last buyer."""
    activated, worked, count = 0.0, 0.0, 0
    for lot in dice.sample(made.harvest, RECALLS):
        async with database.begin() as tx:
            found = (await supply.lots(tx, [lot]))[lot]
            who = Subject(UUID(int=1), 1, ids.uuid7(), ((found.org_id, "owner"),))
            draft = await recalls.draft(tx, who, found.org_id, [lot], "bench", False)
        began = time.perf_counter()
        async with database.begin() as tx:
            await recalls.activate(tx, who, found.org_id, draft.id)
        activated += time.perf_counter() - began
        count += await _orders_of(database, draft.id)
        fact = RecallActivated(recall_id=draft.id, org_id=found.org_id, lots=0, lines=0)
        began = time.perf_counter()
        while await _queued(database, draft.id):
            async with database.begin() as tx:
                await working.go_on(tx, fact)
        worked += time.perf_counter() - began
    return {
        "recall_ms_per_1000_orders": round(activated * 1_000_000 / count),
        "recall_worked_off_ms_per_1000_orders": round(worked * 1_000_000 / count),
        "recall_orders": count,
    }


async def _orders_of(database: Database, recall_id: UUID) -> int:
    connection = await asyncpg.connect(database.dsn)
    found = await connection.fetchval(
        "select count(distinct order_id) from trust.recall_line where recall_id = $1", recall_id
    )
    await connection.close()
    return int(found)


async def _queued(database: Database, recall_id: UUID) -> bool:
    async with database.begin() as tx:
        return bool(await recalls_sql.queued_orders(tx, recall_id, 1))


async def main() -> None:
    """Loads, measures, prints."""
    with tempfile.TemporaryDirectory(prefix="tt-bench") as folder:
        home = Path(folder)
        log = Log(home / "log", terminal=StringIO())
        children = Children(log, home / "children.json")
        cluster = await postgres.cluster(home, "")
        await postgres.prepare(cluster)
        await begin(children, postgres.child(cluster))
        try:
            await postgres.make_database(cluster)
            database = open_database(cluster.dsn(), pool_size=AT_ONCE)
            await migrate(database.engine)
            began = time.perf_counter()
            made = await load(cluster.dsn(), LINES, SEED)
            took = time.perf_counter() - began
            print(f"{LINES} lines of {len(made.shops)} shops from seed {SEED}: {took:.0f} s")
            said: dict[str, Any] = {"lines": LINES, "seed": SEED, "load_s": round(took)}
            dice = random.Random(SEED)
            for measure in (walks, passports):
                said |= await measure(database, made, dice)
                print(said)
            said |= await scans(database, made)
            print(said)
            said |= await recall(database, made, dice)
            await database.close()
        finally:
            await stop_all(children)
            log.close()
    print(json.dumps(said))


if __name__ == "__main__":
    asyncio.run(main())
