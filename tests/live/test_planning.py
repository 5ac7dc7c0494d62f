"""What a plan may say, how many there may be, and who may look while somebody acts."""

import asyncio

from sqlalchemy import text

from tests.live.studio import Studio
from tiantou.accounts import face as accounts
from tiantou.core.files import StoredPicture
from tiantou.live.sessions import OPEN_MAX

KNOWN, COMING = "13912340001", "13912340002"


async def test_a_host_is_named_before_he_ever_came(studio: Studio) -> None:
    async with studio.database.begin() as tx:
        await accounts.person_of_phone(tx, studio.keys, KNOWN)
    answers = []
    for phone in (KNOWN, COMING):
        host = {"kind": "professional", "name": "外请主播", "title": "", "phone": phone}
        plan = studio.plan(host=host)
        answers.append(await studio.owner.post(f"/api/orgs/{studio.org_id}/sessions", json=plan))
    # Nothing tells whether a number is registered.
    assert [one.status_code for one in answers] == [201, 201]
    known, coming = (one.json() for one in answers)
    assert known["host"] == coming["host"]
    path = f"/api/sessions/{coming['id']}"
    stranger = await studio.site.person(studio.database, studio.keys)
    assert (await stranger.get(path)).status_code == 404
    async with studio.database.begin() as tx:
        person = await accounts.person_of_phone(tx, studio.keys, COMING)
    host_page = await studio.site.enter(studio.database, studio.keys, person.id)
    assert (await host_page.post(f"{path}/announce", json={})).json()["state"] == "announced"
    bad = {"kind": "own", "name": "样例主播", "title": "", "phone": "110"}
    refused = await studio.owner.patch(path, json=studio.plan(host=bad))
    assert refused.json()["fields"] == [{"name": "host.phone", "code": "phone"}]


async def test_a_cover_is_a_picture_that_was_uploaded(studio: Studio) -> None:
    path, cover = f"/api/orgs/{studio.org_id}/sessions", "ab" * 32
    refused = await studio.owner.post(path, json=studio.plan(cover=cover))
    assert refused.json()["fields"] == [{"name": "cover", "code": "unknown"}]
    made = await studio.session("draft")
    address = f"/api/sessions/{made['id']}"
    assert (await studio.owner.patch(address, json=studio.plan(cover=cover))).status_code == 422
    async with studio.database.begin() as tx:
        await studio.files.keep(tx, StoredPicture(cover, 640, 480), 1, None)
    assert (await studio.owner.post(path, json=studio.plan(cover=cover))).status_code == 201
    changed = await studio.owner.patch(address, json=studio.plan(cover=cover))
    assert changed.json()["cover"] == cover


async def test_a_shop_has_a_limit_of_plans_whoever_is_first(studio: Studio) -> None:
    path, plan = f"/api/orgs/{studio.org_id}/sessions", studio.plan(shelf=[])
    answers = [await studio.owner.post(path, json=plan) for _ in range(OPEN_MAX - 3)]
    answers += await asyncio.gather(*(studio.owner.post(path, json=plan) for _ in range(8)))
    made = [one.json() for one in answers if one.status_code == 201]
    assert len(made) == OPEN_MAX
    refused = [one.json() for one in answers if one.status_code == 409]
    assert {(one["type"], one["limit"]) for one in refused} == {("/problems/too-many", OPEN_MAX)}
    cancelled = await studio.owner.post(f"/api/sessions/{made[0]['id']}/cancel", json={})
    assert cancelled.status_code == 200
    assert (await studio.owner.post(path, json=plan)).status_code == 201


async def test_a_page_that_looks_waits_for_nobody(studio: Studio) -> None:
    made = await studio.session("live")
    path = f"/api/sessions/{made['id']}"
    async with studio.database.begin() as tx:
        held = text("select id from live.session where id = :id for update")
        await tx.execute(held, {"id": made["id"]})
        for address in (path, f"{path}/control"):
            answer = await studio.owner.get(address)
            assert answer.status_code == 200, answer.text
    assert (await studio.viewer.get(f"{path}/control")).status_code == 404
