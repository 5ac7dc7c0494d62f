"""Boxes: never more than there is, mass conserved, roots and certificates true."""

import asyncio
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from tests.supply.world import make_world, product_in, weigh
from tiantou.catalog import face as catalog
from tiantou.core.db import Database
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.kit import clock
from tiantou.supply import events
from tiantou.supply import face as supply
from tiantou.supply.face import GradeDiffers, LotNotOpen, LotShort, Paper

_RACER = """
import asyncio, sys
from uuid import UUID
from tests.supply.world import subject
from tiantou.core.db import open_database
from tiantou.supply import face as supply

async def main(dsn, org, lot, pack, tries):
    database = open_database(dsn)
    org_id, packed = UUID(org), 0
    for _ in range(int(tries)):
        try:
            async with database.begin() as tx:
                await supply.pack_lot(tx, subject(org_id), org_id, UUID(lot), UUID(pack), 1)
            packed += 1
        except supply.LotShort:
            pass
    await database.close()
    print(packed)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_never_pack_more_than_the_lot_has(dsn: str, database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 20 * 2500 + 2499)
    arguments = [dsn, str(world.org_id), str(slip.lot_id), str(world.pack_id), "18"]
    racers = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _RACER,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(2)
    ]
    packed = [int((await racer.communicate())[0]) for racer in racers]
    assert all(racer.returncode == 0 for racer in racers)
    assert sum(packed) == 20
    assert min(packed) > 0
    async with database.begin() as tx:
        lot = await supply.lot(tx, world.org_id, slip.lot_id)
        facts = await tx.scalar(
            text("select count(*) from supply.outbox where kind = 'supply.lot-packed'")
        )
    assert lot is not None
    assert (lot.grams_left, facts) == (2499, 20)


async def test_packing_moves_grams_and_says_the_floor(database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 10_000)
    async with database.begin() as tx:
        made = await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, world.pack_id, 3)
        boxes = await supply.lots_for_pack(tx, world.org_id, world.pack_id)
        papers = await supply.certificates_for(tx, [made.packed_lot_id])
        body = await tx.scalar(
            text("select body from supply.outbox where kind = 'supply.lot-packed'")
        )
    assert (made.boxes, made.grams, made.grams_left) == (3, 7_500, 2_500)
    assert [(one.code, one.boxes_in, one.boxes_left) for one in boxes] == [(made.packed_code, 3, 3)]
    assert boxes[0].household_name == "陈家"
    assert boxes[0].certificate_no == papers[made.packed_lot_id].no
    assert papers[made.packed_lot_id].lot_id == slip.lot_id
    assert body["floor_fen_per_box"] == 180 * 5
    with pytest.raises(LotShort) as refused:
        async with database.begin() as tx:
            await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, world.pack_id, 2)
    assert refused.value.members == {"grams_left": 2_500}


async def test_only_the_same_grade_of_an_own_open_lot_is_packed(database: Database) -> None:
    world, other = await make_world(database), await make_world(database)
    second = await weigh(database, world, grade="二级")
    slip = await weigh(database, world)
    async with database.begin() as tx:
        with pytest.raises(GradeDiffers):
            await supply.pack_lot(tx, world.who, world.org_id, second.lot_id, world.pack_id, 1)
        with pytest.raises(NotFound):
            await supply.pack_lot(tx, other.who, other.org_id, slip.lot_id, other.pack_id, 1)
        with pytest.raises(NotFound):
            await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, other.pack_id, 1)
        made = await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, world.pack_id, 1)
        with pytest.raises(InvalidFields):
            await supply.pack_lot(tx, world.who, world.org_id, made.packed_lot_id, world.pack_id, 1)
        await tx.execute(text("update supply.lot set state = 'held'"))
        with pytest.raises(LotNotOpen):
            await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, world.pack_id, 1)
        with pytest.raises(LotNotOpen):
            await supply.pick(tx, world.org_id, made.packed_lot_id, 1, "order:1")


async def test_a_retired_pack_is_not_packed_any_more(database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world)
    async with database.begin() as tx:
        await catalog.change_product(tx, world.org_id, world.product.id, product_in())
        with pytest.raises(InvalidFields):
            await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, world.pack_id, 1)


async def test_a_mix_has_its_own_certificate_of_the_weakest_basis(database: Database) -> None:
    world = await make_world(database)
    words = list(supply.COMMITMENTS)
    strong = await weigh(database, world, certificate=Paper(basis="lab", commitments=words))
    weak = await weigh(
        database,
        world,
        price_fen_per_jin=301,
        floor_fen_per_jin=181,
        certificate=Paper(basis="control", commitments=words[:2]),
    )
    bare = await weigh(database, world, certificate=None)
    two_thirds = {strong.lot_id: 3_333, weak.lot_id: 1_667}
    half_bare = {strong.lot_id: 1_250, bare.lot_id: 1_250}
    org_id, pack_id = world.org_id, world.pack_id
    async with database.begin() as tx:
        mixed = await supply.pack_mix(tx, world.who, org_id, pack_id, 2, two_thirds)
        naked = await supply.pack_mix(tx, world.who, org_id, pack_id, 1, half_bare)
        papers = await supply.certificates_for(tx, [mixed.packed_lot_id, naked.packed_lot_id])
        shares = await supply.roots(tx, mixed.packed_lot_id)
        one_box = await supply.roots(tx, mixed.packed_lot_id, 2_500)
        lot = await supply.lot(tx, world.org_id, mixed.packed_lot_id)
    paper = papers[mixed.packed_lot_id]
    assert (paper.lot_id, paper.basis, paper.roots) == (mixed.packed_lot_id, "control", 2)
    assert paper.commitments == words[:2]
    assert paper.grams == 5_000
    assert naked.packed_lot_id not in papers
    assert {one.slip_id: one.grams for one in shares} == {strong.id: 3_333, weak.id: 1_667}
    assert sum(one.grams for one in one_box) == 2_500
    assert {one.slip_id: one.grams for one in one_box} == {strong.id: 1_667, weak.id: 833}
    assert lot is not None
    assert (lot.price_fen_per_jin, lot.floor_fen_per_jin) == (267, 181)
    with pytest.raises(InvalidFields):
        async with database.begin() as tx:
            await supply.pack_mix(
                tx, world.who, world.org_id, world.pack_id, 1, {strong.lot_id: 2_499}
            )


async def test_picks_take_what_expires_first_and_give_back_what_they_took(
    database: Database,
) -> None:
    world = await make_world(database)
    lots: list[UUID] = []
    for days in (3, 1, 2):
        old = clock.now().replace(microsecond=0) - timedelta(days=days)
        slip = await weigh(database, world, 10_000, harvested_at=old)
        async with database.begin() as tx:
            made = await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, world.pack_id, 2)
        lots.append(made.packed_lot_id)
    async with database.begin() as tx:
        picked = await supply.pick_first_expired(tx, world.org_id, world.pack_id, 5, "order:1")
    assert [(one.lot_id, one.boxes) for one in picked] == [
        (lots[0], 2),
        (lots[2], 2),
        (lots[1], 1),
    ]
    async with database.begin() as tx:
        with pytest.raises(LotShort) as refused:
            await supply.pick_first_expired(tx, world.org_id, world.pack_id, 2, "order:2")
        with pytest.raises(LotShort):
            await supply.pick(tx, world.org_id, lots[0], 1, "order:2")
        back = await supply.unpick(tx, world.org_id, lots[0], 1, "order:1")
        with pytest.raises(ValueError, match="did not take"):
            await supply.unpick(tx, world.org_id, lots[0], 2, "order:1")
        with pytest.raises(ValueError, match="did not take"):
            await supply.unpick(tx, world.org_id, lots[1], 1, "order:2")
    assert refused.value.members == {"grams_left": 2_500, "boxes_left": 1}
    assert back.grams == 2_500
    async with database.begin() as tx:
        left = await supply.lots_for_pack(tx, world.org_id, world.pack_id)
    assert {one.lot_id: one.boxes_left for one in left} == {lots[0]: 1, lots[1]: 1}
    assert all(a.best_before <= b.best_before for a, b in pairwise(left))


async def test_what_has_expired_is_not_taken_by_itself(database: Database) -> None:
    world = await make_world(database)
    lots: list[UUID] = []
    for _ in range(2):
        slip = await weigh(database, world, 5_000)
        async with database.begin() as tx:
            made = await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, world.pack_id, 2)
        lots.append(made.packed_lot_id)
    expire = text("update supply.lot set best_before = :at where id = :lot")
    async with database.begin() as tx:
        await tx.execute(expire, {"at": clock.now() - timedelta(seconds=1), "lot": lots[0]})
        with pytest.raises(LotShort) as refused:
            await supply.pick_first_expired(tx, world.org_id, world.pack_id, 3, "order:1")
        picked = await supply.pick_first_expired(tx, world.org_id, world.pack_id, 2, "order:1")
    assert refused.value.members == {"grams_left": 5_000, "boxes_left": 2}
    assert [(one.lot_id, one.boxes) for one in picked] == [(lots[1], 2)]


async def test_facts_are_read_back_as_they_were_announced(database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 10_000)
    async with database.begin() as tx:
        made = await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, world.pack_id, 1)
        bodies = (await tx.scalars(text("select body from supply.outbox order by id"))).all()
    weighed = msgspec.convert(bodies[0], events.WeighedIn)
    packed = msgspec.convert(bodies[1], events.LotPacked)
    assert (weighed.slip_id, weighed.lot_id, weighed.at) == (slip.id, slip.lot_id, slip.at)
    assert (packed.packed_lot_id, packed.key()) == (made.packed_lot_id, str(world.pack_id))
