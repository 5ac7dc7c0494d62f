"""A packer in a process of his own: scans what the job on stdin says, tells what came of it."""

import asyncio
import json
import sys
from typing import Any
from uuid import UUID

from tiantou.core.db import open_database
from tiantou.kit import clock
from tiantou.trade.bench import scanning
from tiantou.trade.scans import Scan


async def _work(job: dict[str, Any]) -> None:
    database = open_database(job["dsn"], pool_size=4)
    shop, packer = UUID(job["shop"]), UUID(job["packer"])
    gate = asyncio.Semaphore(4)

    async def one(scan: list[str]) -> None:
        wish = Scan(id=UUID(scan[0]), order=scan[1], box=scan[2], at=clock.now())
        async with gate, database.begin() as tx:
            said = await scanning.scan(tx, shop, packer, wish)
        sys.stdout.write(json.dumps([scan[0], said.verdict, said.other]) + "\n")

    await asyncio.gather(*(one(scan) for scan in job["scans"]))
    await database.close()


if __name__ == "__main__":
    asyncio.run(_work(json.load(sys.stdin)))
