"""Every route × every kind of person answers as the table says; a route without a row fails.

In the table `ok` means that the door was open, whatever came of it; 401, 403 and 404 are the
problems `sign-in-required`, `not-allowed` and `not-found`.
"""

import csv
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.cluster import Cluster
from tests.roles.asked import body_of, form_of, names_of, other_names, query_of
from tests.roles.chain import make_chain
from tests.roles.growing import make_growing
from tests.roles.house import Said, open_house
from tests.roles.world import PEOPLE, World, make_world
from tiantou.app import make_api
from tiantou.core.db import open_database
from tiantou.core.keys import Keys
from tiantou.openapi import PROBLEM_JSON

TABLE = Path(__file__).with_name("table.tsv")
DOCUMENT = make_api().openapi()
ROUTES = {
    f"{method.upper()} {path}": (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
# what nobody of this world can do, though the door is open: a code and a link are in no table,
# a callback is the provider's alone, the sandbox asks nobody who he is, a parcel is lost only by
# its carrier's word, the law keeps a recording, nothing is sold out
NOT_DONE = {
    "POST /api/auth/link",
    "POST /api/auth/sign-in",
    "POST /api/payments/{provider}/callback",
    "GET /api/payments/{provider}/identified",
    "POST /api/orgs/{org}/orders/{order}/lost",
    "DELETE /api/desk/sessions/{session_id}/recording",
    "POST /api/offers/{shop}/{offer}/waiting",
}
# one's own scope with the other shop's things in it
CROSSED = [
    route
    for route, (_, path, _) in sorted(ROUTES.items())
    if path.startswith(("/api/orgs/{", "/api/sessions/{"))
    and "/people/" not in path
    and (
        path.count("{") > 1
        or route.endswith(("/shelf", "/plots", "/slips", "/seasons", "/collections", "/sessions"))
    )
    and not (path.count("{") == 1 and route.startswith("GET"))
]
ROOMS = [r for r in sorted(ROUTES) if "/rooms/{session_id}" in r or "/share/" in r]


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
        await make_chain(made)
        await make_growing(made)
        made.things["schemas"] = DOCUMENT["components"]["schemas"]
        yield made
    await database.close()


async def _ask(world: World, who: str, route: str, **names: str) -> Said:
    method, path, operation = ROUTES[route]
    address = path.format(**names_of(path, world.things) | names)
    more: dict[str, Any] = {"params": query_of(path, world.things)}
    more |= form_of(method, path, world.things)
    body = body_of(method, path, operation, world.things)
    if isinstance(body, bytes):
        more["content"] = body
    elif body is not None:
        more["json"] = body
    return await world.house.rehearse(world.token(who), method, address, **more)


def _declared(operation: dict[str, Any]) -> set[str]:
    """The kinds of problems that an operation says it has."""
    found = set()
    for answer in operation["responses"].values():
        said = answer.get("content", {}).get(PROBLEM_JSON, {"schema": {"oneOf": []}})
        for one in said["schema"]["oneOf"]:
            schema = DOCUMENT["components"]["schemas"][one["$ref"].rsplit("/", 1)[-1]]
            found.add(schema["properties"]["type"]["const"].removeprefix("/problems/"))
    return found


def test_the_table_has_a_row_for_each_route_and_no_other() -> None:
    rows = _table()
    assert sorted(ROUTES) == sorted(rows), "tests/roles/table.tsv: one row for each route"
    assert all(tuple(row) == PEOPLE for row in rows.values())


@pytest.mark.parametrize("route", sorted(ROUTES))
async def test_a_route_answers_each_kind_of_person_as_the_table_says(
    world: World, route: str
) -> None:
    said = {who: await _ask(world, who, route) for who in PEOPLE}
    assert {who: answer.kind for who, answer in said.items()} == _table()[route]
    declared = _declared(ROUTES[route][2])
    for who, answer in said.items():
        assert not answer.problem or answer.problem in declared, f"{who}: {answer.text}"
        assert answer.status < 500, f"{who}: {answer.text}"
        assert answer.status != 422, f"{who} was refused before the door: {answer.text}"
    done = any(answer.done for answer in said.values())
    assert done != (route in NOT_DONE), [answer.text for answer in said.values()]


@pytest.mark.parametrize("route", CROSSED)
async def test_nobody_reaches_another_shops_things_by_way_of_his_own_shop(
    world: World, route: str
) -> None:
    _, path, _ = ROUTES[route]
    said = await _ask(world, "other_shop", route, **other_names(path, world.things))
    assert 404 <= said.status < 500, said.text
    assert said.status in {404, 422}, said.text


@pytest.mark.parametrize("route", ROOMS)
async def test_a_room_that_is_not_announced_is_not_there(world: World, route: str) -> None:
    for who in ("nobody", "viewer", "other_shop"):
        said = await _ask(world, who, route, session_id=world.things["draft"])
        assert said.kind in {"401", "404"}, f"{who}: {said.text}"


async def test_what_is_not_ours_looks_like_what_is_not_there(world: World) -> None:
    for route, row in sorted(_table().items()):
        if row["other_shop"] == "404":
            names = names_of(ROUTES[route][1], world.things)
            none = {name: str(uuid4()) for name, value in names.items() if _is_id(value)}
            theirs = await _ask(world, "other_shop", route)
            nothing = await _ask(world, "other_shop", route, **none)
            assert theirs.text == nothing.text, route


def _is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
