"""The routes of the scale, lots and papers: fields, roles, tenancy, prints."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.supply.app import Shop
from tests.supply.world import DIVISION, VARIETY, World, make_world
from tiantou.core.db import Database
from tiantou.kit import clock
from tiantou.supply.words import WORDS, ZH

PAYEE = {"bank": "农信社", "account": "6217000012345678", "holder": "陈大田"}


def _reading(world: World, **changes: object) -> dict[str, Any]:
    asked: dict[str, object] = {
        "household_id": str(world.household_id),
        "plot_id": str(world.plot_id),
        "variety_id": str(VARIETY),
        "grade": "一级",
        "grams": 100_000,
        "price_fen_per_jin": 250,
        "floor_fen_per_jin": 180,
        "harvested_at": (clock.now() - timedelta(hours=2)).isoformat(),
        "certificate": {"basis": "self_test", "commitments": ["truthful"]},
        "agreed": {"by": "grower"},
    }
    return asked | changes


async def _weighed(shop: Shop, world: World, **changes: object) -> dict[str, Any]:
    answer = await shop.post(f"/api/orgs/{world.org_id}/slips", _reading(world, **changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_households_are_numbered_sealed_and_masked(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id, "station")
    path = f"/api/orgs/{world.org_id}/households"
    asked = {"name": " 李家 ", "village": "桥头村", "division_code": DIVISION}
    made = await shop.post(path, asked | {"phone": "138 0013 8000", "payee": PAYEE})
    assert made.status_code == 201, made.text
    assert made.json()["no"] == 2
    assert made.json()["phone_masked"] == "138****8000"
    assert made.json()["payee_masked"] == "农信社 ****5678 陈*"
    items = (await shop.get(path)).json()["items"]
    assert [(one["no"], one["name"]) for one in items] == [(1, "陈家"), (2, "李家")]
    one_page = (await shop.get(path + "?limit=1")).json()
    rest = (await shop.get(path + f"?limit=1&cursor={one_page['next']}")).json()
    assert (rest["items"][0]["no"], rest["next"]) == (2, None)
    async with database.begin() as tx:
        rows = await tx.execute(text("select t::text from supply.household t"))
        audit = await tx.execute(text("select t::text from core.audit t"))
        kept = "".join(row[0] for row in [*rows, *audit])
    assert "13800138000" not in kept
    assert PAYEE["account"] not in kept


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"village": "村" * 61}, "village"),
        ({"division_code": "999999"}, "division_code"),
        ({"phone": "12345"}, "phone"),
        ({"payee": PAYEE | {"account": "x"}}, "payee.account"),
    ],
)
async def test_bad_households_are_named(
    shop: Shop, database: Database, change: dict[str, object], field: str
) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    asked = {"name": "李家", "village": "桥头村", "division_code": DIVISION} | change
    answer = await shop.post(f"/api/orgs/{world.org_id}/households", asked)
    assert answer.status_code == 422
    assert [one["name"] for one in answer.json()["fields"]] == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"grams": 0}, "grams"),
        ({"grams": 10_000_001}, "grams"),
        ({"grade": ""}, "grade"),
        ({"price_fen_per_jin": 0}, "price_fen_per_jin"),
        ({"floor_fen_per_jin": -1}, "floor_fen_per_jin"),
        ({"harvested_at": "2026-01-01T00:00:00"}, "harvested_at"),
        ({"harvested_at": "2099-01-01T00:00:00Z"}, "harvested_at"),
        ({"harvested_at": "1999-01-01T00:00:00Z"}, "harvested_at"),
        ({"certificate": {"basis": "hope", "commitments": ["truthful"]}}, "certificate.basis"),
        ({"certificate": {"basis": "lab", "commitments": []}}, "certificate.commitments"),
        ({"certificate": {"basis": "lab", "commitments": ["?"]}}, "certificate.commitments.0"),
        ({"agreed": {"by": "helper"}}, "agreed.helper.helper_name"),
        ({"agreed": {"by": "nobody"}}, "agreed"),
    ],
)
async def test_bad_readings_are_named(
    shop: Shop, database: Database, change: dict[str, object], field: str
) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    answer = await shop.post(f"/api/orgs/{world.org_id}/slips", _reading(world, **change))
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["name"] == field


async def test_from_the_scale_to_boxes_over_the_routes(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id, "station")
    legal = WORDS[ZH]["residues_within_limits"]
    paper = {"basis": "lab", "commitments": [legal, "truthful"]}
    helper = {"by": "helper", "helper_name": "村会计", "consent": "电话里说好的"}
    slip = await _weighed(shop, world, certificate=paper, agreed=helper)
    assert (slip["state"], slip["on_behalf"], slip["helper_name"]) == ("agreed", True, "村会计")
    assert (slip["value_fen"], slip["may"]) == (50_000, ["dispute", "void"])
    assert slip["household"]["name"] == "陈家"
    base = f"/api/orgs/{world.org_id}"
    lots = (await shop.get(f"{base}/lots")).json()["items"]
    assert [(lot["id"], lot["grams_left"]) for lot in lots] == [(slip["lot"]["id"], 100_000)]
    assert lots[0]["certificate"] == slip["certificate"]
    run = await shop.post(
        f"{base}/lots/{slip['lot']['id']}/pack", {"pack_id": str(world.pack_id), "boxes": 39}
    )
    assert (run.json()["boxes"], run.json()["grams"], run.json()["grams_left"]) == (
        39,
        97_500,
        2500,
    )
    short = await shop.post(
        f"{base}/lots/{slip['lot']['id']}/pack", {"pack_id": str(world.pack_id), "boxes": 2}
    )
    assert (short.status_code, short.json()["type"]) == (409, "/problems/lot-short")
    assert short.json()["grams_left"] == 2500
    lot = (await shop.get(f"{base}/lots/{slip['lot']['id']}")).json()
    assert lot["packed"] == [{"pack_id": str(world.pack_id), "title": "武穴脐橙", "boxes": 39}]
    packed = (await shop.get(f"{base}/lots?kind=packed")).json()["items"][0]
    assert packed["packed"][0]["boxes"] == 39
    assert packed["certificate"] == slip["certificate"]


async def test_disputes_and_new_readings_over_the_routes(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    slip = await _weighed(shop, world)
    path = f"/api/orgs/{world.org_id}/slips/{slip['id']}"
    early = await shop.post(path + "/read-again", {"grams": 9, "reason": "复秤"})
    assert (early.status_code, early.json()["type"]) == (409, "/problems/wrong-step")
    disputed = await shop.post(path + "/dispute", {"reason": "秤不准"})
    assert disputed.json()["state"] == "disputed"
    again = await shop.post(path + "/read-again", {"grams": 90_000, "reason": "复秤"})
    assert (again.json()["state"], again.json()["grams"]) == ("agreed", 90_000)
    gone = await shop.post(path + "/void", {"reason": "录错了"})
    assert gone.json()["state"] == "void"
    assert (await shop.get(path)).json()["may"] == []


async def test_roles_and_other_shops(shop: Shop, database: Database) -> None:
    world, other = await make_world(database), await make_world(database)
    shop.become(world.org_id)
    slip = await _weighed(shop, world)
    base, theirs = f"/api/orgs/{world.org_id}", f"/api/orgs/{other.org_id}"
    reads = [
        f"slips/{slip['id']}",
        f"slips/{slip['id']}/print",
        f"lots/{slip['lot']['id']}",
        f"lots/{slip['lot']['id']}/certificate",
        f"households/{world.household_id}",
    ]
    lists = ["households", "plots", "slips", "lots"]
    pack = {"pack_id": str(world.pack_id), "boxes": 1}
    packing = f"lots/{slip['lot']['id']}/pack"
    shop.become(other.org_id)
    for path in reads + lists:
        assert (await shop.get(f"{base}/{path}")).status_code == 404, path
    for path in reads:
        assert (await shop.get(f"{theirs}/{path}")).status_code == 404, path
    assert (await shop.post(f"{theirs}/{packing}", pack)).status_code == 404
    stolen = await shop.post(f"{theirs}/slips", _reading(world))
    assert stolen.json()["fields"][0]["name"] == "household_id"
    shop.become(world.org_id, "packer")
    for path in reads + lists:
        allowed = path.startswith("lots")
        assert (await shop.get(f"{base}/{path}")).status_code == (200 if allowed else 403), path
    assert (await shop.post(f"{base}/{packing}", pack)).status_code == 403
    shop.become(None)
    assert (await shop.get(f"{base}/lots")).status_code == 401


async def test_papers_are_escaped_and_in_both_languages(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    base = f"/api/orgs/{world.org_id}"
    home = {"name": "<b>李</b>", "village": "<script>", "division_code": DIVISION}
    household = (await shop.post(f"{base}/households", home)).json()
    slip = await _weighed(
        shop, world, household_id=household["id"], plot_id=None, grade='"><i>', grams=123_456
    )
    print_path, paper_path = f"slips/{slip['id']}/print", f"lots/{slip['lot']['id']}/certificate"
    slip_zh = await shop.get(f"{base}/{print_path}")
    assert slip_zh.headers["content-type"].startswith("text/html")
    for wanted in (
        "过磅单",
        "246.912 斤",
        "123.456 kg",
        "¥2.50/斤",
        "¥617.28",
        "58mm",
        slip["code"],
    ):
        assert wanted in slip_zh.text
    slip_en = (await shop.get(f"{base}/{print_path}?lang=en")).text
    for wanted in ("Weigh-in slip", "123.456 kg", "¥5.00 per kg", 'lang="en"'):
        assert wanted in slip_en
    assert "斤" not in slip_en
    paper = await shop.get(f"{base}/{paper_path}")
    for wanted in ("承诺达标合格证", "橙纽荷尔脐橙", "橙光合作社", slip["certificate"]["no"]):
        assert wanted in paper.text
    assert paper.text.count("☑") == 2
    assert "Certificate of conformity" in (await shop.get(f"{base}/{paper_path}?lang=en")).text
    for page in (slip_zh, paper):
        assert "<script" not in page.text
        assert "<b>" not in page.text
        assert "<i>" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (await shop.get(f"{base}/{print_path}?lang=fr")).status_code == 422


async def test_a_lot_without_a_certificate_has_no_page(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    slip = await _weighed(shop, world, certificate=None)
    assert slip["certificate"] is None
    path = f"/api/orgs/{world.org_id}/lots/{slip['lot']['id']}/certificate"
    assert (await shop.get(path)).status_code == 404


async def test_plots_and_freight(shop: Shop, database: Database) -> None:
    world = await make_world(database)
    shop.become(world.org_id)
    base = f"/api/orgs/{world.org_id}"
    plot = {
        "household_id": str(world.household_id),
        "name": "北坡",
        "division_code": DIVISION,
        "village": "桥头村",
        "area_m2": 667,
        "altitude_m": None,
    }
    assert (await shop.post(f"{base}/plots", plot)).status_code == 201
    mine = (await shop.get(f"{base}/plots?household_id={world.household_id}")).json()["items"]
    assert [one["name"] for one in mine] == ["北坡", "南坡"]
    bad = await shop.post(f"{base}/plots", plot | {"area_m2": 0})
    assert bad.json()["fields"][0]["name"] == "area_m2"
    freight = {"flat_fen": 800, "free_from_fen": None, "not_served": ["65"], "days_promised": 3}
    plain = freight | {"cold": "ambient", "cut_off": [], "rates": []}
    assert (await shop.send("PUT", f"{base}/freight", freight)).json() == plain
    assert (await shop.get(f"{base}/freight")).json() == plain
    for change in ({"not_served": ["6"]}, {"flat_fen": -1}, {"days_promised": 0}):
        assert (await shop.send("PUT", f"{base}/freight", freight | change)).status_code == 422
    shop.become(world.org_id, "station")
    assert (await shop.send("PUT", f"{base}/freight", freight)).status_code == 403
    assert "顺丰" in {one["name"] for one in (await shop.get("/api/carriers")).json()["items"]}
