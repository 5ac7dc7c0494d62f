"""Plots in full and seasons: outlines are land, expectations stay below the ceiling."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.supply.app import PHOTO, Shop, store_photo
from tests.supply.race import race
from tests.supply.world import DIVISION, VARIETY, World, make_world, weigh
from tiantou.core.db import Database
from tiantou.core.problems import InvalidFields
from tiantou.kit import clock, ids
from tiantou.supply import face as supply
from tiantou.supply import seasons, slips
from tiantou.supply.claims import claims_sql
from tiantou.supply.growing import outline
from tiantou.supply.growing.days import day_of
from tiantou.supply.seasons import SeasonIn
from tiantou.supply.seasons_sql import SeasonView

TODAY = day_of(clock.now())
# About 100 m by 100 m near 30° north.
SQUARE = [(30_000_000, 115_000_000), (30_000_900, 115_000_000), (30_000_900, 115_001_038),
          (30_000_000, 115_001_038)]  # fmt: skip
PLOT: dict[str, Any] = {
    "name": "南坡",
    "division_code": DIVISION,
    "village": "桥头村",
    "area_m2": 10_000,
    "altitude_m": 180,
}


def _ring(points: list[tuple[int, int]]) -> list[dict[str, int]]:
    return [{"lat_e6": lat, "lon_e6": lon} for lat, lon in points]


def expected(grams: int = 5_000_000, days: int = 30, **more: Any) -> SeasonIn:
    """Expected from today on."""
    return SeasonIn(
        expected_g=grams, expected_from=TODAY, expected_until=TODAY + timedelta(days=days), **more
    )


async def planned(database: Database, world: World, **more: Any) -> SeasonView:
    """A season of the world's plot, committed."""
    async with database.begin() as tx:
        return await seasons.plan(
            tx, world.who, world.org_id, world.plot_id, VARIETY, expected(**more)
        )


def test_the_area_of_an_outline_is_that_of_the_land() -> None:
    assert abs(outline.area_m2(SQUARE) - 10_000) < 60
    assert outline.area_m2(SQUARE[::-1]) == outline.area_m2(SQUARE)
    assert outline.area_m2([]) == 0
    assert not outline.differs(SQUARE, 9_000)
    assert outline.differs(SQUARE, 8_000)
    assert not outline.differs([], 1)


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (SQUARE[:2], "length"),
        ([SQUARE[0]] * 3, "twice"),
        ([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], "crosses"),
        ([(0, 0), (0, 10), (0, 5)], "crosses"),
        ([(0, 0), (0, 10), (10, 10), (10, 5), (0, 5), (10, 0)], "crosses"),
        ([SQUARE[0], (30_000_000, 115_000_001), (30_000_001, 115_000_000)], "flat"),
        ([(30_000_000, 115_000_000), (31_000_000, 115_000_000), (31_000_000, 116_000_000)],
         "too-large"),
    ],
)  # fmt: skip
def test_what_is_no_outline_is_named(points: list[tuple[int, int]], code: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        outline.check(points)
    assert refused.value.members["fields"][0]["code"] == code


@given(st.sets(st.integers(0, 300), min_size=4, max_size=40))
def test_a_convex_ring_is_plain_and_its_twist_crosses(steps: set[int]) -> None:
    """Points of a parabola; with two neighbours swapped two of their chords cross."""
    ring = [(30_000_000 + step * step, 115_000_000 + 500 * step) for step in sorted(steps)]
    outline.check(ring)
    with pytest.raises(InvalidFields) as refused:
        outline.check([ring[0], ring[2], ring[1], *ring[3:]])
    assert refused.value.members["fields"][0]["code"] == "crosses"


async def test_a_plot_is_changed_and_retired(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    await store_photo(database)
    shop.become(world.org_id, "station")
    path = f"/api/orgs/{world.org_id}/plots"
    point = {"lat_e6": 30_000_000, "lon_e6": 115_000_000}
    asked = PLOT | {"area_m2": 6_000, "point": point, "outline": _ring(SQUARE), "photos": [PHOTO]}
    said = await shop.send("PUT", f"{path}/{world.plot_id}", asked)
    assert said.status_code == 200, said.text
    shown = said.json()
    assert (shown["point"], shown["outline"], shown["photos"]) == (point, _ring(SQUARE), [PHOTO])
    assert (shown["outline_differs"], shown["household"]) == (True, "陈家")
    assert (await shop.get(f"{path}/{world.plot_id}")).json() == shown
    crossed = asked | {"outline": _ring([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]])}
    refused = await shop.send("PUT", f"{path}/{world.plot_id}", crossed)
    assert refused.json()["fields"][0] == {"name": "outline", "code": "crosses", "edges": [1, 3]}
    strange = await shop.send("PUT", f"{path}/{world.plot_id}", asked | {"photos": ["b" * 64]})
    assert strange.json()["fields"][0]["name"] == "photos"
    season = await planned(database, world)
    busy = await shop.post(f"{path}/{world.plot_id}/retire", {})
    assert busy.json()["fields"][0]["code"] == "seasons-open"
    reason = {"reason": "冰雹"}
    season_path = f"/api/orgs/{world.org_id}/seasons/{season.id}"
    assert (await shop.post(f"{season_path}/abandon", {})).status_code == 422
    assert (await shop.post(f"{season_path}/abandon", reason)).json()["state"] == "abandoned"
    assert (await shop.post(f"{path}/{world.plot_id}/retire", {})).json()["retired_at"]
    assert (await shop.get(path)).json()["items"] == []
    assert len((await shop.get(f"{path}?retired=true")).json()["items"]) == 1
    with pytest.raises(InvalidFields):
        await weigh(database, world)


async def test_where_a_plot_lies_is_told_nobody_else(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    asked = PLOT | {"outline": _ring(SQUARE)}
    await shop.send("PUT", f"/api/orgs/{world.org_id}/plots/{world.plot_id}", asked)
    await weigh(database, world)
    shop.become(world.org_id, "packer")
    lots = await shop.get(f"/api/orgs/{world.org_id}/lots")
    assert "outline" not in lots.text
    assert "115" not in lots.json()["items"][0]["plot"].values()
    async with database.begin() as tx:
        said = (await tx.execute(text("select after::text from core.audit"))).scalars().all()
    assert '"moved": true' in said[0]
    assert "115000000" not in said[0]


async def test_a_season_counts_what_came_in(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    season = await planned(database, world)
    assert season.state == "planned"
    slip = await weigh(database, world, 60_000)
    other = await weigh(database, world, 40_000)
    async with database.begin() as tx:
        await slips.void(tx, world.who, world.org_id, other.id, "录错")
    path = f"/api/orgs/{world.org_id}/seasons"
    (listed,) = (await shop.get(path)).json()["items"]
    assert (listed["state"], listed["harvested_g"]) == ("harvesting", 60_000)
    assert listed["may"] == ["close"]
    slips_of = (await shop.get(f"/api/orgs/{world.org_id}/slips?season_id={season.id}")).json()
    assert {one["id"] for one in slips_of["items"]} == {str(slip.id), str(other.id)}
    closed = await shop.post(f"{path}/{season.id}/close", {})
    assert closed.json()["state"] == "closed"
    late = await weigh(database, world, 1_000)
    assert late.season_id is None
    whole = (await shop.get(f"{path}/{season.id}")).json()
    assert [one["event"] for one in whole["steps"]] == ["weigh_in", "close"]
    assert (await shop.get(path)).json()["items"] == []
    assert len((await shop.get(f"{path}?state=ended")).json()["items"]) == 1


async def test_of_several_seasons_one_is_chosen(database: Database) -> None:
    world = await make_world(database)
    first, second = await planned(database, world), await planned(database, world)
    with pytest.raises(InvalidFields) as refused:
        await weigh(database, world)
    (field,) = refused.value.members["fields"]
    assert (field["name"], field["code"]) == ("season_id", "choose")
    assert field["seasons"] == [str(first.id), str(second.id)]
    slip = await weigh(database, world, season_id=second.id)
    assert slip.season_id == second.id
    async with database.begin() as tx:
        lot = await supply.lot(tx, world.org_id, slip.lot_id)
        assert lot is not None
        assert lot.season_id == second.id
    with pytest.raises(InvalidFields):
        await weigh(database, world, season_id=second.id, plot_id=None)
    with pytest.raises(InvalidFields):
        await weigh(database, world, season_id=world.org_id)


# The plot has 2,000 m², which is 3 mu.
BEARS_G = 9_000_000


async def _ceiling(database: Database) -> None:
    async with database.begin() as tx:
        await claims_sql.set_ceiling(
            tx,
            variety_id=VARIETY,
            g_per_mu=BEARS_G // 3,
            source="农业农村局",
            set_by=ids.uuid7(),
            set_at=clock.now(),
        )


async def test_no_more_is_expected_than_a_plot_bears(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    await _ceiling(database)
    shop.become(world.org_id)
    path = f"/api/orgs/{world.org_id}/seasons"
    asked = {
        "plot_id": str(world.plot_id),
        "variety_id": str(VARIETY),
        "expected_g": BEARS_G,
        "expected_from": TODAY.isoformat(),
        "expected_until": (TODAY + timedelta(days=30)).isoformat(),
    }
    season = (await shop.post(path, asked)).json()
    over = await shop.post(path, asked | {"expected_g": 1})
    assert (over.status_code, over.json()["type"]) == (409, "/problems/above-ceiling")
    assert (over.json()["expected_g"], over.json()["bears_g"]) == (BEARS_G + 1, BEARS_G)
    more = await shop.send("PUT", f"{path}/{season['id']}", asked | {"expected_g": BEARS_G + 1})
    assert more.json()["type"] == "/problems/above-ceiling"
    small = await shop.send(
        "PUT", f"/api/orgs/{world.org_id}/plots/{world.plot_id}", PLOT | {"area_m2": 1_999}
    )
    assert small.json()["type"] == "/problems/above-ceiling"
    next_year = (TODAY + timedelta(days=30 + 365)).isoformat()
    later = await shop.post(path, asked | {"expected_from": next_year, "expected_until": next_year})
    assert later.status_code == 201, later.text
    await shop.post(f"{path}/{season['id']}/abandon", {"reason": "改种"})
    assert (await shop.post(path, asked)).status_code == 201


_PLANNER = """
from tests.supply.test_growing import expected
from tests.supply.world import VARIETY
from tiantou.supply import seasons
from tiantou.supply.problems import AboveCeiling

async def act(tx, world, n):
    await seasons.plan(tx, world.who, world.org_id, world.plot_id, VARIETY, expected(1_000_000))

REFUSED = AboveCeiling
"""


async def test_two_processes_never_plan_more_than_a_plot_bears(
    dsn: str, database: Database
) -> None:
    world = await make_world(database)
    await _ceiling(database)
    done = await race(dsn, world, [_PLANNER, _PLANNER], 8)
    assert sum(done) == 9
    async with database.begin() as tx:
        total = await tx.scalar(text("select sum(expected_g) from supply.season"))
    assert total == BEARS_G


async def test_bad_seasons_are_named(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    path = f"/api/orgs/{world.org_id}/seasons"
    asked = {
        "plot_id": str(world.plot_id),
        "variety_id": str(VARIETY),
        "expected_g": 1,
        "expected_from": TODAY.isoformat(),
        "expected_until": TODAY.isoformat(),
    }
    for change, field in (
        ({"plot_id": str(world.org_id)}, "plot_id"),
        ({"variety_id": str(world.org_id)}, "variety_id"),
        ({"expected_g": 0}, "expected_g"),
        ({"expected_until": (TODAY - timedelta(days=1)).isoformat()}, "expected_until"),
        ({"planted_on": (TODAY + timedelta(days=1)).isoformat()}, "planted_on"),
        ({"expected_from": "2090-01-01", "expected_until": "2090-01-02"}, "expected_from"),
    ):
        said = await shop.post(path, asked | change)
        assert (said.status_code, said.json()["fields"][0]["name"]) == (422, field), said.text
    grown = await shop.post(path, asked | {"planted_on": TODAY.isoformat()})
    assert grown.json()["state"] == "growing"
    again = await shop.post(f"{path}/{grown.json()['id']}/plant", {})
    assert again.json()["type"] == "/problems/wrong-step"


async def test_steps_and_records_are_never_changed(database: Database) -> None:
    world = await make_world(database)
    await planned(database, world, planted_on=TODAY)
    for statement in (
        "update supply.season_step set why = 'x'",
        "delete from supply.season_step",
        "update supply.input_use set withhold_days = 0",
        "delete from supply.input_use",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.begin() as tx:
                await tx.execute(text(statement))
