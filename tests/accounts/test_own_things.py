"""One's address book, inbox and data: sealed, one's own, and gone when asked."""

import asyncio
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from tests import web
from tiantou.accounts import face as accounts
from tiantou.core.db import Database
from tiantou.core.keys import Keys

BOOK = "/api/me/addresses"


def _address(**changes: Any) -> dict[str, Any]:
    return {
        "recipient": "收件人",
        "phone": "13800001111",
        "division_code": "110105",
        "detail": "建国路1号院2号楼303",
        "is_default": False,
        **changes,
    }


async def test_an_address_is_kept_sealed_and_shown_to_its_owner(
    site: web.Site, database: Database, keys: Keys
) -> None:
    person = await site.person(database, keys)
    answer = await person.post(BOOK, json=_address())
    assert answer.status_code == 201
    made = answer.json()
    assert made["is_default"]
    assert made["division"]["full_name"] == "北京市朝阳区"
    assert (await person.get(BOOK)).json()["items"] == [made]
    async with database.begin() as tx:
        stored = str(await tx.scalar(text("select a::text from accounts.address a")))
        stored += str(await tx.scalar(text("select string_agg(o::text, '') from core.once o")))
        opened = await accounts.address(tx, keys, person.person_id, made["id"])
    assert opened is not None
    assert opened.phone == "13800001111"
    for secret in ("收件人", "13800001111", "建国路"):
        for raw in (secret, secret.encode().hex()):
            assert raw not in stored


async def test_one_default_at_most_even_for_rivals(
    site: web.Site, database: Database, keys: Keys
) -> None:
    person = await site.person(database, keys)
    asked = [person.post(BOOK, json=_address(is_default=True)) for _ in range(6)]
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {201}
    items = (await person.get(BOOK)).json()["items"]
    assert [one["is_default"] for one in items] == [True] + [False] * 5
    moved = await person.put(f"{BOOK}/{items[3]['id']}", json=_address(is_default=True))
    assert moved.json()["is_default"]
    defaults = [one for one in (await person.get(BOOK)).json()["items"] if one["is_default"]]
    assert [one["id"] for one in defaults] == [items[3]["id"]]


async def test_others_addresses_are_not_there(
    site: web.Site, database: Database, keys: Keys
) -> None:
    person, other = await site.person(database, keys), await site.person(database, keys)
    made = (await person.post(BOOK, json=_address())).json()
    path = f"{BOOK}/{made['id']}"
    assert (await other.put(path, json=_address())).status_code == 404
    assert (await other.delete(path)).status_code == 404
    assert (await site.client().delete(path)).status_code == 401
    assert (await other.get(BOOK)).json()["items"] == []
    async with database.begin() as tx:
        assert await accounts.address(tx, keys, other.person_id, made["id"]) is None
    assert (await person.delete(path)).status_code == 204
    assert (await person.get(BOOK)).json()["items"] == []


async def test_a_book_has_limits_and_fields_are_named(
    site: web.Site, database: Database, keys: Keys
) -> None:
    person = await site.person(database, keys)
    for change, name in (
        ({"phone": "12"}, "phone"),
        ({"division_code": "110000"}, "division_code"),
        ({"division_code": "999999"}, "division_code"),
        ({"recipient": ""}, "recipient"),
        ({"detail": "x" * 121}, "detail"),
    ):
        answer = await person.post(BOOK, json=_address(**change))
        assert answer.status_code == 422
        assert answer.json()["fields"][0]["name"] == name
    for _ in range(20):
        assert (await person.post(BOOK, json=_address())).status_code == 201
    full = await person.post(BOOK, json=_address())
    assert (full.json()["type"], full.json()["limit"]) == ("/problems/too-many", 20)


async def test_the_inbox_pages_and_is_read_up_to_a_message(
    site: web.Site, database: Database, keys: Keys
) -> None:
    person, other = await site.person(database, keys), await site.person(database, keys)
    async with database.begin() as tx:
        for n in range(5):
            assert await accounts.notify(tx, person.person_id, "order-shipped", {"number": str(n)})
        assert not await accounts.notify(tx, person.person_id, "order-shipped", {"number": "4"})
        assert await accounts.notify(
            tx, person.person_id, "order-shipped", {"number": "4"}, dedupe="another occasion"
        )
    assert (await person.get("/api/me")).json()["unread"] == 6
    first = (await person.get("/api/me/inbox?limit=4")).json()
    rest = (await person.get(f"/api/me/inbox?limit=4&cursor={first['next']}")).json()
    numbers = [one["members"]["number"] for one in [*first["items"], *rest["items"]]]
    assert numbers == ["4", "4", "3", "2", "1", "0"]
    assert rest["next"] is None
    read = {"up_to": rest["items"][0]["id"]}
    await other.post("/api/me/inbox/read", json=read)
    assert (await person.get("/api/me")).json()["unread"] == 6
    assert (await person.post("/api/me/inbox/read", json=read)).status_code == 204
    assert (await person.get("/api/me")).json()["unread"] == 4
    assert (await person.get("/api/me/inbox?cursor=bm9uc2Vuc2U")).status_code == 422


async def test_a_copy_of_ones_data_and_its_end(
    site: web.Site, sms: web.SentSms, database: Database, keys: Keys
) -> None:
    phone = "13712345678"
    client = site.client()
    await client.post("/api/auth/code", json={"phone": phone})
    code = sms.code(phone)
    me = await client.post("/api/auth/sign-in", json={"phone": phone, "code": code})
    person = me.json()["person"]
    await client.post(BOOK, json=_address())
    copy = (await client.get("/api/me/data")).json()
    assert copy["person"]["phone"] == phone
    assert copy["addresses"][0]["detail"] == "建国路1号院2号楼303"
    assert (await client.post("/api/me/erase")).status_code == 204
    assert (await client.get("/api/me")).json()["person"] is None
    async with database.begin() as tx:
        row = (
            await tx.execute(
                text("select no, phone, phone_index, nickname, erased_at from accounts.person")
            )
        ).one()
        assert row[0] == person["no"]
        assert row[1:4] == (None, None, None)
        assert row[4] is not None
        assert await tx.scalar(text("select count(*) from accounts.address")) == 0
        kept = text("select count(*) from core.once where scope = :p")
        assert await tx.scalar(kept, {"p": person["id"]}) == 0
    # the number begins anew, as somebody new
    await client.post("/api/auth/code", json={"phone": phone})
    again = await client.post("/api/auth/sign-in", json={"phone": phone, "code": code})
    assert again.status_code in {403, 410}


async def test_the_last_owner_is_not_erased(site: web.Site, database: Database, keys: Keys) -> None:
    org_id, owner_id = await web.make_org(database)
    owner = await site.enter(database, keys, owner_id)
    answer = await owner.post("/api/me/erase")
    assert answer.json()["type"] == "/problems/last-owner"
    assert (await owner.get(f"/api/orgs/{org_id}")).status_code == 200
    assert (await owner.put(f"{BOOK}/{uuid4()}", json=_address())).status_code == 404
