"""Every route × every kind of person answers as the table says; a route without a row fails."""

import csv
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.cluster import Cluster
from tests.roles.asked import body_of, names_of
from tests.roles.house import Said, open_house
from tests.roles.world import PEOPLE, World, make_world
from tiantou.app import make_api
from tiantou.core.db import open_database
from tiantou.core.keys import Keys

TABLE = Path(__file__).with_name("table.tsv")
DOCUMENT = make_api().openapi()
ROUTES = {
    f"{method.upper()} {path}": (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def _table() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8") as file:
        return {row.pop("route"): row for row in csv.DictReader(file, delimiter="\t")}


@pytest.fixture(scope="module")
async def world(
    cluster: Cluster, template: str, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """One world for all routes; what they do to it is undone."""
    connection = await asyncpg.connect(cluster.dsn("postgres"))
    await connection.execute(f"create database roles template {template}")
    await connection.close()
    database = open_database(cluster.dsn("roles"), pool_size=20)
    async with open_house(database, keys, tmp_path_factory.mktemp("roles")) as house:
        made = await make_world(house, keys)
        made.things["schemas"] = DOCUMENT["components"]["schemas"]
        yield made
    await database.close()


async def _ask(world: World, who: str, route: str, **names: str) -> Said:
    method, path, operation = ROUTES[route]
    address = path.format(**names_of(path, world.things) | names)
    body = body_of(method, path, operation, world.things)
    more: dict[str, Any] = {} if body is None else {"json": body}
    if path.endswith("/search"):
        more["params"] = {"q": "橙"}
    return await world.house.rehearse(world.token(who), method, address, **more)


def test_the_table_has_a_row_for_each_route_and_no_other() -> None:
    rows = _table()
    assert sorted(ROUTES) == sorted(rows), "tests/roles/table.tsv: one row for each route"
    assert all(tuple(row) == PEOPLE for row in rows.values())


@pytest.mark.parametrize("route", sorted(ROUTES))
async def test_a_route_answers_each_kind_of_person_as_the_table_says(
    world: World, route: str
) -> None:
    said = {who: await _ask(world, who, route) for who in PEOPLE}
    for who, answer in said.items():
        assert answer.answer.status_code < 500, f"{who}: {answer.answer.text}"
    assert {who: answer.kind for who, answer in said.items()} == _table()[route]
