"""Two processes at once on one world; each tries an act of its own many times."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.supply.world import World

_MAIN = """
import asyncio, sys
from uuid import UUID
from tests.supply.world import World, subject
from tiantou.core.db import open_database

async def main(dsn, org, household, plot, tries):
    database, org_id, done = open_database(dsn), UUID(org), 0
    world = World(org_id, subject(org_id), UUID(household), UUID(plot), None)
    for n in range(int(tries)):
        try:
            async with database.begin() as tx:
                await act(tx, world, n)
            done += 1
        except REFUSED:
            pass
    await database.close()
    print(done)

asyncio.run(main(*sys.argv[1:]))
"""


async def race(dsn: str, world: World, scripts: Sequence[str], tries: int) -> list[int]:
    """How often each script's `act(tx, world, n)` was done; `REFUSED` is what may stop it."""
    arguments = [dsn, str(world.org_id), str(world.household_id), str(world.plot_id), str(tries)]
    racers = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            script + _MAIN,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for script in scripts
    ]
    said = [(await racer.communicate())[0] for racer in racers]
    assert all(racer.returncode == 0 for racer in racers)
    return [int(one) for one in said]
