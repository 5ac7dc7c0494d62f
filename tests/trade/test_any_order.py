"""Whatever people, time, weather, other channels and the provider do, in whatever order, in two
processes at once: the audit finds nothing.
"""

import asyncio
import json
import pickle
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.fair import ACTS, Fair, Job, come
from tests.trade.market import Market
from tiantou.accounts import people_sql
from tiantou.trade.money import ledger

ACT = st.tuples(st.sampled_from(ACTS), st.integers(0, 9), st.integers(1, 3))


class Rival:
    """The second process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process, self.done = process, 0

    async def run(self, acts: list[Any]) -> None:
        """Acts there, one after the other."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(acts).encode() + b"\n")
        word, _, done = (await self._process.stdout.readline()).decode().partition(" ")
        assert word == "done"
        self.done = int(done)


@asynccontextmanager
async def rivals(market: Market, dsn: str) -> AsyncIterator[tuple[Fair, Rival]]:
    """This process and another one at the same market."""
    async with market.database.begin() as tx:
        buyers = [(await people_sql.add(tx)).id for _ in range(5)]
    job = Job(dsn, market.home, market.url, market.world, buyers)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.trade.fair",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin and process.stdout
    process.stdin.write(pickle.dumps(job).hex().encode() + b"\n")
    mine = await come(job)
    try:
        assert await process.stdout.readline() == b"ready\n"
        yield mine, Rival(process)
        process.stdin.write_eof()
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await mine.close()


@given(acts=st.lists(ACT, min_size=30, max_size=60))
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_the_audit_finds_nothing(market: Market, dsn: str, acts: list[Any]) -> None:
    await market.stock(6)
    async with rivals(market, dsn) as (mine, other):

        async def here() -> None:
            for act in acts[::2]:
                await mine.run(*act)

        await asyncio.gather(here(), other.run(acts[1::2]))
        await market.pump()
        assert await audit(market.database) == {}
        async with market.database.begin() as tx:
            assert await ledger.balanced(tx)
            assert await tx.scalar(text("select count(*) from core.waiting")) == 0
        assert mine.done and other.done
