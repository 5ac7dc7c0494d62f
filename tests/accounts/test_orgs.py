"""Organizations: applied, admitted, changed; members; and what strangers get."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests import web
from tiantou.accounts import face as accounts
from tiantou.accounts.organization_machine import ORGANIZATION
from tiantou.core import audit
from tiantou.core.db import Database
from tiantou.core.keys import Keys


def _application(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "coop",
        "name": "会川百合合作社",
        "registration_code": web.registration(),
        "division_code": web.WEIYUAN,
        "address": "会川镇本庙村18号",
        "contact_name": "合作社办公室",
        "contact_phone": "0932-4123456",
        **changes,
    }


async def test_a_coop_applies_and_is_admitted(
    site: web.Site, database: Database, keys: Keys
) -> None:
    founder = await site.person(database, keys)
    operator = await site.person(database, keys, operator=True)
    answer = await founder.post("/api/orgs", json=_application())
    assert answer.status_code == 201
    org = answer.json()
    assert (org["state"], org["verified_until"]) == ("applied", None)
    assert org["division"]["full_name"] == "甘肃省定西市渭源县"
    assert org["division"]["in832"]
    # the founder's very next request knows his role, without waiting for any notice
    assert (await founder.get(f"/api/orgs/{org['id']}")).status_code == 200
    me = (await founder.get("/api/me")).json()
    assert [(m["org_id"], m["role"]) for m in me["memberships"]] == [(org["id"], "owner")]
    waiting = (await operator.get("/api/desk/orgs")).json()
    assert [one["id"] for one in waiting["items"]] == [org["id"]]
    admitted = (await operator.post(f"/api/desk/orgs/{org['id']}/admit", json={})).json()
    assert admitted["state"] == "admitted"
    assert admitted["verified_until"] > admitted["admitted_at"]
    assert (await operator.get("/api/desk/orgs")).json()["items"] == []
    inbox = (await founder.get("/api/me/inbox")).json()["items"]
    assert [one["kind"] for one in inbox] == ["org-admitted"]
    async with database.begin() as tx:
        view = await accounts.org(tx, org["id"])
        assert view is not None
        assert accounts.Seller.of(view).address == "甘肃省定西市渭源县会川镇本庙村18号"
        assert (await accounts.standing(tx, "org", view.id, "identity")).ok
        kinds = (await tx.scalars(text("select kind from accounts.outbox order by xid, id"))).all()
        assert [k for k in kinds if "notice" not in k] == [
            "accounts.org-applied",
            "accounts.org-admitted",
        ]
        assert await audit.broken_at(tx) is None


async def test_the_same_key_makes_one_organization(
    site: web.Site, database: Database, keys: Keys
) -> None:
    founder = await site.person(database, keys)
    headers = {"idempotency-key": str(uuid4())}
    asked = [founder.post("/api/orgs", json=_application(), headers=headers) for _ in range(3)]
    answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_refused_with_a_reason_and_applied_anew_by_a_change(
    site: web.Site, database: Database, keys: Keys
) -> None:
    org_id, owner_id = await web.make_org(database, admitted=False)
    owner = await site.enter(database, keys, owner_id)
    operator = await site.person(database, keys, operator=True)
    reason = {"reason": "地址不全"}
    refused = await operator.post(f"/api/desk/orgs/{org_id}/refuse", json=reason)
    assert (refused.json()["state"], refused.json()["refusal"]) == ("refused", "地址不全")
    again = await operator.post(f"/api/desk/orgs/{org_id}/refuse", json=reason)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wrong-step")
    changed = await owner.patch(f"/api/orgs/{org_id}", json={"address": "会川镇本庙村18号院"})
    assert (changed.json()["state"], changed.json()["refusal"]) == ("applied", None)
    assert changed.json()["name"] == "会川百合合作社"


async def test_an_admitted_one_that_changes_is_not_verified_until_admitted_again(
    site: web.Site, database: Database, keys: Keys
) -> None:
    org_id, owner_id = await web.make_org(database)
    owner = await site.enter(database, keys, owner_id)
    same = await owner.patch(f"/api/orgs/{org_id}", json={"name": "会川百合合作社"})
    assert same.json()["state"] == "admitted"
    changed = await owner.patch(f"/api/orgs/{org_id}", json={"name": "会川镇百合合作社"})
    assert (changed.json()["state"], changed.json()["verified_until"]) == ("applied", None)
    async with database.begin() as tx:
        assert (await accounts.standing(tx, "org", org_id, "identity")).reason == "changed"


@pytest.mark.parametrize(
    ("change", "name", "code"),
    [
        ({"registration_code": "91350100M000100Y44"}, "registration_code", "registration-code"),
        ({"registration_code": None}, "registration_code", "missing"),
        ({"division_code": "110103"}, "division_code", "division"),
        ({"division_code": "620000"}, "division_code", "division"),
        ({"division_code": "6201"}, "division_code", "string-pattern-mismatch"),
        ({"name": "百"}, "name", "string-too-short"),
        ({"name": "百" * 61}, "name", "string-too-long"),
        ({"name": "\u202e\u200b  "}, "name", "string-too-short"),
        ({"contact_phone": "call me"}, "contact_phone", "string-pattern-mismatch"),
        ({"kind": "bank"}, "kind", "literal-error"),
    ],
)
async def test_each_bad_field_is_named(
    site: web.Site, database: Database, keys: Keys, change: dict[str, Any], name: str, code: str
) -> None:
    founder = await site.person(database, keys)
    answer = await founder.post("/api/orgs", json=_application(**change))
    assert answer.status_code == 422
    assert (answer.json()["fields"][0]["name"], answer.json()["fields"][0]["code"]) == (name, code)


async def test_a_household_needs_no_registration(
    site: web.Site, database: Database, keys: Keys
) -> None:
    founder = await site.person(database, keys)
    said = _application(kind="household", registration_code=None, name="本庙村18号农户")
    assert (await founder.post("/api/orgs", json=said)).status_code == 201


async def test_one_registration_code_is_admitted_once(
    site: web.Site, database: Database, keys: Keys
) -> None:
    first, _ = await web.make_org(database, admitted=False)
    second, _ = await web.make_org(database, admitted=False)
    operator = await site.person(database, keys, operator=True)
    asked = [operator.post(f"/api/desk/orgs/{org_id}/admit", json={}) for org_id in (first, second)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    founder = await site.person(database, keys)
    answer = await founder.post("/api/orgs", json=_application())
    assert (answer.json()["type"], answer.json()["field"]) == (
        "/problems/already-there",
        "registration_code",
    )


async def test_strangers_get_404_and_low_roles_403(
    site: web.Site, database: Database, keys: Keys
) -> None:
    org_id, _ = await web.make_org(database)
    _, other_owner = await web.make_org(database, number=2)
    path = f"/api/orgs/{org_id}"
    nobody = site.client()
    stranger = await site.enter(database, keys, other_owner)
    packer = await site.member(database, keys, org_id, "packer")
    manager = await site.member(database, keys, org_id, "manager")
    member = {"phone": "13900000001", "role": "host"}
    for client, expected in ((nobody, 401), (stranger, 404), (packer, 403)):
        assert (await client.get(f"{path}/members")).status_code == expected
        assert (await client.patch(path, json={"name": "别的名字"})).status_code == expected
        assert (await client.post(f"{path}/members", json=member)).status_code == expected
    assert (await packer.get(path)).status_code == 200
    assert (await stranger.get(path)).status_code == 404
    assert (await manager.get(f"{path}/members")).status_code == 200
    assert (await manager.post(f"{path}/members", json=member)).status_code == 403
    for client, expected in ((nobody, 401), (manager, 403)):
        assert (await client.get("/api/desk/orgs")).status_code == expected
        assert (await client.post(f"/api/desk/orgs/{org_id}/admit", json={})).status_code == (
            expected
        )
    operator = await site.person(database, keys, operator=True)
    assert (await operator.get(path)).status_code == 200
    assert (await operator.post(f"/api/desk/orgs/{uuid4()}/admit", json={})).status_code == 404


async def test_members_come_and_go_and_the_last_owner_stays(
    site: web.Site, sms: web.SentSms, database: Database, keys: Keys
) -> None:
    org_id, owner_id = await web.make_org(database)
    owner = await site.enter(database, keys, owner_id)
    path = f"/api/orgs/{org_id}/members"
    added = await owner.post(path, json={"phone": "139 0000 0001", "role": "assistant"})
    assert added.status_code == 201
    assert added.json()["phone_masked"] == "139****0001"
    # he was named before he came; when he comes, he has the role
    new = site.client()
    await new.post("/api/auth/code", json={"phone": "13900000001"})
    code = sms.code("13900000001")
    me = await new.post("/api/auth/sign-in", json={"phone": "13900000001", "code": code})
    assert me.json()["memberships"][0]["role"] == "assistant"
    roles = [(m["person_id"], m["role"]) for m in (await owner.get(path)).json()["items"]]
    assert roles == [(str(owner_id), "owner"), (me.json()["person"]["id"], "assistant")]
    last = await owner.delete(f"{path}/{owner_id}/owner")
    assert last.json()["type"] == "/problems/last-owner"
    # anybody may lay his own role down
    mine = f"{path}/{me.json()['person']['id']}/assistant"
    assert (await new.delete(mine)).status_code == 204
    assert (await owner.delete(mine)).status_code == 404


async def test_numbers_cannot_be_tried_at_will(
    site: web.Site, database: Database, keys: Keys
) -> None:
    org_id, owner_id = await web.make_org(database)
    owner = await site.enter(database, keys, owner_id)
    for n in range(101):
        said = {"phone": f"139{n:08}", "role": "host"}
        answer = await owner.post(f"/api/orgs/{org_id}/members", json=said)
        if answer.status_code != 201:
            break
    assert answer.json()["limit"] == "org.member"
    assert n >= 30


async def test_the_desk_pages_through_those_who_wait(
    site: web.Site, database: Database, keys: Keys
) -> None:
    made = [(await web.make_org(database, number=n, admitted=False))[0] for n in range(5)]
    operator = await site.person(database, keys, operator=True)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await operator.get("/api/desk/orgs", params=params)).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [str(one) for one in made]
    bad = await operator.get("/api/desk/orgs?cursor=bm9uc2Vuc2U")
    assert bad.json()["type"] == "/problems/invalid-fields"


async def test_standings_hold_what_was_decided(database: Database) -> None:
    org_id, owner_id = await web.make_org(database, admitted=False)
    async with database.begin() as tx:
        assert (await accounts.standing(tx, "org", org_id, "identity")).reason == "not-verified"
        # what nobody keeps yet is granted
        assert (await accounts.standing(tx, "person", owner_id, "training")).ok
        await accounts.set_standing(tx, "person", owner_id, "training", False, None, "yearly")
        assert (await accounts.standing(tx, "person", owner_id, "training")).reason == "yearly"
        await accounts.admit(tx, None, org_id)
        assert (await accounts.standing(tx, "org", org_id, "identity")).ok
        await tx.execute(text("update accounts.standing set until = now() - interval '1 s'"))
        assert (await accounts.standing(tx, "org", org_id, "identity")).reason == "overdue"


def test_the_machine_is_the_one_that_the_docs_show() -> None:
    from tests.test_tidy import ROOT

    page = (ROOT / "docs/reference/organizations.md").read_text()
    for a, event, kind, b in ORGANIZATION.rows:
        assert f"| {a} | {event} | {kind} | {b} |" in page
    for state, word in ORGANIZATION.states.items():
        assert f"| {state} | {word} |" in page
    assert page.count("| U |") + page.count("| T |") == len(ORGANIZATION.rows)
