"""The standing test: real PostgreSQL, two processes, more buyers than stock, then the rows."""

import asyncio
import collections
import json
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.stall import Stall, put_stall
from tiantou.core.db import Database
from tiantou.core.subject import Subject
from tiantou.trade import capacity

UNITS, BUYERS, A_DAY = 20, 50, 4


def _job(dsn: str, stall: Stall, buyers: list[tuple[int, str]], pause_s: float = 0) -> bytes:
    return json.dumps(
        {
            "dsn": dsn,
            "shop_id": str(stall.shop_id),
            "offer_id": str(stall.offer_id),
            "snapshot": stall.snapshot.hex(),
            "buyers": buyers,
            "pause_s": pause_s,
        }
    ).encode()


async def _start(job: bytes) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.trade.buyers",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write(job)
    process.stdin.write_eof()
    return process


async def _lines(process: asyncio.subprocess.Process) -> list[list[Any]]:
    out, _ = await process.communicate()
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


async def _orders(database: Database) -> dict[str, int]:
    async with database.begin() as tx:
        row = (
            await tx.execute(
                text(
                    "select (select count(*) from trade.orders), (select sum(available) from"
                    " trade.pool), (select sum(taken) from trade.pool), (select count(*) from"
                    " trade.outbox where kind = 'trade.order-placed'), (select count(*) from"
                    " trade.outbox where kind = 'trade.stock-edge')"
                )
            )
        ).one()
    return dict(zip(("orders", "available", "taken", "placed", "edges"), row, strict=True))


async def test_fifty_buyers_in_two_processes_for_twenty_units(database: Database, dsn: str) -> None:
    stall = await put_stall(database, UNITS)
    buyers = [(n, str(uuid4())) for n in range(1, BUYERS + 1)]
    both = [await _start(_job(dsn, stall, buyers[half::2])) for half in (0, 1)]
    said = [line for one in await asyncio.gather(*map(_lines, both)) for line in one]
    assert collections.Counter(line[1] for line in said) == {
        "ADMITTED": UNITS,
        "SOLD_OUT": BUYERS - UNITS,
    }
    assert len({line[2] for line in said if line[2]}) == UNITS
    assert await _orders(database) == {
        "orders": UNITS,
        "available": 0,
        "taken": UNITS,
        "placed": UNITS,
        "edges": 1,
    }
    assert await audit(database) == {}


async def test_one_of_two_processes_is_killed_in_the_middle(database: Database, dsn: str) -> None:
    stall = await put_stall(database, UNITS)
    buyers = [(n, str(uuid4())) for n in range(1, BUYERS + 1)]
    doomed = await _start(_job(dsn, stall, buyers[::2], pause_s=0.02))
    other = await _start(_job(dsn, stall, buyers[1::2], pause_s=0.02))
    assert doomed.stdout
    acked = [json.loads(await doomed.stdout.readline()) for _ in range(5)]
    doomed.kill()
    rest, _ = await doomed.communicate()
    acked += [json.loads(line) for line in rest.splitlines() if line.endswith(b"]")]
    said = await _lines(other)

    # Every buyer of the dead process asks again with his key, the answered ones too.
    again = await _lines(await _start(_job(dsn, stall, buyers[::2])))
    before = {line[0]: line[2] for line in acked if line[1] == "ADMITTED"}
    after = {line[0]: line[2] for line in again}
    assert before
    assert {buyer: after[buyer] for buyer in before} == before
    verdicts = collections.Counter(line[1] for line in said + again)
    assert verdicts == {"ADMITTED": UNITS, "SOLD_OUT": BUYERS - UNITS}
    assert (await _orders(database))["orders"] == UNITS
    assert await audit(database) == {}


async def test_days_fill_to_the_last_box_under_two_processes(database: Database, dsn: str) -> None:
    stall = await put_stall(database, 2 * BUYERS)
    async with database.begin() as tx:
        who = Subject(UUID(int=1), 1, UUID(int=2))
        await capacity.state(tx, who, stall.shop_id, [A_DAY] * 7, 1_440)
    buyers = [(n, str(uuid4())) for n in range(1, BUYERS + 1)]
    both = [await _start(_job(dsn, stall, buyers[half::2])) for half in (0, 1)]
    said = [line for one in await asyncio.gather(*map(_lines, both)) for line in one]
    assert collections.Counter(line[1] for line in said) == {"ADMITTED": BUYERS}
    async with database.begin() as tx:
        rows = await tx.execute(
            text("select ship_day, count(*) from trade.orders group by 1 order by 1")
        )
        days = [tuple(row) for row in rows]
    whole, rest = divmod(BUYERS, A_DAY)
    assert [count for _, count in days] == [A_DAY] * whole + [rest]
    assert days[-1][0] - days[0][0] == timedelta(days=whole)
    assert await audit(database) == {}
