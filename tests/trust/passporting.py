"""A market with passports, and boxes that have them."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.supply.world import weigh
from tests.trade.market import Market, open_market
from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.supply import acts_http, runs_http
from tiantou.supply import face as supply
from tiantou.trust import labels_http, passport_http, recalls_http, reports_http

BOX_G = 2_500


MODULES = (recalls_http, reports_http, labels_http, passport_http, acts_http, runs_http)


@pytest.fixture
async def market(database: Database, dsn: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Market]:
    """A co-operative that sells, with passports."""
    async with open_market(database, dsn, keys, tmp_path) as made:
        for module in MODULES:
            made.site.api.include_router(module.routes)
        made.site.api.state.settings = SimpleNamespace(public_url="https://tiantou.test")
        yield made


async def packed(market: Market, slips: int = 1) -> tuple[UUID, list[str]]:
    """Ten boxes of so many slips: the lot and the codes of its labels."""
    grams = {
        (await weigh(market.database, market.world, 50_000)).lot_id: 10 * BOX_G // slips
        for _ in range(slips)
    }
    async with market.database.begin() as tx:
        run = await supply.pack_mix(
            tx, market.world.who, market.shop, market.world.pack_id, 10, grams
        )
        rows = await tx.execute(
            text("select code from supply.box where lot_id = :lot order by no"),
            {"lot": run.packed_lot_id},
        )
        codes = list(rows.scalars().all())
    await market.pump()
    return run.packed_lot_id, codes
