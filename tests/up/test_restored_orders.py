"""An order placed in a restored cluster reaches every consumer, and so does one that waited."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.stall import Stall, put_stall
from tiantou import worker
from tiantou.core import partitions, secret
from tiantou.core.db import Database, Tx, open_database
from tiantou.core.delivery import Reaction
from tiantou.settings import Settings
from tiantou.trade import expiry
from tiantou.trade.admission_sql import open_admission
from tiantou.trade.events import OrderExpired, StockEdge, StockMoved
from tiantou.trade.lanes import Lanes
from tiantou.up import tools
from tiantou.up.at_hand import at_hand
from tiantou.up.backup import backup
from tiantou.up.restore import restore


def _silent(_: str) -> None:
    """Nobody listens."""


async def _place(dsn: str, stall: Stall, buyer: int) -> str:
    """Places an order; gives its number."""
    lanes = Lanes(await open_admission(dsn))
    said = await lanes.place(stall.shop_id, stall.wants(buyer))
    await lanes.close()
    assert said.placed is not None
    return said.placed.number


async def _work(database: Database, wanted: dict[str, list[Any]]) -> None:
    """Runs the worker until each of the house's reactions has seen what is wanted, in order."""
    seen: dict[str, list[Any]] = {name: [] for name in wanted}

    async def moved(_: Tx, fact: StockMoved) -> None:
        seen["live.stock"].append(fact.units_left)

    async def edge(_: Tx, fact: StockEdge) -> None:
        seen["live.edge"].append(fact.edge)

    async def expired(_: Tx, fact: OrderExpired) -> None:
        seen["trade.tell-trade.order-expired"].append(fact.number)

    reactions = [
        Reaction("live.stock", StockMoved, moved),
        Reaction("live.edge", StockEdge, edge),
        Reaction("trade.tell-trade.order-expired", OrderExpired, expired),
    ]
    working = asyncio.create_task(worker.work(database, reactions, {}, []))
    await _until(lambda: all(len(seen[name]) >= len(some) for name, some in wanted.items()))
    await asyncio.sleep(0.5)
    working.cancel()
    await asyncio.wait([working])
    assert {name: sorted(some) for name, some in seen.items()} == {
        name: sorted(some) for name, some in wanted.items()
    }


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
    names = ("live.stock", "live.edge", "trade.tell-trade.order-expired")
    async with at_hand(settings, "test") as dsn:
        database = open_database(dsn, pool_size=8)
        await partitions.make_ahead(database.engine)
        stall = await put_stall(database, 3)
        first = await _place(dsn, stall, 1)
        await _work(database, dict(zip(names, ([2], [], []), strict=True)))
        second = await _place(dsn, stall, 2)
        await database.close()
    await backup(settings, tmp_path / "one.tar", False, _silent)
    await restore(Settings(home=new, database_url=""), tmp_path / "one.tar", _silent)
    async with at_hand(Settings(home=new, database_url=""), "test") as dsn:
        database = open_database(dsn, pool_size=8)
        await partitions.make_ahead(database.engine)
        third = await _place(dsn, stall, 3)
        async with database.begin() as tx:
            await tx.execute(text("update trade.orders set pay_before_at = placed_at"))
        assert await expiry.sweep(database) == 3
        told = ([1, 0, 3], ["sold_out", "restocked"], [first, second, third])
        await _work(database, dict(zip(names, told, strict=True)))
        assert await audit(database) == {}
        await database.close()
