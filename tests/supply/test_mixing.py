"""Mixed and relabelled lots: mass is kept, roots stay visible, nothing becomes better."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.supply.app import Shop
from tests.supply.world import World, make_world, weigh
from tiantou.catalog import face as catalog
from tiantou.core.db import Database
from tiantou.core.problems import InvalidFields
from tiantou.kit import clock
from tiantou.supply import face as supply
from tiantou.supply import mixing
from tiantou.supply.face import GradeDiffers, Paper


async def _mix(shop: Shop, world: World, grams: dict[Any, int]) -> Any:
    lots = [{"lot_id": str(lot_id), "grams": some} for lot_id, some in grams.items()]
    return await shop.post(f"/api/orgs/{world.org_id}/runs/mix", {"lots": lots, "note": "并堆"})


async def test_lots_become_one_and_their_roots_stay_visible(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id, "station")
    weak = Paper(basis="control", commitments=["truthful"])
    first = await weigh(database, world, 10_000, price_fen_per_jin=300)
    late = clock.now() - timedelta(days=2)
    second = await weigh(database, world, 20_000, plot_id=None, certificate=weak, harvested_at=late)
    said = await _mix(shop, world, {first.lot_id: 4_000, second.lot_id: 20_000})
    assert said.status_code == 201, said.text
    made = said.json()
    assert (made["grams"], made["grams_left"], made["grade"]) == (24_000, 6_000, "一级")
    assert made["reach"] == {"roots": 2, "lots": 3, "boxes": 0}
    lot_id = UUID(made["lot_id"])
    async with database.begin() as tx:
        lot = await supply.lot(tx, world.org_id, lot_id)
        shares = {one.lot_id: one.grams for one in await supply.roots(tx, lot_id)}
        paper = (await supply.certificates_for(tx, [lot_id]))[lot_id]
    assert lot is not None
    assert (lot.kind, lot.plot_id, lot.household_id) == ("graded", None, world.household_id)
    assert lot.harvested_at == second.harvested_at
    assert shares == {first.lot_id: 4_000, second.lot_id: 20_000}
    assert (paper.basis, paper.commitments, paper.roots) == ("control", ["truthful"], 2)
    run = (await shop.get(f"/api/orgs/{world.org_id}/runs/{made['run_id']}")).json()
    assert (run["kind"], run["in_g"], run["out_g"], run["note"]) == ("mix", 24_000, 24_000, "并堆")
    alone = await _mix(shop, world, {first.lot_id: 1})
    assert alone.status_code == 422
    short = await _mix(shop, world, {first.lot_id: 6_001, made["lot_id"]: 1})
    assert (short.json()["type"], short.json()["grams_left"]) == ("/problems/lot-short", 6_000)


async def test_different_grades_become_none_and_varieties_stay_apart(database: Database) -> None:
    world = await make_world(database)
    first = await weigh(database, world, 1_000)
    second = await weigh(database, world, 1_000, grade="二级")
    async with database.begin() as tx:
        made = await mixing.mix(
            tx, world.who, world.org_id, {first.lot_id: 500, second.lot_id: 500}
        )
    assert made.grade == "混级"
    other = catalog.variety_id("橙", "冰糖橙")
    third = await weigh(database, world, 1_000, variety_id=other)
    with pytest.raises(GradeDiffers):
        async with database.begin() as tx:
            await mixing.mix(tx, world.who, world.org_id, {first.lot_id: 1, third.lot_id: 1})


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ("一级", "一级", True),
        ("一级", "二级", True),
        ("一级", "统货", True),
        ("二级", "一级", False),
        ("统货", "三级", False),
        ("大果", "大果", True),
        ("大果", "特级", False),
        ("特级", "大果", False),
    ],
)
async def test_a_label_never_makes_a_lot_better(
    database: Database, before: str, after: str, may: bool
) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 1_000, grade=before)
    if not may:
        with pytest.raises(InvalidFields):
            async with database.begin() as tx:
                await mixing.relabel(tx, world.who, world.org_id, slip.lot_id, 400, after, "换标")
        return
    async with database.begin() as tx:
        made = await mixing.relabel(tx, world.who, world.org_id, slip.lot_id, 400, after, "换标")
        lot = await supply.lot(tx, world.org_id, made.lot_id)
        papers = await supply.certificates_for(tx, [made.lot_id, slip.lot_id])
    assert lot is not None
    assert (lot.grade, lot.grams_in, made.grams_left) == (after, 400, 600)
    assert papers[made.lot_id] == papers[slip.lot_id]
    assert made.code != slip.lot_code
