"""Withholding periods: nothing harvested within one comes in, and nothing that did stays open."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.supply.app import Shop
from tests.supply.race import race
from tests.supply.test_growing import TODAY, planned
from tests.supply.world import World, make_world, weigh
from tiantou.core.db import Database
from tiantou.kit import clock
from tiantou.supply import acts, inputs
from tiantou.supply import face as supply
from tiantou.supply.inputs import InputIn
from tiantou.supply.problems import Withholding


def spray(days_ago: int = 3, withhold_days: int = 7, **more: Any) -> InputIn:
    """A pesticide that was used some days ago."""
    said: dict[str, Any] = {
        "kind": "pesticide",
        "product": "阿维菌素",
        "registration_no": "PD20080001",
        "dose": "2000 倍液",
        "purpose": "红蜘蛛",
        "used_on": TODAY - timedelta(days=days_ago),
        "withhold_days": withhold_days,
    }
    return InputIn(**said | more)


async def _sprayed(database: Database, world: World, asked: InputIn) -> Any:
    season = await planned(database, world, grams=1_000)
    async with database.begin() as tx:
        (made,) = await inputs.record(tx, world.who, world.org_id, season.id, asked)
    return season, made


async def _state(database: Database, world: World, lot_id: Any) -> str:
    async with database.begin() as tx:
        lot = await supply.lot(tx, world.org_id, lot_id)
    assert lot is not None
    return lot.state


async def test_a_weigh_in_within_the_period_is_refused_by_name(
    shop: Shop, database: Database
) -> None:
    world = await make_world(database)
    shop.become(world.org_id, "station")
    season = await planned(database, world)
    path = f"/api/orgs/{world.org_id}/seasons/{season.id}/inputs"
    asked = {
        "kind": "pesticide",
        "product": "阿维菌素",
        "registration_no": "PD20080001",
        "dose": "2000 倍液",
        "used_on": (TODAY - timedelta(days=3)).isoformat(),
        "withhold_days": 7,
    }
    said = await shop.post(path, asked)
    assert said.status_code == 201, said.text
    for plot_id in (world.plot_id, None):  # whoever leaves the plot out does not pass either
        with pytest.raises(Withholding) as refused:
            await weigh(database, world, plot_id=plot_id)
        assert refused.value.members == {
            "product": "阿维菌素",
            "plot": "南坡",
            "used_on": (TODAY - timedelta(days=3)).isoformat(),
            "withhold_days": 7,
            "ends_on": (TODAY + timedelta(days=4)).isoformat(),
            "harvested_on": TODAY.isoformat(),
        }
    for change, field in (
        ({"registration_no": ""}, "registration_no"),
        ({"withhold_days": 366}, "withhold_days"),
        ({"used_on": (TODAY + timedelta(days=1)).isoformat()}, "used_on"),
        ({"used_on": "2001-01-01"}, "used_on"),
        ({"kind": "hope"}, "kind"),
        ({"dose": ""}, "dose"),
    ):
        bad = await shop.post(path, asked | change)
        assert (bad.status_code, bad.json()["fields"][0]["name"]) == (422, field)


@pytest.mark.parametrize(
    ("used_days_ago", "withhold_days", "harvested_days_ago", "comes_in"),
    [(7, 7, 0, True), (6, 7, 0, False), (3, 0, 0, True), (3, 7, 4, True), (3, 7, 3, False)],
)
async def test_the_period_runs_from_the_day_of_use(
    database: Database,
    used_days_ago: int,
    withhold_days: int,
    harvested_days_ago: int,
    comes_in: bool,
) -> None:
    world = await make_world(database)
    await _sprayed(database, world, spray(used_days_ago, withhold_days))
    harvested = clock.now() - timedelta(days=harvested_days_ago)
    if comes_in:
        slip = await weigh(database, world, harvested_at=harvested)
        assert await _state(database, world, slip.lot_id) == "open"
    else:
        with pytest.raises(Withholding):
            await weigh(database, world, harvested_at=harvested)


async def test_another_season_of_the_plot_is_no_way_around(database: Database) -> None:
    world = await make_world(database)
    await _sprayed(database, world, spray())
    other = await planned(database, world)
    with pytest.raises(Withholding):
        await weigh(database, world, season_id=other.id)


async def test_what_came_in_before_the_record_is_held_with_all_made_of_it(
    database: Database,
) -> None:
    world = await make_world(database)
    before = await weigh(database, world, harvested_at=clock.now() - timedelta(days=4))
    within = await weigh(database, world)
    unnamed = await weigh(database, world, plot_id=None)
    async with database.begin() as tx:
        made = await supply.pack_lot(tx, world.who, world.org_id, within.lot_id, world.pack_id, 2)
    await _sprayed(database, world, spray())
    lots = (before.lot_id, within.lot_id, unnamed.lot_id, made.packed_lot_id)
    states = [await _state(database, world, one) for one in lots]
    assert states == ["open", "held", "held", "held"]
    async with database.begin() as tx:
        boxes = await tx.scalar(
            text("select count(*) from supply.outbox where kind = 'supply.boxes-withdrawn'")
        )
    assert boxes == 1


async def test_a_record_is_corrected_by_a_new_one(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    season, wrong = await _sprayed(database, world, spray())
    path = f"/api/orgs/{world.org_id}/seasons/{season.id}/inputs/{wrong.id}/correct"
    fertiliser = {
        "kind": "fertiliser",
        "product": "复合肥",
        "dose": "30 kg/亩",
        "used_on": TODAY.isoformat(),
        "withhold_days": 0,
    }
    asked = {"input": fertiliser, "reason": "录错了产品"}
    shop.become(world.org_id, "station")
    assert (await shop.post(path, asked)).status_code == 403
    shop.become(world.org_id, "manager")
    said = await shop.post(path, asked)
    assert said.status_code == 201, said.text
    by_id = {one["id"]: one for one in said.json()["items"]}
    assert len(by_id) == 2
    new = by_id[by_id[str(wrong.id)]["corrected_by"]]
    assert (new["product"], new["corrects"], new["why"]) == ("复合肥", str(wrong.id), "录错了产品")
    await weigh(database, world)
    again = await shop.post(path, asked)
    assert again.json()["fields"][0] == {"name": "input_id", "code": "corrected"}
    gone = await shop.post(path.replace(str(wrong.id), new["id"]), {"reason": "别家的地"})
    assert sum(one["withdrawn"] for one in gone.json()["items"]) == 1


_SPRAYER = """
from tests.supply.test_withholding import spray
from tests.supply.world import VARIETY
from tiantou.supply import inputs, seasons_sql

async def act(tx, world, n):
    if n == 3:
        (season,) = await seasons_sql.open_for(tx, world.plot_id, VARIETY)
        await inputs.record(tx, world.who, world.org_id, season, spray())

REFUSED = ()
"""
_WEIGHER = """
from tests.supply.world import reading
from tiantou.supply import face as supply
from tiantou.supply.problems import Withholding

async def act(tx, world, n):
    await supply.weigh_in(tx, world.who, world.org_id, reading(world, 1_000))

REFUSED = Withholding
"""


async def test_whoever_is_first_no_withheld_lot_stays_open(dsn: str, database: Database) -> None:
    world = await make_world(database)
    await planned(database, world)
    _, came_in = await race(dsn, world, [_SPRAYER, _WEIGHER], 40)
    async with database.begin() as tx:
        rows = await tx.execute(text("select state from supply.lot"))
        states = [row.state for row in rows]
    assert len(states) == came_in
    assert set(states) <= {"held"}
    with pytest.raises(Withholding):
        await weigh(database, world)


async def test_a_held_lot_says_why(database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world)
    await _sprayed(database, world, spray())
    async with database.begin() as tx:
        why = await tx.scalar(text("select why from supply.lot_step"))
        assert why == f"withholding: 阿维菌素 {TODAY - timedelta(days=3)} + 7 d"
        await acts.hold_if_open(tx, world.org_id, slip.lot_id, "again")  # held once only
        assert await tx.scalar(text("select count(*) from supply.lot_step")) == 1


async def test_the_certificate_shows_what_was_used_before_the_harvest(
    shop: Shop, database: Database
) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    bare = await weigh(database, world)
    base = f"/api/orgs/{world.org_id}/lots"
    assert "用药记录" not in (await shop.get(f"{base}/{bare.lot_id}/certificate")).text
    season, _ = await _sprayed(database, world, spray(30, 7, product="<b>阿维菌素"))
    slip = await weigh(database, world, season_id=season.id)
    paper = (await shop.get(f"{base}/{slip.lot_id}/certificate")).text
    ends_on = (TODAY - timedelta(days=23)).isoformat()
    for wanted in ("用药记录", "&lt;b&gt;阿维菌素 PD20080001", f"{ends_on} 起可采收"):
        assert wanted in paper
    english = (await shop.get(f"{base}/{slip.lot_id}/certificate?lang=en")).text
    assert f"harvest from {ends_on}" in english
    early = await weigh(
        database, world, season_id=season.id, harvested_at=clock.now() - timedelta(days=31)
    )
    assert "没有登记用药" in (await shop.get(f"{base}/{early.lot_id}/certificate")).text
