"""A process of buyers: reads a job from stdin, places orders through lanes, says each verdict.

Run as `python -m tests.trade.buyers`; one JSON line a verdict: [buyer, verdict, order_id].
"""

import asyncio
import json
import sys
from typing import Any
from uuid import UUID

from tests.trade.stall import Stall, request
from tiantou.core.problems import Problem
from tiantou.trade.admission_sql import open_admission
from tiantou.trade.lanes import Lanes


async def main(job: dict[str, Any]) -> None:
    """Every buyer of the job asks once, all at the same time or `pause_s` apart."""
    lanes = Lanes(await open_admission(job["dsn"]))
    stall = Stall(
        UUID(job["shop_id"]), UUID(job["offer_id"]), UUID(int=0), bytes.fromhex(job["snapshot"])
    )

    async def buy(at: int, buyer: int, key: str) -> None:
        await asyncio.sleep(at * job["pause_s"])
        try:
            said = await lanes.place(stall.shop_id, request(stall, buyer, key=UUID(key)))
        except Problem as problem:
            line: list[Any] = [buyer, problem.kind(), None]
        else:
            order = str(said.placed.order_id) if said.placed else None
            line = [buyer, said.verdict.name, order]
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    await asyncio.gather(*(buy(at, *one) for at, one in enumerate(job["buyers"])))
    await lanes.close()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.stdin.read())))
