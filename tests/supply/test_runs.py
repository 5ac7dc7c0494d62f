"""Pack runs of several lots: weights, codes, piece-work, reach; and what befalls lots."""

from datetime import timedelta, timezone
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.supply.app import Shop
from tests.supply.world import make_world, weigh
from tiantou.core.db import Database, Tx
from tiantou.core.problems import NotFound
from tiantou.kit import clock, ids
from tiantou.supply import face as supply
from tiantou.supply import runs, weights
from tiantou.supply.problems import BoxTaken


def test_amounts_are_split_exactly_in_both_directions() -> None:
    parts = runs.split([5, 1, 4_999_994], [1_350_000, 2_600_000, 900_000, 150_000])
    assert [sum(part) for part in parts] == [1_350_000, 2_600_000, 900_000, 150_000]
    assert [sum(column) for column in zip(*parts, strict=True)] == [5, 1, 4_999_994]
    assert all(grams >= 0 for part in parts for grams in part)


@pytest.mark.parametrize(
    ("net_g", "short_g"),
    [(50, 4), (100, 4), (200, 9), (250, 9), (500, 15), (1000, 15), (2500, 37), (10_000, 150),
     (12_000, 150), (20_000, 200)],
)  # fmt: skip
def test_the_table_of_tolerable_shortages(net_g: int, short_g: int) -> None:
    assert weights.shortage_g(net_g) == short_g


async def test_boxes_are_weighed_coded_and_booked(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    slips = [await weigh(database, world, 10_000) for _ in range(2)]
    shop.become(world.org_id, "packer")
    asked = {
        "pack_id": str(world.pack_id),
        "boxes": 3,
        "lots": [{"lot_id": str(slip.lot_id), "grams": 3_800} for slip in slips],
        "tare_g": 320,
        "weights": [2_480, 2_510, 2_520],
        "cull_g": 50,
    }
    path = f"/api/orgs/{world.org_id}/runs/pack"
    said = await shop.post(path, asked)
    assert said.status_code == 201, said.text
    made = said.json()
    assert (made["boxes"], made["grams"], made["shrink_g"]) == (3, 7_500, 50)
    assert made["grams_left"] == 20_000 - 7_600
    assert made["reach"] == {"roots": 2, "lots": 3, "boxes": 3}
    lot = f"/api/orgs/{world.org_id}/lots/{made['packed_lot_id']}"
    boxes = (await shop.get(f"{lot}/boxes?limit=2")).json()
    assert [(box["no"], box["net_g"], box["tare_g"]) for box in boxes["items"]] == [
        (1, 2_480, 320),
        (2, 2_510, 320),
    ]
    rest = (await shop.get(f"{lot}/boxes?limit=2&cursor={boxes['next']}")).json()
    assert [box["no"] for box in rest["items"]] == [3]
    for box in boxes["items"]:
        assert len(box["code"]) == 11
        assert box["code"].isalnum()
        assert box["code"] == box["code"].upper()
        ids.read_short(box["code"])
    shop.become(world.org_id)
    again = await shop.post(path, asked | {"weights": [], "boxes": 2, "cull_g": 2_500})
    assert again.json()["reach"]["boxes"] == 5
    before = await shop.get(f"/api/orgs/{world.org_id}/reach?lot={slips[0].lot_id}")
    assert before.json() == {"roots": 1, "lots": 3, "boxes": 5}


@pytest.mark.parametrize(
    ("weights_g", "box", "least"),
    [([2_462, 2_600, 2_600], 1, 2_463), ([2_463, 2_500, 2_500], 0, 2_500)],
)
async def test_light_boxes_are_refused(
    shop: Shop, database: Database, weights_g: list[int], box: int, least: int
) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 10_000)
    shop.become(world.org_id)
    asked = {
        "pack_id": str(world.pack_id),
        "boxes": 3,
        "lots": [{"lot_id": str(slip.lot_id), "grams": 7_700}],
        "weights": weights_g,
    }
    said = await shop.post(f"/api/orgs/{world.org_id}/runs/pack", asked)
    assert (said.status_code, said.json()["type"]) == (409, "/problems/short-weight")
    assert (said.json()["box"], said.json()["least_g"]) == (box, least)


async def test_the_piece_work_sheet(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 20_000)
    shop.become(world.org_id)
    base = f"/api/orgs/{world.org_id}"
    for boxes in (1, 3):
        asked = {
            "pack_id": str(world.pack_id),
            "boxes": boxes,
            "lots": [{"lot_id": str(slip.lot_id), "grams": boxes * 2_500}],
        }
        assert (await shop.post(f"{base}/runs/pack", asked)).status_code == 201
    today = clock.now().astimezone(timezone(timedelta(hours=8))).date()
    sheet = (await shop.get(f"{base}/piecework?since={today}&until={today}")).json()["items"]
    assert [(row["runs"], row["boxes"], row["grams"]) for row in sheet] == [(2, 4, 10_000)]
    assert (sheet[0]["day"], sheet[0]["pack"]) == (str(today), "武穴脐橙 5 斤装")
    csv = await shop.get(f"{base}/piecework.csv?since={today}&until={today}")
    assert csv.content.startswith(b"\xef\xbb\xbfday,packer,pack,runs,boxes,grams\r\n")
    tomorrow = today + timedelta(days=1)
    none = await shop.get(f"{base}/piecework?since={tomorrow}&until={tomorrow}")
    assert none.json()["items"] == []
    wrong = await shop.get(f"{base}/piecework?since={tomorrow}&until={today}")
    assert wrong.json()["fields"][0]["name"] == "until"
    foreign = await shop.post(f"{base}/runs/pack", asked | {"packer_id": str(uuid4())})
    assert foreign.json()["fields"][0]["name"] == "packer_id"


async def test_scraps_holds_and_releases(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 20_000)
    shop.become(world.org_id)
    base = f"/api/orgs/{world.org_id}"
    pack = {"pack_id": str(world.pack_id), "boxes": 4}
    run = (await shop.post(f"{base}/lots/{slip.lot_id}/pack", pack)).json()
    lot = f"{base}/lots/{run['packed_lot_id']}"
    half = await shop.post(f"{lot}/moves", {"reason": "spoil", "grams": 1_000})
    assert half.json()["fields"][0] == {"name": "grams", "code": "whole-boxes", "net_g": 2500}
    spoilt = await shop.post(f"{lot}/moves", {"reason": "spoil", "grams": 2_500, "note": "霉"})
    assert spoilt.json()["grams_left"] == 7_500
    short = await shop.post(f"{lot}/moves", {"reason": "donate", "grams": 10_000})
    assert (short.json()["type"], short.json()["grams_left"]) == ("/problems/lot-short", 7_500)
    held = await shop.post(f"{lot}/hold", {"reason": "送检"})
    assert held.json()["state"] == "held"
    again = await shop.post(f"{lot}/hold", {"reason": "送检"})
    assert again.json()["type"] == "/problems/wrong-step"
    gone = await shop.post(f"{lot}/moves", {"reason": "destroy", "grams": 2_500})
    assert gone.json()["grams_left"] == 5_000
    assert (await shop.post(f"{lot}/release", {"reason": "合格"})).json()["state"] == "open"
    steps = (await shop.get(f"{lot}/steps")).json()["items"]
    assert [(step["event"], step["why"]) for step in steps] == [
        ("hold", "送检"),
        ("release", "合格"),
    ]
    async with database.begin() as tx:
        told = await tx.execute(
            text(
                "select kind, body->>'boxes', body->>'held' from supply.outbox"
                " where kind like 'supply.boxes-%' order by id"
            )
        )
        assert [tuple(row) for row in told] == [
            ("supply.boxes-withdrawn", "1", None),
            ("supply.boxes-withdrawn", "3", None),
            ("supply.boxes-restored", "2", "3"),
        ]


async def test_a_box_is_bound_to_one_reference(database: Database) -> None:
    world, other = await make_world(database), await make_world(database)
    slip = await weigh(database, world, 20_000)
    async with database.begin() as tx:
        made = await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, world.pack_id, 3)
        codes = await _codes(tx, made.packed_lot_id)
        await supply.bind_boxes(tx, world.org_id, codes[:2], "order:1")
        await supply.bind_boxes(tx, world.org_id, codes[:1], "order:1")
        with pytest.raises(BoxTaken) as said:
            await supply.bind_boxes(tx, world.org_id, codes[1:], "order:2")
        assert said.value.members == {"code": codes[1]}
        with pytest.raises(NotFound):
            await supply.bind_boxes(tx, other.org_id, codes[2:], "order:2")
        assert len(await supply.free_boxes(tx, world.org_id, "order:1")) == 2
        await supply.bind_boxes(tx, world.org_id, codes, "order:2")


_RUN = (
    "insert into supply.run (id, org_id, kind, in_g, out_g, cull_g, gone_g, shrink_g,"
    " tolerance_permille, note, by_person, at) select uuidv7(), org_id, 'grade', 100, {out}, 0, 0,"
    " {shrink}, 20, '', uuidv7(), now() from supply.lot"
)


async def _codes(tx: Tx, lot_id: UUID) -> list[str]:
    rows = await tx.execute(
        text("select code from supply.box where lot_id = :lot order by code"), {"lot": lot_id}
    )
    return list(rows.scalars())


async def test_the_book_is_never_rewritten_nor_negative(database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 20_000)
    for statement in (
        "update supply.move set delta_g = 1",
        "delete from supply.move",
        "delete from supply.lot_edge",
        "delete from supply.lot_step",
        "update supply.lot_balance set grams = -1",
        # a run whose masses do not add up, and one that loses more than its tolerance
        _RUN.format(out=99, shrink=0),
        _RUN.format(out=97, shrink=3),
    ):
        with pytest.raises(DBAPIError):
            async with database.begin() as tx:
                await tx.execute(text(statement))
    async with database.begin() as tx:
        lot = await supply.lot(tx, world.org_id, slip.lot_id)
    assert lot is not None
    assert lot.grams_left == 20_000
