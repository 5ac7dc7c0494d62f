"""Messages by SMS: once for a fact, through failures and restarts; one contract for every port."""

from functools import partial

import pytest
from sqlalchemy import text

from tests import web
from tiantou.accounts import face as accounts
from tiantou.accounts import own_data, people_sql, sign_in
from tiantou.accounts.events import NoticeWanted, OrgApplied
from tiantou.accounts.ports import Sms
from tiantou.accounts.reactions import on_notice_wanted, on_org_applied
from tiantou.core.db import Database
from tiantou.core.delivery import Reaction, consumers, deliver, retry
from tiantou.core.keys import Keys
from tiantou.core.subject import Subject
from tiantou.engines.sms_console import ConsoleSms

PHONE = "13611112222"


def _reactions(keys: Keys, sms: Sms) -> list[Reaction]:
    text_out = partial(on_notice_wanted, keys=keys, sms=sms)
    return [
        Reaction("accounts.text-out", NoticeWanted, text_out),
        Reaction("accounts.tell-operators", OrgApplied, on_org_applied),
    ]


async def _work(database: Database, keys: Keys, sms: Sms) -> None:
    """What a worker does: all that is ahead, then what waits."""
    reactions = _reactions(keys, sms)
    for consumer in consumers(reactions):
        for source in consumer.sources():
            while await deliver(database, consumer, source):
                pass
    await retry(database, {one.name: one for one in reactions})


async def test_a_message_is_texted_once_through_restarts(
    database: Database, keys: Keys, sms: web.SentSms
) -> None:
    async with database.begin() as tx:
        person = await sign_in.person_of_phone(tx, keys, PHONE)
        for _ in range(2):
            await accounts.notify(tx, person.id, "session-starts", {"title": "百合"}, sms=True)
        await accounts.notify(tx, person.id, "only-inbox", {})
    for _ in range(3):
        await _work(database, keys, sms)
    assert [(p, t, m) for p, t, m, _ in sms.sent] == [(PHONE, "session-starts", {"title": "百合"})]
    # the same fact once more, as after a restore: it is known to have left
    async with database.begin() as tx:
        await tx.execute(text("delete from core.cursor"))
    await _work(database, keys, sms)
    assert len(sms.sent) == 1


async def test_what_failed_is_sent_later_under_the_same_ref(
    database: Database, keys: Keys, sms: web.SentSms
) -> None:
    async with database.begin() as tx:
        person = await sign_in.person_of_phone(tx, keys, PHONE)
        await accounts.notify(tx, person.id, "order-paid", {"number": "1"}, sms=True)
    sms.failing = True
    await _work(database, keys, sms)
    async with database.begin() as tx:
        assert await tx.scalar(text("select texted_at from accounts.message")) is None
        await tx.execute(text("update core.waiting set next_at = now()"))
    sms.failing = False
    await _work(database, keys, sms)
    assert len(sms.sent) == 1
    async with database.begin() as tx:
        message = await tx.scalar(text("select id from accounts.message"))
    assert sms.sent[0][3] == str(message)


async def test_an_erased_person_is_not_texted(
    database: Database, keys: Keys, sms: web.SentSms, site: web.Site
) -> None:
    async with database.begin() as tx:
        person = await sign_in.person_of_phone(tx, keys, PHONE)
        await accounts.notify(tx, person.id, "order-paid", {"number": "1"}, sms=True)
    client = await site.enter(database, keys, person.id)
    assert (await client.post("/api/me/erase")).status_code == 204
    await _work(database, keys, sms)
    assert sms.sent == []


async def test_operators_hear_who_waits(database: Database, keys: Keys, sms: web.SentSms) -> None:
    async with database.begin() as tx:
        operator = await people_sql.add(tx, operator=True)
    org_id, _ = await web.make_org(database, admitted=False)
    for _ in range(2):
        await _work(database, keys, sms)
    async with database.begin() as tx:
        copy = await own_data.copy(tx, keys, operator.id)
    assert [one["kind"] for one in copy["messages"]] == ["org-applied"]
    assert copy["messages"][0]["members"]["org_id"] == str(org_id)


async def test_everybody_with_a_role_is_told(database: Database) -> None:
    org_id, owner_id = await web.make_org(database)
    async with database.begin() as tx:
        packer = await people_sql.add(tx)
        await accounts.give_role(tx, None, org_id, packer.id, "packer")
        await accounts.give_role(tx, None, org_id, owner_id, "packer")
        told = await accounts.notify_org(tx, org_id, ("packer",), "order-paid", {"number": "1"})
    assert told == 2


@pytest.mark.parametrize("adapter", ["console"])
async def test_the_port_sends_a_ref_once(adapter: str) -> None:
    written: list[str] = []
    port: Sms = {"console": ConsoleSms(written.append)}[adapter]
    for ref in ("a", "a", "b"):
        await port.send(PHONE, "sign-in-code", {"code": "012345", "minutes": 10}, ref)
    assert len(written) == 2
    assert PHONE in written[0]
    assert "012345" in written[0]
    assert written[0].endswith("\n")


async def test_the_console_never_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    await ConsoleSms(lambda _: None).send(PHONE, "sign-in-code", {"code": "987654"}, "r")
    assert "987654" not in caplog.text


def test_a_subject_without_roles_is_a_stranger_everywhere() -> None:
    from uuid import uuid4

    from tiantou.core.problems import NotFound

    with pytest.raises(NotFound):
        Subject(uuid4(), 1, uuid4()).must(uuid4())
