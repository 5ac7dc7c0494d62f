"""Varieties, products, packs: what is in a box never changes under its id."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.supply.app import PHOTO, Shop, store_photo
from tests.supply.world import DIVISION, VARIETY, add_division, add_org
from tiantou.catalog import face as catalog
from tiantou.catalog import seeds
from tiantou.core.db import Database

PACK = {"name": "5 斤装", "unit": "箱", "net_g": 2500, "pieces": 10, "price_fen": 2990}
ASKED = {
    "title": "武穴脐橙",
    "variety_id": str(VARIETY),
    "grade": "一级",
    "description": "果径 75-85",
    "origin_division_code": DIVISION,
    "photos": [PHOTO],
    "fresh": True,
    "packs": [PACK],
}


async def _org(database: Database) -> UUID:
    await store_photo(database)
    async with database.begin() as tx:
        await add_division(tx)
        return await add_org(tx)


async def _made(shop: Shop, org: UUID, **changes: object) -> dict[str, object]:
    shop.become(org)
    answer = await shop.post(f"/api/orgs/{org}/products", ASKED | changes)
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


def test_the_table_of_varieties_is_sound() -> None:
    crops, varieties = seeds.read()
    assert len(varieties) >= 60
    assert len({row["id"] for row in varieties}) == len(varieties)
    assert len({(row["name_en"], row["crop_id"]) for row in varieties}) == len(varieties)
    assert {row["crop_id"] for row in varieties} == {row["id"] for row in crops}
    for row in varieties:
        assert row["months"]
        assert set(row["months"]) <= set(range(1, 13))


async def test_varieties_are_found_by_either_name(shop: Shop) -> None:
    assert len((await shop.get("/api/varieties")).json()["items"]) >= 60
    for q in ("脐橙", "navel"):
        found = (await shop.get(f"/api/varieties?q={q}")).json()["items"]
        assert str(VARIETY) in {one["id"] for one in found}
    assert (await shop.get("/api/varieties?q=%25")).json()["items"] == []


async def test_a_product_is_made_seen_and_found(shop: Shop, database: Database) -> None:
    org = await _org(database)
    made = await _made(shop, org)
    shop.become(None)
    seen = (await shop.get(f"/api/products/{made['id']}")).json()
    assert seen["seller"]["org_id"] == str(org)
    assert seen["seller"]["address"].startswith("湖北省黄冈市武穴市")
    assert seen["origin"]["full_name"] == "湖北省黄冈市武穴市"
    assert seen["packs"][0]["fen_per_jin"] == 598
    assert seen["variety"]["crop"] == "橙"
    async with database.begin() as tx:
        for words in ("武穴", "橙 黄冈", "navel", "纽荷尔"):
            found = await catalog.find_products(tx, words, 10)
            assert [str(one.id) for one in found] == [made["id"]], words
        assert await catalog.find_products(tx, "苹果", 10) == []
        assert [str(one.id) for one in await catalog.in_season(tx, 12, 10)] == [made["id"]]
        assert await catalog.in_season(tx, 6, 10) == []
        kinds = await tx.scalars(text("select kind from catalog.outbox"))
        assert kinds.all() == ["catalog.product-changed"]


async def test_a_pack_keeps_what_is_in_it(shop: Shop, database: Database) -> None:
    org = await _org(database)
    made = await _made(shop, org)
    path = f"/api/orgs/{org}/products/{made['id']}"
    pack = (await shop.get(path)).json()["packs"][0]
    asked = {key: pack[key] for key in ("id", "name", "unit", "net_g", "pieces", "price_fen")}
    cheaper = await shop.send("PATCH", path, {"packs": [asked | {"price_fen": 2590}]})
    assert cheaper.json()["packs"][0]["id"] == pack["id"]
    assert cheaper.json()["packs"][0]["price_fen"] == 2590
    heavier = await shop.send("PATCH", path, {"packs": [asked | {"net_g": 5000}]})
    new = heavier.json()["packs"]
    assert len(new) == 1
    assert new[0]["id"] != pack["id"]
    regraded = await shop.send("PATCH", path, {"grade": "二级"})
    assert regraded.json()["packs"][0]["id"] != new[0]["id"]
    assert regraded.json()["title"] == ASKED["title"]
    async with database.begin() as tx:
        old = await catalog.pack(tx, UUID(pack["id"]))
    assert old is not None
    assert (old.retired, old.on, old.net_g, old.grade) == (True, False, 2500, "一级")
    unknown = await shop.send("PATCH", path, {"packs": [asked]})
    assert unknown.json()["fields"][0]["name"] == "packs.0.id"


async def test_a_product_that_is_off_is_seen_by_its_shop_only(
    shop: Shop, database: Database
) -> None:
    org = await _org(database)
    made = await _made(shop, org)
    off = await shop.send("PATCH", f"/api/orgs/{org}/products/{made['id']}", {"state": "off"})
    assert off.json()["state"] == "off"
    assert (await shop.get(f"/api/products/{made['id']}")).status_code == 200
    shop.become(None)
    assert (await shop.get(f"/api/products/{made['id']}")).status_code == 404
    shop.become(org)
    await shop.send("PATCH", f"/api/orgs/{org}/products/{made['id']}", {"state": "on"})
    async with database.begin() as tx:
        await tx.execute(text("update accounts.organization set state = 'suspended'"))
    shop.become(None)
    assert (await shop.get(f"/api/products/{made['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "橙"}, "title"),
        ({"title": " 橙 "}, "title"),
        ({"title": "橙" * 61}, "title"),
        ({"grade": "\u200b"}, "grade"),
        ({"description": "x" * 2001}, "description"),
        ({"variety_id": str(uuid4())}, "variety_id"),
        ({"origin_division_code": "999999"}, "origin_division_code"),
        ({"origin_division_code": "x"}, "origin_division_code"),
        ({"photos": []}, "photos"),
        ({"photos": ["b" * 64]}, "photos"),
        ({"photos": ["../etc/passwd"]}, "photos.0"),
        ({"packs": []}, "packs"),
        ({"packs": [PACK] * 7}, "packs"),
        ({"packs": [PACK | {"net_g": 0}]}, "packs.0.net_g"),
        ({"packs": [PACK | {"price_fen": 0}]}, "packs.0.price_fen"),
        ({"packs": [PACK | {"price_fen": 10_000_001}]}, "packs.0.price_fen"),
        (
            {"packs": [{"name": "a", "unit": "大箱子吗呢", "net_g": 9, "price_fen": 9}]},
            "packs.0.unit",
        ),
    ],
)
async def test_bad_fields_are_named(
    shop: Shop, database: Database, change: dict[str, object], field: str
) -> None:
    org = await _org(database)
    shop.become(org)
    answer = await shop.post(f"/api/orgs/{org}/products", ASKED | change)
    assert answer.status_code == 422
    assert [one["name"] for one in answer.json()["fields"]] == [field]


async def test_roles_and_other_shops(shop: Shop, database: Database) -> None:
    org = await _org(database)
    made = await _made(shop, org)
    path, mine = f"/api/orgs/{org}/products", f"/api/orgs/{org}/products/{made['id']}"
    shop.become(None)
    assert (await shop.get(path)).status_code == 401
    shop.become(org, "host")
    assert (await shop.get(path)).status_code == 200
    assert (await shop.post(path, ASKED)).status_code == 403
    assert (await shop.send("PATCH", mine, {"title": "别的"})).status_code == 403
    async with database.begin() as tx:
        other = await add_org(tx)
    shop.become(other)
    for answer in (
        await shop.get(path),
        await shop.get(mine),
        await shop.get(f"/api/orgs/{other}/products/{made['id']}"),
        await shop.send("PATCH", f"/api/orgs/{other}/products/{made['id']}", {"title": "别的"}),
    ):
        assert answer.status_code == 404


async def test_a_list_has_pages(shop: Shop, database: Database) -> None:
    org = await _org(database)
    made = [(await _made(shop, org, title=f"第 {n} 种橙"))["id"] for n in range(5)]
    seen: list[object] = []
    path: str | None = f"/api/orgs/{org}/products?limit=2"
    while path:
        page = (await shop.get(path)).json()
        seen += [one["id"] for one in page["items"]]
        path = page["next"] and f"/api/orgs/{org}/products?limit=2&cursor={page['next']}"
    assert seen == made[::-1]
    bad = await shop.get(f"/api/orgs/{org}/products?cursor=xx")
    assert bad.json()["fields"][0]["name"] == "cursor"
