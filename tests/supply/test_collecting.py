"""Collection runs: stops in order, called in beside weighed in, nothing after the end."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.supply.app import Shop
from tests.supply.race import race
from tests.supply.test_growing import TODAY
from tests.supply.world import DIVISION, KEYS, World, make_world, weigh
from tiantou.core.db import Database
from tiantou.core.problems import InvalidFields
from tiantou.supply import slips
from tiantou.supply.households import HouseholdIn, add_household


def _run(world: World, **changes: Any) -> dict[str, Any]:
    stops = [
        {"household_id": str(world.household_id), "called_g": 100_000, "planned_minute": 540},
        {"village": "下坝村", "called_g": 300_000},
    ]
    return {"day": TODAY.isoformat(), "vehicle": "鄂J·12345", "driver": "老王", "stops": stops} | (
        changes
    )


async def _started(shop: Shop, world: World) -> tuple[str, dict[str, Any]]:
    shop.become(world.org_id, "station")
    path = f"/api/orgs/{world.org_id}/collections"
    made = await shop.post(path, _run(world))
    assert made.status_code == 201, made.text
    here = f"{path}/{made.json()['id']}"
    started: dict[str, Any] = (await shop.post(f"{here}/start", {})).json()
    return here, started


async def test_a_run_from_its_plan_to_its_end(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    here, run = await _started(shop, world)
    first, second = run["items"]
    assert (run["no"], run["state"], run["called_g"], run["waiting"]) == (
        1,
        "under_way",
        400_000,
        2,
    )
    assert (first["household"], first["village"], first["planned_minute"]) == (
        "陈家",
        "桥头村",
        540,
    )
    early = await shop.post(f"{here}/finish", {})
    assert (early.json()["type"], early.json()["stops"]) == ("/problems/stops-left", 2)
    await weigh(database, world, 90_000, stop_id=UUID(first["id"]))
    gone = await weigh(database, world, 5_000, stop_id=UUID(first["id"]))
    async with database.begin() as tx:
        await slips.void(tx, world.who, world.org_id, gone.id, "录错")
    skip = f"{here}/stops/{second['id']}/skip"
    skipped = (await shop.post(skip, {"reason": "人不在"})).json()
    assert [(one["state"], one["why"]) for one in skipped["items"]] == [
        ("weighed", ""),
        ("skipped", "人不在"),
    ]
    again = (await shop.post(f"{here}/stops/{second['id']}/call-again", {})).json()
    assert again["waiting"] == 1
    async with database.begin() as tx:
        home = HouseholdIn(name="李家", village="下坝村", division_code=DIVISION)
        neighbour = await add_household(tx, KEYS, world.org_id, home)
    slip = await weigh(
        database,
        world,
        200_000,
        stop_id=UUID(second["id"]),
        household_id=neighbour.id,
        plot_id=None,
    )
    assert str(slip.stop_id) == second["id"]
    done = (await shop.post(f"{here}/finish", {})).json()
    assert (done["state"], done["weighed_g"], done["may"]) == ("done", 290_000, [])
    assert [one["weighed_g"] for one in done["items"]] == [90_000, 200_000]
    with pytest.raises(InvalidFields) as late:
        await weigh(database, world, 1, stop_id=UUID(second["id"]))
    assert late.value.members["fields"][0]["code"] == "not-under-way"
    (listed,) = (await shop.get(here.rsplit("/", 1)[0])).json()["items"]
    assert (listed["weighed_g"], listed["stops"]) == (290_000, 2)


async def test_a_plan_is_changed_only_before_it_begins(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    path = f"/api/orgs/{world.org_id}/collections"
    made = (await shop.post(path, _run(world))).json()
    here = f"{path}/{made['id']}"
    other = _run(world, stops=[{"village": "下坝村"}], vehicle="三轮")
    changed = (await shop.send("PUT", here, other)).json()
    assert (changed["vehicle"], [one["village"] for one in changed["items"]]) == (
        "三轮",
        ["下坝村"],
    )
    await shop.post(f"{here}/start", {})
    late = await shop.send("PUT", here, other)
    assert late.json()["type"] == "/problems/wrong-step"
    more = (await shop.post(f"{here}/stops", {"village": "上坝村", "called_g": 50_000})).json()
    assert [(one["place"], one["village"]) for one in more["items"]] == [
        (1, "下坝村"),
        (2, "上坝村"),
    ]
    await shop.post(f"{here}/cancel", {})
    for act, body in (("start", {}), ("stops", {"village": "上坝村"})):
        assert (await shop.post(f"{here}/{act}", body)).json()["type"] == "/problems/wrong-step"


async def test_bad_runs_and_stops_are_named(shop: Shop, database: Database) -> None:
    world, other = await make_world(database), await make_world(database)
    shop.become(world.org_id)
    path = f"/api/orgs/{world.org_id}/collections"
    theirs = {"household_id": str(other.household_id)}
    for change, field in (
        ({"vehicle": ""}, "vehicle"),
        ({"day": (TODAY + timedelta(days=400)).isoformat()}, "day"),
        ({"stops": [theirs]}, "stops.0.household_id"),
        ({"stops": [{"village": "村"}, {}]}, "stops.1.village"),
        ({"stops": [{"village": "村", "planned_minute": 1440}]}, "stops.0.planned_minute"),
        ({"stops": [{"village": "村"}] * 101}, "stops"),
    ):
        said = await shop.post(path, _run(world, **change))
        assert (said.status_code, said.json()["fields"][0]["name"]) == (422, field), said.text
    _, run = await _started(shop, world)
    async with database.begin() as tx:
        home = HouseholdIn(name="李家", village="下坝村", division_code=DIVISION)
        neighbour = await add_household(tx, KEYS, world.org_id, home)
    for more, code in (
        ({"stop_id": world.org_id}, "unknown"),
        ({"household_id": neighbour.id, "plot_id": None}, "another-household"),
    ):
        with pytest.raises(InvalidFields) as refused:
            await weigh(database, world, 1, **{"stop_id": UUID(run["items"][0]["id"])} | more)
        assert refused.value.members["fields"][0] == {"name": "stop_id", "code": code}


_WEIGHER = """
from sqlalchemy import text
from tests.supply.world import reading
from tiantou.core.problems import InvalidFields
from tiantou.supply import face as supply

async def act(tx, world, n):
    stop = await tx.scalar(text("select id from supply.collection_stop where place = 1"))
    await supply.weigh_in(tx, world.who, world.org_id, reading(world, 1_000, stop_id=stop))

REFUSED = InvalidFields
"""
_FINISHER = """
import json
from sqlalchemy import text
from tiantou.kit.machine import WrongState
from tiantou.supply import collecting
from tiantou.supply.problems import StopsLeft

async def act(tx, world, n):
    run = await tx.scalar(text("select id from supply.collection"))
    if n == 8:
        stop = await tx.scalar(text("select id from supply.collection_stop where place = 2"))
        await collecting.step_stop(tx, world.org_id, run, stop, "skip", "没人")
    await collecting.step(tx, world.who, world.org_id, run, "finish")

REFUSED = (StopsLeft, WrongState)
"""


async def test_what_is_said_at_the_end_is_what_came_in(
    shop: Shop, dsn: str, database: Database
) -> None:
    world = await make_world(database)
    here, _ = await _started(shop, world)
    came_in, ended = await race(dsn, world, [_WEIGHER, _FINISHER], 30)
    assert ended <= 1
    if not ended:
        (waiting,) = [one for one in (await shop.get(here)).json()["items"] if one["place"] == 2]
        assert waiting["state"] == "waiting"
        return
    run = (await shop.get(here)).json()
    assert (run["state"], run["weighed_g"]) == ("done", came_in * 1_000)
    async with database.begin() as tx:
        said = await tx.scalar(
            text(
                "select (after->>'weighed_g')::bigint from core.audit"
                " where act = 'supply.collection-finish'"
            )
        )
    assert said == run["weighed_g"]
