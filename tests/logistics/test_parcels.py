"""Parcels: a waybill is one parcel's, a scan told twice is one event, the past changes nothing."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from tiantou.core import timers
from tiantou.core.db import Database
from tiantou.core.problems import AlreadyThere, InvalidFields, NotFound
from tiantou.engines.carrier_manual import ManualCarrier
from tiantou.kit import clock, ids
from tiantou.kit.machine import WrongState
from tiantou.logistics import face as logistics
from tiantou.logistics import parcels
from tiantou.logistics.ports import Carrier, Scan

ORG = ids.uuid7()


class Told:
    """A carrier that says what it is given, as often as it is asked."""

    name = "told"

    def __init__(self, *scans: Scan) -> None:
        self.given = list(scans)

    async def scans(self, carrier: str, waybill: str) -> list[Scan]:
        """What it was given."""
        return self.given


async def _facts(database: Database) -> list[tuple[str, str]]:
    async with database.begin() as tx:
        rows = await tx.execute(text("select kind, key from logistics.outbox order by id"))
        return [(row.kind, row.key) for row in rows]


@pytest.mark.parametrize("adapter", [ManualCarrier(), Told()])
async def test_every_carrier_keeps_the_contract(adapter: Carrier) -> None:
    assert adapter.name
    first = await adapter.scans("shunfeng", "SF1234567890")
    again = await adapter.scans("shunfeng", "SF1234567890")
    assert first == again
    assert [scan.at for scan in first] == sorted(scan.at for scan in first)
    assert len({scan.mark for scan in first}) == len(first)


async def test_handed_over_once_and_delivered_once(database: Database) -> None:
    for _ in range(2):
        async with database.begin() as tx:
            parcel = await logistics.hand_over(tx, ORG, "order:1", "顺丰", " sf 1234-567890 ")
    assert (parcel.carrier, parcel.waybill, parcel.state) == (
        "shunfeng",
        "SF1234-567890",
        "handed_over",
    )
    for _ in range(2):
        async with database.begin() as tx:
            parcel = await logistics.deliver(tx, ORG, parcel.id)
    assert (parcel.state, [one.kind for one in parcel.events]) == (
        "delivered",
        ["handed_over", "deliver"],
    )
    assert parcel.delivered_at is not None
    assert await _facts(database) == [
        ("logistics.parcel-handed-over", "order:1"),
        ("logistics.parcel-delivered", "order:1"),
    ]


async def test_a_waybill_is_one_parcels_only(database: Database) -> None:
    async with database.begin() as tx:
        await logistics.hand_over(tx, ORG, "order:1", "zhongtong", "78123456789")
    for org, ref in ((ORG, "order:2"), (ids.uuid7(), "order:1")):
        with pytest.raises(AlreadyThere):
            async with database.begin() as tx:
                await logistics.hand_over(tx, org, ref, "zhongtong", "78123456789")
    async with database.begin() as tx:
        await logistics.hand_over(tx, ORG, "order:2", "yunda", "78123456789")
        found = await logistics.parcels(tx, ORG, ["order:1", "order:2", "order:3"])
    assert sorted(found) == ["order:1", "order:2"]


@pytest.mark.parametrize(
    ("carrier", "waybill", "field"),
    [
        ("鸽子", "12345678", "carrier"),
        ("ems", "123", "waybill"),
        ("ems", "1234567<b>", "waybill"),
        ("ems", "1" * 31, "waybill"),
        ("ems", "", "waybill"),
    ],
)
async def test_bad_carriers_and_waybills_are_named(
    database: Database, carrier: str, waybill: str, field: str
) -> None:
    with pytest.raises(InvalidFields) as refused:
        async with database.begin() as tx:
            await logistics.hand_over(tx, ORG, "order:1", carrier, waybill)
    assert refused.value.members["fields"][0]["name"] == field


async def test_a_seller_who_brings_it_himself_needs_no_waybill(database: Database) -> None:
    async with database.begin() as tx:
        first = await logistics.hand_over(tx, ORG, "order:1", "自送", "")
        other = await logistics.hand_over(tx, ORG, "order:2", "self", "")
    assert first.waybill != other.waybill
    assert first.carrier_name == "自送"


async def test_a_carriers_scans_are_written_once_in_any_order(database: Database) -> None:
    async with database.begin() as tx:
        parcel = await logistics.hand_over(tx, ORG, "order:1", "jd", "JD0000000001")
    begin = parcel.ready_at
    scans = [
        Scan(at=begin + timedelta(hours=n), kind=kind, text=kind, mark=str(n))
        for n, kind in ((1, "move"), (3, "go_out"), (2, "trouble"), (4, "deliver"), (5, "move"))
    ]
    carrier = Told(*scans)
    for _ in range(2):
        async with database.begin() as tx:
            parcel = await parcels.follow(tx, carrier, parcel.id)
    assert parcel.state == "delivered"
    assert len(parcel.events) == 6
    assert [kind for kind, _ in await _facts(database)] == [
        "logistics.parcel-handed-over",
        "logistics.parcel-delivered",
    ]


async def test_silence_is_trouble_and_then_a_loss(database: Database) -> None:
    async with database.begin() as tx:
        parcel = await logistics.hand_over(tx, ORG, "order:1", "ems", "EA123456789CN")
    for state in ("troubled", "lost"):
        async with database.begin() as tx:
            await tx.execute(text("update core.timer set due_at = now()"))
        assert await timers.run_due(database, parcels.HANDLERS) == 1
        async with database.begin() as tx:
            now = await logistics.parcel(tx, ORG, "order:1")
        assert now is not None
        assert now.state == state
    with pytest.raises(WrongState):
        async with database.begin() as tx:
            await logistics.deliver(tx, ORG, parcel.id)
    assert await timers.run_due(database, parcels.HANDLERS) == 0


async def test_a_parcel_of_others_is_not_there(database: Database) -> None:
    async with database.begin() as tx:
        parcel = await logistics.hand_over(tx, ORG, "order:1", "ems", "EA123456789CN")
        assert await logistics.parcel(tx, UUID(int=1), "order:1") is None
        with pytest.raises(NotFound):
            await logistics.deliver(tx, UUID(int=1), parcel.id)
        with pytest.raises(NotFound):
            await logistics.record_event(tx, UUID(int=1), parcel.id, "move", at=clock.now())
