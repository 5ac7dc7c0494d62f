"""What a recall stops does not leave, whoever comes first; a waybill is scanned off once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from tiantou.core.db import Database
from tiantou.kit import clock, ids
from tiantou.kit.machine import WrongState
from tiantou.logistics import face as logistics
from tiantou.logistics.face import ParcelStopped

ORG = ids.uuid7()
WAY = ("zhongtong", "78123456789")


async def _gate_is_awaited(database: Database) -> None:
    """Until somebody waits for an advisory lock."""
    while True:
        async with database.begin() as tx:
            waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            if await tx.scalar(text(waiting)):
                return
        await asyncio.sleep(0.01)


async def test_ready_stopped_lifted_and_gone(database: Database) -> None:
    async with database.begin() as tx:
        made = await logistics.make_ready(tx, ORG, "order:1", *WAY)
        again = await logistics.make_ready(tx, ORG, "order:1", *WAY)
        assert (made.state, made.handed_over_at, again.id) == ("ready", None, made.id)
        assert await logistics.stop(tx, ORG, ["order:1", "order:2"], "R1") == 2
    async with database.begin() as tx:
        stopped = await logistics.parcel(tx, ORG, "order:1")
        assert stopped is not None and stopped.state == "stopped"
        for ref, way in (("order:1", WAY), ("order:2", ("yunda", "43123456789"))):
            with pytest.raises(ParcelStopped):
                await logistics.hand_over(tx, ORG, ref, *way)
            with pytest.raises(ParcelStopped):
                await logistics.make_ready(tx, ORG, ref, *way)
        await logistics.lift(tx, ORG, "order:1", ids.uuid7())
        gone = await logistics.hand_over(tx, ORG, "order:1", *WAY)
        assert gone.state == "handed_over" and gone.handed_over_at is not None
    async with database.begin() as tx:
        facts = list(await tx.scalars(text("select kind from logistics.outbox")))
        assert facts == ["logistics.parcel-handed-over"]
        assert await logistics.stop(tx, ORG, ["order:1"], "R2") == 0


async def test_a_waybill_written_wrong_is_written_anew(database: Database) -> None:
    async with database.begin() as tx:
        first = await logistics.make_ready(tx, ORG, "order:1", *WAY)
        right = await logistics.make_ready(tx, ORG, "order:1", "zhongtong", "78123456780")
        assert right.id != first.id
        with pytest.raises(WrongState):
            await logistics.make_ready(tx, ORG, "order:1", *WAY)
        both = (await logistics.parcels(tx, ORG, ["order:1"]))["order:1"]
        assert [one.state for one in both] == ["withdrawn", "ready"]
        await logistics.withdraw(tx, ORG, "order:1")
        assert (await logistics.counts(tx, ORG)) == {"withdrawn": 2}


async def test_what_the_carrier_scanned_has_left(database: Database) -> None:
    async with database.begin() as tx:
        made = await logistics.make_ready(tx, ORG, "order:1", *WAY)
        kept = await logistics.record_event(
            tx, ORG, made.id, "noted", "清关", source="told", mark="1", code="8"
        )
        assert (kept.state, kept.events[-1].code) == ("ready", "8")
        early = clock.now() - timedelta(hours=2)
        moved = await logistics.record_event(tx, ORG, made.id, "move", at=early, source="told")
        assert (moved.state, moved.handed_over_at) == ("moving", early)
        # an act of our own is not for carriers to say
        said = await logistics.record_event(tx, ORG, made.id, "hand_over", source="told")
        assert said.state == "moving"
    async with database.begin() as tx:
        facts = list(await tx.scalars(text("select kind from logistics.outbox")))
        assert facts == ["logistics.parcel-handed-over"]


async def test_a_stop_waits_for_a_hand_over_and_finds_it_gone(database: Database) -> None:
    async def stop() -> int:
        async with database.begin() as tx:
            return await logistics.stop(tx, ORG, ["order:1"], "R1")

    async with database.begin() as leaving:
        await logistics.hand_over(leaving, ORG, "order:1", *WAY)
        stopping = asyncio.create_task(stop())
        await _gate_is_awaited(database)
    assert await stopping == 0


async def test_a_hand_over_waits_for_a_stop_and_is_refused(database: Database) -> None:
    async def leave() -> None:
        async with database.begin() as tx:
            await logistics.hand_over(tx, ORG, "order:1", *WAY)

    async with database.begin() as stopping:
        assert await logistics.stop(stopping, ORG, ["order:1"], "R1") == 1
        leaving = asyncio.create_task(leave())
        await _gate_is_awaited(database)
    with pytest.raises(ParcelStopped):
        await leaving
