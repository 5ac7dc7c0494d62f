"""An order placed in a restored cluster reaches every consumer, and so does one that waited."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.trade.audit import audit
from tests.trade.stall import Stall, put_stall
from tiantou import worker
from tiantou.core import partitions, secret
from tiantou.core.db import Database, Tx, open_database
from tiantou.core.delivery import Reaction, consumers
from tiantou.settings import Settings
from tiantou.trade.admission import Verdict
from tiantou.trade.admission_sql import open_admission
from tiantou.trade.events import OrderPlaced
from tiantou.trade.lanes import Lanes
from tiantou.up import tools
from tiantou.up.at_hand import at_hand
from tiantou.up.backup import backup
from tiantou.up.restore import restore

# Of several consumers, one of them alone; a restore knows only the house's own names.
NAMES = {
    "live.sale": False,
    "live.send-to-room": True,
    "trade.stock": False,
    "accounts.send-sms": False,
}


def _silent(_: str) -> None:
    """Nobody listens."""


async def _place(dsn: str, stall: Stall, buyer: int) -> None:
    lanes = Lanes(await open_admission(dsn))
    said = await lanes.place(stall.shop_id, stall.wants(buyer))
    await lanes.close()
    assert said.verdict is Verdict.ADMITTED


async def _note(seen: list[int], _: Tx, fact: OrderPlaced) -> None:
    seen.append(int(fact.buyer_no or 0))


async def _work(database: Database, wanted: list[int]) -> None:
    """Runs the worker until every consumer has seen what is wanted; nobody sees more."""
    seen: dict[str, list[int]] = {name: [] for name in NAMES}
    reactions = [
        Reaction(name, OrderPlaced, partial(_note, seen[name]), alone=alone)
        for name, alone in NAMES.items()
    ]
    assert len(consumers(reactions)) == len(NAMES)
    working = asyncio.create_task(worker.work(database, reactions, {}, []))
    await _until(lambda: all(len(one) >= len(wanted) for one in seen.values()))
    await asyncio.sleep(0.5)
    working.cancel()
    await asyncio.wait([working])
    assert seen == dict.fromkeys(NAMES, wanted)


async def _until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while True:
            if true():
                return
            await asyncio.sleep(0.05)


async def test_every_consumer_sees_an_order_placed_after_a_restore(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for home in (old, new):
        home.mkdir(mode=0o700)
    secret.root(old, "")
    secret.path(new).write_bytes(secret.path(old).read_bytes())
    secret.path(new).chmod(0o600)
    settings = Settings(home=old, database_url="")
    await tools.migrate(settings)
    async with at_hand(settings, "test") as dsn:
        database = open_database(dsn, pool_size=8)
        await partitions.make_ahead(database.engine)
        stall = await put_stall(database, 9)
        await _place(dsn, stall, 1)
        await _work(database, [1])
        await _place(dsn, stall, 2)
        await database.close()
    await backup(settings, tmp_path / "one.tar", False, _silent)
    await restore(Settings(home=new, database_url=""), tmp_path / "one.tar", _silent)
    async with at_hand(Settings(home=new, database_url=""), "test") as dsn:
        database = open_database(dsn, pool_size=8)
        await partitions.make_ahead(database.engine)
        await _place(dsn, stall, 3)
        await _work(database, [2, 3])
        assert await audit(database) == {}
        await database.close()
