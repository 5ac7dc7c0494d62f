"""The session's cookie: what is refused, what takes effect, and when."""

import logging
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from tests import web
from tiantou.accounts import orgs, people_sql, sessions, sessions_sql
from tiantou.accounts.revocations import Revocations
from tiantou.core.db import Database
from tiantou.core.keys import BadToken, Keys
from tiantou.core.subject import ROLES, Subject


async def _known(revoked: Revocations, session_id: UUID) -> None:
    await web.until(lambda: revoked.ended(session_id))


async def _session_of(keys: Keys, client: web.Client) -> Subject:
    return sessions.unseal(keys, client.cookies["tt"]).subject


def test_a_token_carries_the_subject_and_fits_into_a_cookie(keys: Keys) -> None:
    roles = tuple((uuid4(), role) for role in ROLES * 10)
    subject = Subject(uuid4(), 2**40, uuid4(), roles, operator=True)
    token = sessions.seal(keys, subject, 7)
    claims = sessions.unseal(keys, token)
    assert (claims.subject, claims.version) == (subject, 7)
    assert len(token) < 3900
    with pytest.raises(BadToken):
        sessions.unseal(keys, keys.sign(sessions.PURPOSE, b"\x93nonsense", 60))


@pytest.mark.parametrize("fault", ["forged", "foreign", "expired", "cut", "other purpose"])
async def test_a_token_that_is_not_ours_or_not_good_is_nobody(
    site: web.Site, database: Database, keys: Keys, fault: str
) -> None:
    person = await site.person(database, keys)
    good = person.cookies["tt"]
    payload = keys.verify(sessions.PURPOSE, good)
    token = {
        "forged": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        "foreign": Keys((b"the root secret of somebody else!",)).sign(
            sessions.PURPOSE, payload, 600
        ),
        "expired": keys.sign(sessions.PURPOSE, payload, -1),
        "cut": good[:40],
        "other purpose": keys.sign("live.ticket", payload, 600),
    }[fault]
    client = site.client(token)
    answer = await client.get("/api/me/addresses")
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sign-in-required")
    # the useless cookie is taken away
    assert "tt=; Path=/; Max-Age=0" in "".join(answer.headers.get_list("set-cookie"))


async def test_signing_out_ends_the_session_in_every_process(
    site: web.Site, database: Database, keys: Keys
) -> None:
    other = Revocations()
    with pytest.raises(RuntimeError):
        await other.start()
    await other.start(database)
    try:
        person = await site.person(database, keys)
        stolen = site.client(person.cookies["tt"])
        subject = await _session_of(keys, person)
        assert (await stolen.get("/api/me/addresses")).status_code == 200
        assert (await person.post("/api/auth/sign-out")).status_code == 204
        assert "tt" not in person.cookies
        await _known(site.revoked, subject.session_id)
        await _known(other, subject.session_id)
        assert (await stolen.get("/api/me/addresses")).status_code == 401
    finally:
        await other.close()


async def test_a_process_that_starts_later_knows_what_was_revoked(
    site: web.Site, database: Database, keys: Keys
) -> None:
    person = await site.person(database, keys)
    subject = await _session_of(keys, person)
    async with database.begin() as tx:
        await sessions_sql.revoke(tx, subject.session_id)
        await people_sql.roles_changed(tx, subject.person_id)
    later = Revocations(database)
    await later.start()
    try:
        assert later.ended(subject.session_id)
        assert later.outdated(subject.person_id, 0)
        assert not later.outdated(subject.person_id, 1)
    finally:
        await later.close()


async def test_what_was_revoked_while_the_line_was_cut_is_known_after(
    site: web.Site, database: Database, keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    person = await site.person(database, keys)
    subject = await _session_of(keys, person)
    before = site.revoked.reloads
    async with database.begin() as tx:
        cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = :n"
        await tx.execute(
            text(cut + " and datname = current_database()"), {"n": "tiantou revocations"}
        )
        await tx.execute(text("update accounts.session set revoked_at = now()"))
    await web.until(lambda: site.revoked.reloads > before)
    await _known(site.revoked, subject.session_id)
    assert (await person.get("/api/me/addresses")).status_code == 401
    assert "not heard" in caplog.text


async def test_a_new_role_and_a_lost_one_take_effect_at_the_next_request(
    site: web.Site, database: Database, keys: Keys
) -> None:
    org_id, owner_id = await web.make_org(database)
    owner = await site.enter(database, keys, owner_id)
    person = await site.person(database, keys)
    members = f"/api/orgs/{org_id}/members"
    assert (await person.get(members)).status_code == 404
    async with database.begin() as tx:
        await orgs.give_role(tx, None, org_id, person.person_id, "packer")
    await _newer(site, person.person_id, 0)
    packer = await person.get(members)
    assert (packer.status_code, packer.json()["needs"]) == (403, ["manager", "owner"])
    # the answer carried a new token, with the role in it
    assert (await _session_of(keys, person)).roles == ((org_id, "packer"),)
    async with database.begin() as tx:
        await orgs.give_role(tx, None, org_id, person.person_id, "manager")
    await _newer(site, person.person_id, 1)
    assert (await person.get(members)).status_code == 200
    gone = await owner.delete(f"{members}/{person.person_id}/manager")
    assert gone.status_code == 204
    await _newer(site, person.person_id, 2)
    assert (await person.get(members)).status_code == 403


async def _newer(site: web.Site, person_id: UUID, version: int) -> None:
    await web.until(lambda: site.revoked.outdated(person_id, version))


async def test_an_operator_who_is_one_no_more_does_not_write(
    site: web.Site, database: Database, keys: Keys
) -> None:
    operator = await site.person(database, keys, operator=True)
    org_id, _ = await web.make_org(database, admitted=False)
    async with database.begin() as tx:
        # even where the notice was never sent: a write reads the row
        await tx.execute(text("update accounts.person set operator = false"))
    answer = await operator.post(f"/api/desk/orgs/{org_id}/admit", json={})
    assert (answer.status_code, answer.json()["needs"]) == (403, ["operator"])
    async with database.begin() as tx:
        await tx.execute(text("update accounts.session set revoked_at = now()"))
    assert (await operator.post(f"/api/desk/orgs/{org_id}/admit", json={})).status_code == 401


async def test_an_old_token_is_renewed_and_a_young_one_is_not(
    site: web.Site, database: Database, keys: Keys
) -> None:
    person = await site.person(database, keys)
    claims = sessions.unseal(keys, person.cookies["tt"])
    quiet = await person.get("/api/me")
    assert not any(one.startswith("tt=") for one in quiet.headers.get_list("set-cookie"))
    carried = sessions._Carried(
        person=claims.subject.person_id.bytes,
        no=claims.subject.person_no,
        session=claims.subject.session_id.bytes,
        version=0,
        operator=False,
        issued=claims.issued - sessions.RENEW_AFTER_S - 60,
        orgs=[],
    )
    old = keys.sign(sessions.PURPOSE, msgspec.msgpack.encode(carried), 60)
    answer = await site.client(old).get("/api/me")
    renewed = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("tt="))
    token = renewed.removeprefix("tt=").partition(";")[0]
    assert sessions.unseal(keys, token).issued >= claims.issued


async def test_a_visitor_keeps_his_name_without_signing_in(site: web.Site, keys: Keys) -> None:
    client = site.client()
    await client.get("/api/me")
    first = client.cookies["tt_v"]
    again = await client.get("/api/me")
    assert client.cookies["tt_v"] == first
    assert not again.headers.get_list("set-cookie")
    client.cookies.set("tt_v", first[:-3] + "AAA", domain=web.HOST, path="/")
    forged = await client.get("/api/me")
    assert any(one.startswith("tt_v=") for one in forged.headers.get_list("set-cookie"))


async def test_on_https_only_the_host_cookie_counts(
    site: web.Site, database: Database, keys: Keys
) -> None:
    person = await site.person(database, keys)
    token = person.cookies["tt"]
    secure = {"x-forwarded-proto": "https"}
    plain = await site.client(token).get("/api/me", headers=secure)
    assert plain.json()["person"] is None
    line = next(c for c in plain.headers.get_list("set-cookie") if "tt_v" in c)
    assert line.startswith("__Host-tt_v=")
    assert "; Secure" in line
    answer = await site.client().get("/api/me", headers={**secure, "cookie": f"__Host-tt={token}"})
    assert answer.json()["person"]["id"] == str(person.person_id)
