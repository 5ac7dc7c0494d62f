"""More than a plot can bear is held on the scale: it may be somebody else's fruit."""

from datetime import timedelta

import pytest

from tests.supply.app import Shop
from tests.supply.world import VARIETY, World, make_world, subject, weigh
from tiantou.core.db import Database
from tiantou.kit import clock, ids
from tiantou.supply import face as supply
from tiantou.supply import moves_sql, slips
from tiantou.supply.claims import claims_sql
from tiantou.supply.face import LotNotOpen

# the plot has 2,000 m², which is 3 mu: 9 t a year at 3 t a mu
G_PER_MU, BEARS_G = 3_000_000, 9_000_000


async def _ceiling(database: Database) -> None:
    async with database.begin() as tx:
        await claims_sql.set_ceiling(
            tx,
            variety_id=VARIETY,
            g_per_mu=G_PER_MU,
            source="农业农村局",
            set_by=ids.uuid7(),
            set_at=clock.now(),
        )


async def _state(database: Database, world: World, slip: supply.SlipView) -> str:
    async with database.begin() as tx:
        lot = await supply.lot(tx, world.org_id, slip.lot_id)
    assert lot is not None
    return lot.state


async def test_a_lot_above_the_ceiling_is_held_and_gives_nothing(database: Database) -> None:
    world = await make_world(database)
    await _ceiling(database)
    old = clock.now() - timedelta(days=366)
    before = await weigh(database, world, BEARS_G, harvested_at=old)
    full = await weigh(database, world, BEARS_G)
    over = await weigh(database, world, 1)
    elsewhere = await weigh(database, world, 5_000_000, plot_id=None)
    states = [await _state(database, world, one) for one in (before, full, over, elsewhere)]
    assert states == ["open", "open", "held", "open"]
    async with database.begin() as tx:
        (step,) = await moves_sql.steps_of(tx, over.lot_id)
        assert step.why == f"yield-ceiling: {BEARS_G + 1} g of {BEARS_G} g"
        with pytest.raises(LotNotOpen):
            await supply.pack_lot(tx, world.who, world.org_id, over.lot_id, world.pack_id, 1)


async def test_a_new_reading_above_the_ceiling_is_held_too(database: Database) -> None:
    world = await make_world(database)
    await _ceiling(database)
    slip = await weigh(database, world, 1_000)
    async with database.begin() as tx:
        await supply.step(tx, world.who, world.org_id, slip.id, "dispute")
        await slips.read_again(tx, world.who, world.org_id, slip.id, BEARS_G + 1, "复秤")
    assert await _state(database, world, slip) == "held"


async def test_the_operator_sets_the_ceiling(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    path = f"/api/desk/yield-ceilings/{VARIETY}"
    asked = {"g_per_mu": G_PER_MU, "source": "农业农村局"}
    shop.become(world.org_id)
    assert (await shop.send("PUT", path, asked)).status_code == 403
    shop.act_as(subject(world.org_id), operator=True)
    assert (await shop.send("PUT", path, asked)).json()["g_per_mu"] == G_PER_MU
    again = await shop.send("PUT", path, asked | {"g_per_mu": 1})
    assert again.json()["g_per_mu"] == 1
    listed = (await shop.get("/api/desk/yield-ceilings")).json()["items"]
    assert [one["g_per_mu"] for one in listed] == [1]
