"""The divisions over HTTP: cacheable, in order, searched in Chinese."""

from collections.abc import AsyncIterator

import pytest

from tests import web
from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.regions.http import routes


@pytest.fixture
async def site(database: Database, keys: Keys) -> AsyncIterator[web.Site]:
    async with web.open_web(database, keys, routes) as made:
        yield made


async def test_the_tree_from_the_provinces_down(site: web.Site) -> None:
    client = site.client()
    provinces = (await client.get("/api/divisions")).json()
    assert len(provinces) == 34
    assert provinces[0] == {
        "code": "110000",
        "name": "北京市",
        "level": "province",
        "leaf": False,
        "in832": False,
    }
    codes = [one["code"] for one in provinces]
    assert codes == sorted(codes)
    counties = (await client.get("/api/divisions?parent=621100")).json()
    assert {"code": "621123", "name": "渭源县", "level": "county", "leaf": True, "in832": True} in (
        counties
    )
    assert (await client.get("/api/divisions?parent=999999")).json() == []
    assert (await client.get("/api/divisions?parent=x")).json()[
        "type"
    ] == "/problems/invalid-fields"


async def test_an_answer_may_be_kept_by_caches_and_names_nobody(site: web.Site) -> None:
    client = site.client()
    first = await client.get("/api/divisions")
    assert first.headers["cache-control"] == "public, max-age=86400"
    assert "set-cookie" not in first.headers
    again = await client.get("/api/divisions", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["etag"] == first.headers["etag"]


async def test_search(site: web.Site) -> None:
    client = site.client()
    found = (await client.get("/api/divisions/search", params={"q": "渭源"})).json()
    assert found == [
        {"code": "621123", "name": "渭源县", "full_name": "甘肃省定西市渭源县", "in832": True}
    ]
    assert (await client.get("/api/divisions/search", params={"q": ""})).status_code == 422
    assert (await client.get("/api/divisions/search", params={"q": "县" * 41})).status_code == 422
