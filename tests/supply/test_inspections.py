"""Tests of lots: judged by the grade's limits, kept as written, and what a failure holds."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.supply.app import PHOTO, Shop, store_photo
from tests.supply.world import World, make_world, subject, weigh
from tests.trust.passporting import PIECES, STANDARD
from tiantou.core.db import Database
from tiantou.supply import face as supply
from tiantou.supply import moves_sql


async def _graded(shop: Shop, database: Database, world: World) -> UUID:
    """A lot of 50 kg, graded: at least 10.0 °Brix, 75.0 to 85.0 mm."""
    path = f"/api/orgs/{world.org_id}"
    standard = (await shop.post(f"{path}/grade-standards", STANDARD)).json()["id"]
    lot = (await weigh(database, world, 50_000)).lot_id
    asked = {
        "lots": [{"lot_id": str(lot), "grams": 50_000}],
        "outputs": [{"grade": "一级", "grams": 50_000, "pieces": PIECES}],
        "standard_id": standard,
    }
    return UUID((await shop.post(f"{path}/runs/grade", asked)).json()["lot_ids"][0])


async def _state(database: Database, world: World, lot_id: UUID) -> str:
    async with database.begin() as tx:
        lot = await supply.lot(tx, world.org_id, lot_id)
    assert lot is not None
    return lot.state


async def test_the_verdict_is_of_the_grades_limits(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    lot = await _graded(shop, database, world)
    path = f"/api/orgs/{world.org_id}/lots/{lot}/inspections"
    verdicts = []
    for values in (
        {"brix_tenth": 100, "diameter_tenth_mm": 850},
        {"brix_tenth": 99},
        {"diameter_tenth_mm": 851, "brix_tenth": 132},
        {"weight_g": 250},
    ):
        made = await shop.post(path, {"kind": "self", "sample_n": 5, "values": values})
        assert made.status_code == 201, made.text
        verdicts.append((made.json()["verdict"], made.json()["failed"], made.json()["outcome"]))
    assert verdicts == [
        ("pass", [], "none"),
        ("fail", ["brix_tenth"], "proposed"),
        ("fail", ["diameter_tenth_mm"], "proposed"),
        ("noted", [], "none"),
    ]
    assert await _state(database, world, lot) == "open", "a failed self-test only proposes"
    listed = (await shop.get(path + "?limit=3")).json()
    assert [one["verdict"] for one in listed["items"]] == ["noted", "fail", "fail"]
    rest = (await shop.get(path + f"?limit=3&cursor={listed['next']}")).json()
    assert [one["brix_tenth"] for one in rest["items"]] == [100] and rest["next"] is None


async def test_a_failed_laboratory_test_holds_the_lot_and_what_was_made_of_it(
    shop: Shop, database: Database
) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    lot = await _graded(shop, database, world)
    async with database.begin() as tx:
        run = await supply.pack_lot(tx, world.who, world.org_id, lot, world.pack_id, 4)
    await store_photo(database)
    residue = {"residue_ug_kg": 120, "residue_limit_ug_kg": 100, "substance": "毒死蜱"}
    asked = {"kind": "lab", "sample_n": 3, "lab": "省农检中心", "report": PHOTO, "values": residue}
    made = await shop.post(f"/api/orgs/{world.org_id}/lots/{lot}/inspections", asked)
    assert made.status_code == 201, made.text
    assert (made.json()["verdict"], made.json()["outcome"]) == ("fail", "held")
    assert await _state(database, world, lot) == "held"
    assert await _state(database, world, run.packed_lot_id) == "held"
    async with database.begin() as tx:
        step = (await moves_sql.steps_of(tx, run.packed_lot_id))[-1]
    assert step.why == "inspection: lab, residue_ug_kg" and step.ref == made.json()["id"]
    again = await shop.post(f"/api/orgs/{world.org_id}/lots/{lot}/inspections", asked)
    assert again.json()["outcome"] == "none", "nothing was left to hold"


@pytest.mark.parametrize(("permille", "state"), [(499, "open"), (500, "held")])
async def test_a_quick_test_holds_at_half_inhibition(
    shop: Shop, database: Database, permille: int, state: str
) -> None:
    world = await make_world(database)
    shop.become(world.org_id, "station")
    lot = (await weigh(database, world, 50_000)).lot_id
    values = {"inhibition_permille": permille}
    asked = {"kind": "quick", "sample_n": 1, "values": values}
    made = await shop.post(f"/api/orgs/{world.org_id}/lots/{lot}/inspections", asked)
    assert made.status_code == 201, made.text
    assert await _state(database, world, lot) == state


async def test_what_cannot_be_is_refused_by_name(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    lot = (await weigh(database, world, 50_000)).lot_id
    path = f"/api/orgs/{world.org_id}/lots/{lot}/inspections"
    brix = {"brix_tenth": 132}
    for field, asked in (
        ("values", {"kind": "self", "values": {}}),
        ("lab", {"kind": "lab", "values": brix}),
        ("lab", {"kind": "self", "lab": "省农检中心", "values": brix}),
        ("values.lab_says", {"kind": "self", "values": {"lab_says": "pass"}}),
        (
            "values.substance",
            {"kind": "self", "values": {"residue_ug_kg": 1, "residue_limit_ug_kg": 2}},
        ),
        ("values.brix_tenth", {"kind": "self", "values": {"brix_tenth": 1001}}),
        ("kind", {"kind": "on_camera", "values": brix}),
        ("report", {"kind": "self", "report": "b" * 64, "values": brix}),
        ("at", {"kind": "self", "at": "2999-01-01T00:00:00Z", "values": brix}),
    ):
        refused = await shop.post(path, {"sample_n": 1, **asked})
        assert refused.status_code == 422, (asked, refused.text)
        assert refused.json()["fields"][0]["name"] == field
    shop.become(world.org_id, "packer")
    assert (
        await shop.post(path, {"kind": "self", "sample_n": 1, "values": brix})
    ).status_code == 403
    assert (await shop.get(path)).json()["items"] == []


async def test_nobody_changes_what_was_written(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.act_as(subject(world.org_id))
    lot = (await weigh(database, world, 50_000)).lot_id
    asked = {"kind": "self", "sample_n": 1, "values": {"brix_tenth": 132}}
    await shop.post(f"/api/orgs/{world.org_id}/lots/{lot}/inspections", asked)
    for act in ("update supply.inspection set brix_tenth = 140", "delete from supply.inspection"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.begin() as tx:
                await tx.execute(text(act))
