"""From the scale to a packed box: one transaction each, nothing faked, nothing negative."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.supply.world import make_world, reading, weigh
from tiantou.core.db import Database
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.kit import clock
from tiantou.kit.machine import WrongState
from tiantou.supply import face as supply
from tiantou.supply import slips
from tiantou.supply.face import Agreement, LotInUse, LotShort


async def _facts(database: Database) -> list[str]:
    async with database.begin() as tx:
        rows = await tx.execute(text("select kind from supply.outbox order by id"))
        return [row.kind for row in rows]


async def test_a_weigh_in_makes_slip_lot_certificate_and_fact(database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 123_456)
    assert (slip.state, slip.on_behalf) == ("agreed", False)
    assert slip.value_fen == (123_456 * 250 + 250) // 500
    assert slip.entered_by == world.who.person_id
    async with database.begin() as tx:
        lot = await supply.lot(tx, world.org_id, slip.lot_id)
        paper = (await supply.certificates_for(tx, [slip.lot_id]))[slip.lot_id]
    assert lot is not None
    assert (lot.kind, lot.grams_in, lot.grams_left) == ("harvest", 123_456, 123_456)
    assert lot.best_before == slip.harvested_at + timedelta(days=10)
    assert paper.product == "橙纽荷尔脐橙"
    assert paper.origin == "湖北省黄冈市武穴市桥头村"
    assert paper.promiser == "橙光合作社"
    assert "0713-1234567" in paper.contact
    assert (paper.grams, paper.basis, paper.roots) == (123_456, "self_test", 1)
    assert await _facts(database) == ["supply.weighed-in"]


async def test_entry_on_behalf_is_recorded_as_such(database: Database) -> None:
    world = await make_world(database)
    agreed = Agreement(by="helper", helper_name="村会计", consent="电话里说好的")
    slip = await weigh(database, world, agreed=agreed)
    assert (slip.on_behalf, slip.helper_name, slip.consent) == (True, "村会计", "电话里说好的")
    async with database.begin() as tx:
        row = (await tx.execute(text("select act, for_whom, person_id from core.audit"))).one()
    assert row.act == "supply.weigh-in"
    assert row.for_whom == f"household:{world.household_id}"
    assert row.person_id == world.who.person_id


async def test_what_is_not_ours_or_not_sensible_is_refused(database: Database) -> None:
    world, other = await make_world(database), await make_world(database)
    late = clock.now() + timedelta(days=1)
    wrong = {
        "household_id": reading(other, household_id=other.household_id),
        "plot_id": reading(world, plot_id=other.plot_id),
        "variety_id": reading(world, variety_id=world.org_id),
        "harvested_at": reading(world, harvested_at=late),
    }
    for field, asked in wrong.items():
        with pytest.raises(InvalidFields) as refused:
            async with database.begin() as tx:
                await supply.weigh_in(tx, world.who, world.org_id, asked)
        assert refused.value.members["fields"][0]["name"] == field


async def test_a_disputed_slip_is_read_again(database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 100_000)
    async with database.begin() as tx:
        with pytest.raises(WrongState):
            await slips.read_again(tx, world.who, world.org_id, slip.id, 90_000, "")
        await supply.step(tx, world.who, world.org_id, slip.id, "dispute", "秤不准")
        again = await slips.read_again(tx, world.who, world.org_id, slip.id, 90_000, "复秤")
        lot = await supply.lot(tx, world.org_id, slip.lot_id)
        paper = (await supply.certificates_for(tx, [slip.lot_id]))[slip.lot_id]
    assert (again.state, again.grams, again.value_fen) == ("agreed", 90_000, 45_000)
    assert lot is not None
    assert (lot.grams_in, lot.grams_left, paper.grams) == (90_000, 90_000, 90_000)
    async with database.begin() as tx:
        states = await tx.execute(text("select state from supply.certificate order by id"))
        assert [row.state for row in states] == ["replaced", "valid"]


async def test_a_reading_below_what_was_taken_is_refused(database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 10_000)
    async with database.begin() as tx:
        await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, world.pack_id, 3)
        await supply.step(tx, world.who, world.org_id, slip.id, "dispute", "")
    with pytest.raises(LotShort) as refused:
        async with database.begin() as tx:
            await slips.read_again(tx, world.who, world.org_id, slip.id, 7_499, "")
    assert refused.value.members == {"grams_left": 2_500}


async def test_a_slip_is_void_only_while_nothing_was_taken(database: Database) -> None:
    world = await make_world(database)
    used, fresh = await weigh(database, world, 10_000), await weigh(database, world, 10_000)
    async with database.begin() as tx:
        await supply.pack_lot(tx, world.who, world.org_id, used.lot_id, world.pack_id, 1)
    with pytest.raises(LotInUse):
        async with database.begin() as tx:
            await slips.void(tx, world.who, world.org_id, used.id, "录错")
    async with database.begin() as tx:
        gone = await slips.void(tx, world.who, world.org_id, fresh.id, "录错")
        lot = await supply.lot(tx, world.org_id, fresh.lot_id)
        assert await supply.certificates_for(tx, [fresh.lot_id]) == {}
    assert gone.state == "void"
    assert lot is not None
    assert (lot.state, lot.grams_left) == ("closed", 0)


async def test_money_steps_follow_the_table(database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world)
    async with database.begin() as tx:
        with pytest.raises(WrongState):
            await supply.step(tx, None, world.org_id, slip.id, "pay")
        for event, state in (("owe", "owed"), ("owe", "owed"), ("pay", "paid"), ("owe", "paid")):
            moved = await supply.step(tx, None, world.org_id, slip.id, event)
            assert moved.state == state
    assert await _facts(database) == ["supply.weighed-in", "supply.slip-moved", "supply.slip-paid"]


async def test_a_slip_of_others_is_not_there(database: Database) -> None:
    world, other = await make_world(database), await make_world(database)
    slip = await weigh(database, world)
    async with database.begin() as tx:
        with pytest.raises(NotFound):
            await supply.step(tx, other.who, other.org_id, slip.id, "dispute")
        assert await supply.lot(tx, other.org_id, slip.lot_id) is None


async def test_what_happened_is_never_changed(database: Database) -> None:
    world = await make_world(database)
    await weigh(database, world)
    for statement in (
        "update supply.move set delta_g = 1",
        "delete from supply.move",
        "truncate supply.move cascade",
        "update supply.slip_step set note = ''",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.begin() as tx:
                await tx.execute(text(statement))
