"""Grade standards, samples, grade runs: limits are data, grams add up, errors name their cell."""

import pytest
from httpx import Response

from tests.supply.app import Shop
from tests.supply.world import VARIETY, World, make_world, subject, weigh
from tiantou.core.db import Database
from tiantou.core.problems import InvalidFields
from tiantou.supply import face as supply
from tiantou.supply import trace_sql
from tiantou.supply.face import Paper
from tiantou.supply.grading import samples
from tiantou.supply.grading.samples import judge
from tiantou.supply.grading.standards_sql import GradeView, LimitView, Piece

LIMITS = [
    {"attribute": "brix_tenth", "low": 100, "high": None},
    {"attribute": "diameter_tenth_mm", "low": 750, "high": 850},
]
FIRST = {"rank": 1, "name": "一级", "tolerance_permille": 100, "limits": LIMITS}
SECOND = {"rank": 2, "name": "二级", "tolerance_permille": 200, "limits": []}
STANDARD = {
    "code": "DB42/T 1",
    "title": "脐橙等级",
    "source": "地方标准",
    "edition": "2024",
    "variety_id": str(VARIETY),
    "grades": [FIRST, SECOND],
}


async def _standard(shop: Shop, world: World) -> str:
    made = await shop.post(f"/api/orgs/{world.org_id}/grade-standards", STANDARD)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _grade(shop: Shop, world: World, **changes: object) -> Response:
    asked = {"lots": [], "outputs": [], "cull_g": 0} | changes
    return await shop.post(f"/api/orgs/{world.org_id}/runs/grade", asked)


async def test_a_standard_is_data_in_editions(shop: Shop, database: Database) -> None:
    world, other = await make_world(database), await make_world(database)
    shop.become(world.org_id, "manager")
    path = f"/api/orgs/{world.org_id}/grade-standards"
    standard_id = await _standard(shop, world)
    again = await shop.post(path, STANDARD)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-there")
    newer = await shop.post(path, STANDARD | {"edition": "2026"})
    assert newer.status_code == 201
    shown = (await shop.get(path)).json()["items"]
    assert [(one["edition"], one["shared"]) for one in shown] == [("2024", False), ("2026", False)]
    assert shown[0]["grades"][0]["limits"] == LIMITS
    await shop.post(f"{path}/{standard_id}/retire", {})
    assert len((await shop.get(path)).json()["items"]) == 1
    shop.become(other.org_id)
    assert (await shop.get(f"/api/orgs/{other.org_id}/grade-standards")).json()["items"] == []


async def test_a_shared_standard_is_everybodys_until_it_is_retired(
    shop: Shop, database: Database
) -> None:
    world = await make_world(database)
    desk, mine = "/api/desk/grade-standards", f"/api/orgs/{world.org_id}/grade-standards"
    shop.become(world.org_id, "manager")
    own = await _standard(shop, world)
    assert (await shop.get(desk)).status_code == 403
    shop.act_as(subject(world.org_id), operator=True)
    made = (await shop.post(desk, STANDARD)).json()
    assert [one["id"] for one in (await shop.get(desk)).json()["items"]] == [made["id"]]
    assert (await shop.post(f"{desk}/{own}/retire", {})).status_code == 404
    shop.become(world.org_id, "manager")
    shown = {one["id"]: one["shared"] for one in (await shop.get(mine)).json()["items"]}
    assert shown == {own: False, made["id"]: True}
    assert (await shop.post(f"{mine}/{made['id']}/retire", {})).status_code == 404
    shop.act_as(subject(world.org_id), operator=True)
    assert (await shop.post(f"{desk}/{made['id']}/retire", {})).json()["retired_at"]
    assert (await shop.get(desk)).json()["items"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"grades": [SECOND]}, "grades"),
        ({"grades": [FIRST, SECOND | {"name": "一级"}]}, "grades"),
        ({"grades": [FIRST | {"limits": [{"attribute": "brix_tenth"}]}]}, "grades.0.limits.0.low"),
        (
            {"grades": [FIRST | {"limits": [{"attribute": "colour", "low": 1}]}]},
            "grades.0.limits.0.attribute",
        ),
        (
            {"grades": [FIRST | {"limits": [{"attribute": "weight_g", "low": 9, "high": 8}]}]},
            "grades.0.limits.0.high",
        ),
    ],
)
async def test_bad_standards_are_named(
    shop: Shop, database: Database, change: dict[str, object], field: str
) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    said = await shop.post(f"/api/orgs/{world.org_id}/grade-standards", STANDARD | change)
    assert said.status_code == 422
    assert said.json()["fields"][0]["name"] == field


def test_pieces_outside_are_counted_at_both_ends() -> None:
    grade = GradeView(
        rank=1,
        name="一级",
        tolerance_permille=250,
        limits=[
            LimitView(attribute="diameter_tenth_mm", low=750, high=850),
            LimitView(attribute="blemish_mm2", low=None, high=200),
        ],
    )
    sizes = [749, 750, 850, 851]
    pieces = [Piece(diameter_tenth_mm=size) for size in sizes]
    assert (judge(grade, pieces).outside, judge(grade, pieces).allowed) == (2, 1)
    # one piece that passes two limits is one piece, what was not measured is not outside
    twice = [Piece(diameter_tenth_mm=1, blemish_mm2=201), Piece(brix_tenth=1)]
    assert judge(grade, twice).outside == 1


def test_a_csv_is_read_by_rfc_4180() -> None:
    body = '\ufeffgrade,diameter_mm,"brix",weight_g\r\n"一级",78.5,12.0,\r\n二级,,"9.5",201\r\n'
    assert samples.read_csv(body.encode()) == {
        "一级": [Piece(diameter_tenth_mm=785, brix_tenth=120)],
        "二级": [Piece(brix_tenth=95, weight_g=201)],
    }


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("", [(0, "grade", "missing"), (0, "diameter_mm", "missing")]),
        ("grade,colour\n一级,1\n", [(0, "colour", "unknown"), (0, "diameter_mm", "missing")]),
        ("grade,brix,brix\n", [(0, "brix", "twice"), (0, "brix", "twice")]),
        ("grade,brix\n", [(1, "", "missing")]),
        (
            "grade,brix\n一级,甜\n一级,12\n一级,12.34\n",
            [(1, "brix", "number"), (3, "brix", "too-fine")],
        ),
        ("grade,brix\n一级,-1\n,12\n", [(1, "brix", "range"), (2, "grade", "length")]),
        ("grade,brix\n一级,12,9\n一级,\n", [(1, "", "columns"), (2, "", "empty")]),
        ("grade,brix\n一级,NaN\n一级,1e3000\n", [(1, "brix", "number"), (2, "brix", "range")]),
        ('grade,brix\n"一级,12\n', [(1, "", "csv")]),
    ],
)
def test_what_is_wrong_with_a_csv_is_named_by_row_and_column(
    body: str, wrong: list[tuple[int, str, str]]
) -> None:
    with pytest.raises(InvalidFields) as said:
        samples.read_csv(body.encode())
    fields = said.value.members["fields"]
    assert [(one["row"], one["column"], one["code"]) for one in fields] == wrong


async def test_a_csv_over_the_route(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id, "station")
    path = f"/api/orgs/{world.org_id}/samples/read"
    good = await shop.send_text("POST", path, "grade,diameter_mm\n一级,80\n")
    assert good.json() == {
        "items": [
            {
                "grade": "一级",
                "pieces": [
                    {
                        "diameter_tenth_mm": 800,
                        "brix_tenth": None,
                        "blemish_mm2": None,
                        "weight_g": None,
                    }
                ],
            }
        ]
    }
    bad = await shop.send_text("POST", path, "grade,diameter_mm\n一级,大\n")
    assert (bad.status_code, bad.json()["fields"][0]["name"]) == (422, "row 1, diameter_mm")
    gbk = await shop.send_text("POST", path, "grade,brix\n一级,12\n".encode("gb18030"))
    assert gbk.json()["items"][0]["grade"] == "一级"
    noise = await shop.send_text("POST", path, b"grade,brix\n\xff\xff,12\n")
    assert noise.json()["fields"][0]["code"] == "encoding"


async def test_a_sample_is_judged_with_its_reasons(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    standard_id = await _standard(shop, world)
    pieces = [{"diameter_tenth_mm": size} for size in (740, 750, 800, 851, 852)]
    path = f"/api/orgs/{world.org_id}"
    asked = {"standard_id": standard_id, "items": [{"grade": "一级", "pieces": pieces}]}
    (said,) = (await shop.post(f"{path}/samples/judge", asked)).json()["items"]
    assert (said["verdict"], said["pieces"], said["outside"], said["allowed"]) == ("fails", 5, 3, 0)
    assert said["measures"] == [
        {
            "attribute": "diameter_tenth_mm",
            "pieces": 5,
            "least": 740,
            "mean": 799,
            "most": 852,
            "low": 750,
            "high": 850,
            "below": 1,
            "above": 2,
            "outside_permille": 600,
        }
    ]
    diameter = {"attribute": "diameter_tenth_mm"}
    assert said["reasons"] == [
        {"code": "not-measured", "attribute": "brix_tenth"},
        {"code": "below", "pieces": 1, "permille": 200, "limit": 750, **diameter},
        {"code": "above", "pieces": 2, "permille": 400, "limit": 850, **diameter},
    ]
    none = asked | {"items": [{"grade": "一级", "pieces": []}]}
    assert (await shop.post(f"{path}/samples/judge", none)).json()["items"][0]["verdict"] == (
        "unmeasured"
    )
    strange = asked | {"items": [{"grade": "没有", "pieces": pieces}]}
    refused = (await shop.post(f"{path}/samples/judge", strange)).json()
    assert refused["fields"][0]["name"] == "items.0.grade"
    slip = await weigh(database, world, 10_000)
    good = [{"diameter_tenth_mm": 800, "brix_tenth": 120}]
    run = await _grade(
        shop,
        world,
        lots=[{"lot_id": str(slip.lot_id), "grams": 10_000}],
        outputs=[{"grade": "一级", "grams": 10_000, "pieces": good}],
        standard_id=standard_id,
    )
    lot = (await shop.get(f"{path}/lots/{run.json()['lot_ids'][0]}/samples")).json()
    assert (lot["judged"]["verdict"], lot["judged"]["reasons"]) == ("meets", [])
    assert [one["mean"] for one in lot["measures"]] == [800, 120]
    bare = (await shop.get(f"{path}/lots/{slip.lot_id}/samples")).json()
    assert bare == {"pieces": [], "measures": [], "judged": None}


async def test_harvest_becomes_grades_and_every_gram_is_booked(
    shop: Shop, database: Database
) -> None:
    world = await make_world(database)
    shop.become(world.org_id, "station")
    words = list(supply.COMMITMENTS)
    one = await weigh(database, world, 3_000_001)
    two = await weigh(database, world, 2_000_000, certificate=Paper(basis="lab", commitments=words))
    shop.become(world.org_id)
    standard_id = await _standard(shop, world)
    good = [{"diameter_tenth_mm": 800, "brix_tenth": 110}] * 9 + [{"diameter_tenth_mm": 700}]
    said = await _grade(
        shop,
        world,
        lots=[
            {"lot_id": str(one.lot_id), "grams": 3_000_001},
            {"lot_id": str(two.lot_id), "grams": 1_999_999},
        ],
        outputs=[
            {"grade": "一级", "grams": 2_600_000, "pieces": good},
            {"grade": "二级", "grams": 2_000_000},
        ],
        cull_g=150_000,
        gone={"donate": 100_000, "process": 70_000},
        standard_id=standard_id,
    )
    assert said.status_code == 201, said.text
    assert said.json()["shrink_g"] == 80_000
    run = (await shop.get(f"/api/orgs/{world.org_id}/runs/{said.json()['run_id']}")).json()
    assert (run["in_g"], run["out_g"], run["cull_g"], run["gone_g"]) == (
        5_000_000,
        4_600_000,
        150_000,
        170_000,
    )
    assert sum(part["grams"] for part in run["inputs"]) == 4_600_000
    assert [part["code"] for part in run["inputs"]] == [one.lot_code, two.lot_code]
    best = run["outputs"][0]
    assert (best["grade"], best["kind"], best["grams_left"]) == ("一级", "graded", 2_600_000)
    # mixed of two households' lots with papers: a paper of its own, on the weaker ground
    assert best["certificate"]["basis"] == "self_test"
    assert run["samples"] == [{"lot_id": best["id"], "pieces": 10}]
    listed = (await shop.get(f"/api/orgs/{world.org_id}/lots?kind=graded")).json()["items"]
    assert {lot["grade"] for lot in listed} == {"一级", "二级"}
    moves = (await shop.get(f"/api/orgs/{world.org_id}/lots/{one.lot_id}/moves")).json()["items"]
    assert sum(move["delta_g"] for move in moves) == 0
    assert [move["reason"] for move in moves] == [
        "shrink",
        "process",
        "donate",
        "cull",
        "grade",
        "make",
    ]
    tree = (await shop.get(f"/api/orgs/{world.org_id}/lots/{best['id']}/tree")).json()
    assert {root["code"] for root in tree["roots"]} == {one.lot_code, two.lot_code}
    assert tree["roots"][0]["county"] == "湖北省黄冈市武穴市"
    assert len(tree["lots"]) == 3


async def test_a_run_that_does_not_add_up_is_refused(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 100_000)
    shop.become(world.org_id)
    lots = [{"lot_id": str(slip.lot_id), "grams": 100_000}]
    for grams, missing in ((97_999, 2_001), (100_001, -1)):
        said = await _grade(shop, world, lots=lots, outputs=[{"grade": "一级", "grams": grams}])
        assert (said.status_code, said.json()["type"]) == (409, "/problems/mass-differs")
        assert (said.json()["missing_g"], said.json()["allowed_g"]) == (missing, 2_000)
    edge = await _grade(shop, world, lots=lots, outputs=[{"grade": "一级", "grams": 98_000}])
    assert edge.status_code == 201


async def test_a_sample_that_misses_its_grade_makes_no_lot(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    slip = await weigh(database, world, 100_000)
    shop.become(world.org_id)
    standard_id = await _standard(shop, world)
    lots = [{"lot_id": str(slip.lot_id), "grams": 100_000}]
    pieces = [{"brix_tenth": 110}] * 8 + [{"brix_tenth": 99}] * 2
    output = {"grade": "一级", "grams": 100_000, "pieces": pieces}
    said = await _grade(shop, world, lots=lots, outputs=[output], standard_id=standard_id)
    assert (said.status_code, said.json()["type"]) == (409, "/problems/grade-not-met")
    assert (said.json()["outside"], said.json()["allowed"]) == (2, 1)
    async with database.begin() as tx:
        assert await trace_sql.down(tx, [slip.lot_id]) == [slip.lot_id]
    strange = await _grade(
        shop, world, lots=lots, outputs=[output | {"grade": "特级"}], standard_id=standard_id
    )
    assert strange.json()["fields"][0]["name"] == "outputs.0.grade"
