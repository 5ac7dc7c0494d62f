"""A market with passports, and boxes that have them."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.supply.world import VARIETY, weigh
from tests.trade.market import Market, open_market
from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.supply import acts_http, grading_http, runs_http
from tiantou.supply import face as supply
from tiantou.trust import labels_http, passport_http, recalls_http, reports_http

BOX_G = 2_500
STANDARD = {
    "code": "DB42/T 1",
    "title": "脐橙等级",
    "source": "地方标准",
    "edition": "2024",
    "variety_id": str(VARIETY),
    "grades": [
        {
            "rank": 1,
            "name": "一级",
            "tolerance_permille": 100,
            "limits": [
                {"attribute": "brix_tenth", "low": 100, "high": None},
                {"attribute": "diameter_tenth_mm", "low": 750, "high": 850},
            ],
        }
    ],
}
PIECES = [{"diameter_tenth_mm": tenths, "brix_tenth": 124} for tenths in (785, 800, 820)]


MODULES = (
    recalls_http,
    reports_http,
    labels_http,
    passport_http,
    acts_http,
    runs_http,
    grading_http,
)


@pytest.fixture
async def market(database: Database, dsn: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Market]:
    """A co-operative that sells, with passports."""
    async with open_market(database, dsn, keys, tmp_path) as made:
        for module in MODULES:
            made.site.api.include_router(module.routes)
        made.site.api.state.settings = SimpleNamespace(
            public_url="https://tiantou.test", media_url=""
        )
        yield made


async def packed(market: Market, slips: int = 1) -> tuple[UUID, list[str]]:
    """Ten boxes of so many slips: the lot and the codes of its labels."""
    grams = {
        (await weigh(market.database, market.world, 50_000)).lot_id: 10 * BOX_G // slips
        for _ in range(slips)
    }
    return await _boxes(market, grams)


async def _boxes(market: Market, grams: dict[UUID, int]) -> tuple[UUID, list[str]]:
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


async def graded(market: Market) -> tuple[UUID, list[str]]:
    """Ten boxes of a lot that was graded by a standard, three pieces measured."""
    seller, path = await market.seller(), f"/api/orgs/{market.shop}"
    standard = await seller.post(f"{path}/grade-standards", json=STANDARD)
    assert standard.status_code == 201, standard.text
    lot = (await weigh(market.database, market.world, 50_000)).lot_id
    output = {"grade": "一级", "grams": 50_000, "pieces": PIECES}
    asked = {
        "lots": [{"lot_id": str(lot), "grams": 50_000}],
        "outputs": [output],
        "standard_id": standard.json()["id"],
    }
    run = await seller.post(f"{path}/runs/grade", json=asked)
    assert run.status_code == 201, run.text
    return await _boxes(market, {UUID(run.json()["lot_ids"][0]): 10 * BOX_G})


async def sold(market: Market, lot: UUID, code: str, channel: str = "tiantou") -> None:
    """The box goes to an order, its code scanned, of this channel or another."""
    buyer, seller = await market.buyer(), await market.seller()
    placed = await market.paid_order(buyer, await market.standing())
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    assert (await seller.post(f"{path}/start-packing", json={})).status_code == 200
    packed = await seller.post(f"{path}/pack", json={"codes": [code.lower()]})
    assert packed.status_code == 200, packed.text
    assert packed.json()["picks"][0]["lot_id"] == str(lot)
    order = UUID(placed["order_id"])
    async with market.database.begin() as tx:
        if channel != "tiantou":
            await tx.execute(
                text(
                    "update trade.orders set channel = :channel, external_no = 'X1'"
                    " where order_id = :order"
                ),
                {"channel": channel, "order": order},
            )
