"""Several sellers' goods on one shelf: only as each seller agrees, and each sells its own."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests import web
from tests.live.studio import Studio, stock
from tiantou.accounts import face as accounts
from tiantou.core.subject import OWNER, Subject
from tiantou.kit import clock
from tiantou.live import sessions, wire

PUBLIC = {"kind": "public_service", "name": "样例", "title": "副县长"}


@dataclass
class Guest:
    """Another seller, its people, its two products and their packs."""

    studio: Studio
    org_id: UUID
    owner: web.Client
    packs: list[UUID]
    lots: list[UUID]
    products: list[str]

    def path(self, number: int = 0) -> str:
        """Where a product is opened to rooms and closed again."""
        return f"/api/orgs/{self.org_id}/products/{self.products[number]}/rooms"

    async def opens(self, permille: int = 80, number: int = 0) -> None:
        """Lets rooms show a product."""
        answer = await self.owner.put(self.path(number), json={"commission_permille": permille})
        assert answer.json()["rooms_permille"] == permille, answer.text
        await self.studio.settle()

    async def closes(self, number: int = 0) -> None:
        """Takes that back."""
        answer = await self.owner.delete(self.path(number))
        assert answer.json()["rooms_permille"] is None, answer.text
        await self.studio.settle()

    async def rooms(self) -> list[dict[str, Any]]:
        """Others' rooms with its goods."""
        answer = await self.owner.get(f"/api/orgs/{self.org_id}/others-rooms")
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


@pytest.fixture
async def guest(studio: Studio) -> Guest:
    """A second admitted seller with stock."""
    database, keys = studio.database, studio.keys
    org_id, owner_id = await web.make_org(database, number=2, name="高原菌菇合作社")
    async with database.begin() as tx:
        person = await accounts.person(tx, owner_id)
    assert person is not None
    who = Subject(owner_id, person.no, owner_id, ((org_id, OWNER),))
    packs, lots = await stock(database, keys, org_id, who, "来客")
    await studio.settle()
    owner = await studio.site.enter(database, keys, owner_id)
    listed = (await owner.get(f"/api/orgs/{org_id}/products")).json()["items"]
    by_pack = {one["packs"][0]["id"]: one["id"] for one in listed}
    return Guest(studio, org_id, owner, packs, lots, [by_pack[str(one)] for one in packs])


def shelf(*packs: UUID) -> list[dict[str, str]]:
    """A shelf as asked for."""
    return [{"pack_id": str(one)} for one in packs]


async def _plan(studio: Studio, **more: Any) -> httpx.Response:
    return await studio.owner.post(f"/api/orgs/{studio.org_id}/sessions", json=studio.plan(**more))


async def _reshelve(studio: Studio, made: dict[str, Any], *packs: UUID) -> httpx.Response:
    return await studio.owner.put(
        f"/api/sessions/{made['id']}/shelf", json={"items": shelf(*packs)}
    )


def _item(made: dict[str, Any], pack: UUID) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in made["shelf"] if one["pack_id"] == str(pack))
    return found


async def _now(studio: Studio, made: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await studio.owner.get(f"/api/sessions/{made['id']}")).json()
    return found


async def test_no_pack_of_others_without_their_consent(studio: Studio, guest: Guest) -> None:
    both = shelf(studio.packs[0], guest.packs[0])
    refused = await _plan(studio, shelf=both)
    assert refused.json()["fields"] == [{"name": "shelf.1.pack_id", "code": "not-open-to-rooms"}]
    await guest.opens(80)
    made = (await _plan(studio, shelf=both)).json()
    assert [one["seller"]["name"] for one in made["shelf"]] == ["会川百合合作社", "高原菌菇合作社"]
    item = _item(made, guest.packs[0])
    assert made["granted"] == [{"item_id": item["id"], "commission_permille": 80}]
    # the other product of the same seller is still its own alone
    answer = await _reshelve(studio, made, studio.packs[0], guest.packs[1])
    assert answer.json()["fields"][0]["code"] == "not-open-to-rooms"


async def test_planners_find_what_others_open_and_nothing_else(
    studio: Studio, guest: Guest
) -> None:
    path = f"/api/orgs/{studio.org_id}/others-goods"

    async def found(words: str) -> list[str]:
        answer = await studio.owner.get(path, params={"q": words})
        return [one["title"] for one in answer.json()["items"]]

    assert await found("") == []
    await guest.opens(80)
    for words in ("来客", "高原菌菇", "黄冈", "脐橙", ""):
        assert await found(words) == ["来客 1 号"]
    assert await found("苹果") == []
    (one,) = (await studio.owner.get(path)).json()["items"]
    assert one["commission_permille"] == 80
    assert one["seller"]["org_id"] == str(guest.org_id)
    assert [(pack["pack_id"], pack["units_left"]) for pack in one["packs"]] == [
        (str(guest.packs[0]), 5)
    ]
    own = await guest.owner.get(f"/api/orgs/{guest.org_id}/others-goods")
    assert own.json()["items"] == []
    assert (await guest.owner.get(path)).status_code == 404
    # what a seller grants is between it and the rooms
    public = await studio.viewer.get(f"/api/products/{guest.products[0]}")
    assert "rooms_permille" not in public.json()
    too_much = await guest.owner.put(guest.path(), json={"commission_permille": 501})
    assert too_much.json()["fields"][0]["name"] == "commission_permille"


async def test_the_gate_looks_at_each_seller(studio: Studio, guest: Guest) -> None:
    await guest.opens(80)
    made = await studio.session("ready", shelf=shelf(studio.packs[0], guest.packs[0]))
    rename = text(
        "update accounts.organization set state = :state, verified_until = :until where id = :id"
    )

    async def gate(state: str, until: Any) -> dict[str, str]:
        async with studio.database.begin() as tx:
            await tx.execute(rename, {"state": state, "until": until, "id": guest.org_id})
        answer = await studio.owner.post(f"/api/sessions/{made['id']}/go-live", json={})
        return {one["check"]: one["why"] for one in answer.json().get("checks", ())}

    name = "高原菌菇合作社"
    assert await gate("suspended", None) == {"seller_file": f"seller-not-admitted:{name}"}
    past = clock.now() - timedelta(days=1)
    late = await gate("admitted", past)
    assert late == {"seller_file": f"seller-verification-overdue:{name}"}
    assert await gate("admitted", None) == {}
    assert (await _now(studio, made))["state"] == "live"


async def test_the_crew_pins_but_only_the_seller_prices(studio: Studio, guest: Guest) -> None:
    await guest.opens(80)
    made = await studio.session("live", shelf=shelf(studio.packs[1], guest.packs[0]))
    item = _item(made, guest.packs[0])
    path = f"/api/sessions/{made['id']}"
    pinned = await studio.owner.post(f"{path}/pin", json={"item_id": item["id"]})
    assert pinned.json()["item"]["seller"]["org_id"] == str(guest.org_id)
    room = (await studio.viewer.get(f"/api/rooms/{made['id']}")).json()
    assert room["seller"]["name"] == "高原菌菇合作社"
    flash = {"price_fen": 1990, "units": 2, "per_buyer": 1, "minutes": 5}
    acts: tuple[tuple[str, dict[str, Any]], ...] = (
        ("price", {"price_fen": 2000}),
        ("flash", flash),
        ("flash/close", {}),
        ("boxes", {"lot_id": str(guest.lots[0]), "boxes": 1}),
    )
    for act, body in acts:
        answer = await studio.owner.post(f"{path}/items/{item['id']}/{act}", json=body)
        assert answer.json()["type"] == "/problems/not-your-goods", act
        assert answer.json()["seller_id"] == str(guest.org_id)
    both = await studio.site.member(studio.database, studio.keys, studio.org_id, "assistant")
    async with studio.database.begin() as tx:
        await accounts.give_role(tx, None, guest.org_id, both.person_id, "manager")
    again = await studio.site.enter(studio.database, studio.keys, both.person_id)
    opened = await again.post(f"{path}/items/{item['id']}/flash", json=flash)
    assert opened.json()["flash"]["price_fen"] == 1990, opened.text
    shown = await studio.owner.post(f"{path}/pin", json={"item_id": None})
    assert shown.json() == {"item": None}
    back = (await studio.viewer.get(f"/api/rooms/{made['id']}")).json()
    assert back["seller"]["org_id"] == str(studio.org_id)


async def test_consent_taken_back_empties_planned_shelves(studio: Studio, guest: Guest) -> None:
    await guest.opens(80)
    made = await studio.session("ready", shelf=shelf(studio.packs[0], guest.packs[0]))
    (room,) = await guest.rooms()
    assert (room["session_id"], room["room"]["id"]) == (made["id"], str(studio.org_id))
    assert [(one["state"], one["commission_permille"]) for one in room["goods"]] == [("queued", 80)]
    await guest.closes()
    shown = await _now(studio, made)
    assert _item(shown, guest.packs[0])["state"] == "withdrawn"
    # the approved session stands: less is shown than was declared
    assert shown["state"] == "ready"
    assert [one["state"] for one in (await guest.rooms())[0]["goods"]] == ["withdrawn"]
    live = await studio.owner.post(f"/api/sessions/{made['id']}/go-live", json={})
    assert live.json()["state"] == "live"
    item = _item(shown, guest.packs[0])["id"]
    path = f"/api/sessions/{made['id']}/items/{item}/restore"
    refused = await studio.owner.post(path, json={})
    assert refused.json()["why"] == "not-open-to-rooms"
    await guest.opens(60)
    restored = await studio.owner.post(path, json={})
    assert restored.json()["state"] == "queued", restored.text
    assert (await _now(studio, made))["granted"][0]["commission_permille"] == 60
    async with studio.database.begin() as tx:
        told = await tx.scalars(
            text("select members->>'title' from accounts.message where kind = 'guest-goods-left'")
        )
        assert list(told) == ["来客 1 号"]


async def test_consent_taken_back_on_air_reaches_every_viewer(studio: Studio, guest: Guest) -> None:
    await guest.opens(80)
    made = await studio.session("live", shelf=shelf(studio.packs[0], guest.packs[0]))
    item = _item(made, guest.packs[0])["id"]
    await studio.owner.post(f"/api/sessions/{made['id']}/pin", json={"item_id": item})
    await studio.settle()
    studio.sent.clear()
    await guest.closes()
    assert [one["t"] for one in studio.sent] == ["pin", "item"]
    assert studio.sent[0]["item"] is None
    assert studio.sent[1]["item"]["state"] == "withdrawn"
    room = (await studio.viewer.get(f"/api/rooms/{made['id']}")).json()
    assert room["pinned"] is None
    assert [one["pack_id"] for one in room["shelf"]] == [str(studio.packs[0])]
    assert room["seller"]["org_id"] == str(studio.org_id)


async def test_goods_added_on_air_need_consent_and_owe_what_was_granted(
    studio: Studio, guest: Guest
) -> None:
    made = await studio.session("live", shelf=shelf(studio.packs[0]))
    answer = await _reshelve(studio, made, studio.packs[0], guest.packs[0])
    assert answer.json()["fields"][0]["code"] == "not-open-to-rooms"
    await guest.opens(45)
    await guest.opens(120, number=1)
    answer = await _reshelve(studio, made, guest.packs[1], studio.packs[0], guest.packs[0])
    assert answer.status_code == 200, answer.text
    async with studio.database.begin() as tx:
        rows = await tx.execute(text("select pack_id, permille from trade.goods_fee"))
        assert {row[0]: row[1] for row in rows} == {guest.packs[0]: 45, guest.packs[1]: 120}


async def _somebody_waits(studio: Studio) -> None:
    """Until a statement of this database waits for a lock."""
    async with asyncio.timeout(10):
        while True:
            async with studio.database.begin() as tx:
                waiting = await tx.scalar(
                    text(
                        "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                        " and datname = current_database()"
                    )
                )
            if waiting:
                return


async def test_no_item_slips_past_a_consent_that_ends_in_the_same_moment(
    studio: Studio, guest: Guest
) -> None:
    await guest.opens(80)
    made = await studio.session("draft", shelf=shelf(studio.packs[0]))
    wanted = [wire.ShelfIn(pack_id=one) for one in (studio.packs[0], guest.packs[0])]
    async with studio.database.begin() as tx:
        await sessions.reshelve(tx, studio.who, UUID(made["id"]), wanted)
        closing = asyncio.create_task(guest.owner.delete(guest.path()))
        await _somebody_waits(studio)
        assert not closing.done()
    assert (await closing).status_code == 200
    await studio.settle()
    shown = await _now(studio, made)
    assert [one["state"] for one in shown["shelf"]] == ["queued", "withdrawn"]


async def test_public_service_takes_nothing_of_any_seller(studio: Studio, guest: Guest) -> None:
    await guest.opens(80)
    both = shelf(studio.packs[0], guest.packs[0])
    made = await studio.session("draft", host=PUBLIC, shelf=both)
    assert [one["commission_permille"] for one in made["granted"]] == [0]
    with pytest.raises(IntegrityError, match="item_public_service_is_free"):
        async with studio.database.begin() as tx:
            await tx.execute(text("update live.item set granted_permille = 1"))
    path = f"/api/sessions/{made['id']}"
    own = studio.plan(shelf=both)
    paid = (await studio.owner.patch(path, json=own)).json()
    assert [one["commission_permille"] for one in paid["granted"]] == [80]
    # PostgreSQL itself keeps a paid room with a guest from being called public service
    with pytest.raises(IntegrityError, match="item_public_service_is_free"):
        async with studio.database.begin() as tx:
            await tx.execute(text("update live.session set host_kind = 'public_service'"))
    free = (await studio.owner.patch(path, json=own | {"host": PUBLIC})).json()
    assert [one["commission_permille"] for one in free["granted"]] == [0]


async def test_a_replay_names_the_seller_of_each_chapter(studio: Studio, guest: Guest) -> None:
    await guest.opens(80)
    made = await studio.session("live", shelf=shelf(studio.packs[0], guest.packs[0]))
    path = f"/api/sessions/{made['id']}"
    items = [_item(made, pack)["id"] for pack in (studio.packs[0], guest.packs[0])]
    chapters = [
        {"item_id": one, "title": "样品", "start_s": at, "end_s": at + 9, "price_fen": 2990}
        for at, one in ((0, items[0]), (10, items[1]))
    ]
    await studio.owner.post(f"{path}/end", json={})
    async with studio.database.begin() as tx:
        await tx.execute(
            text(
                "update live.session set state = 'replay_public', replay_ms = 20000,"
                " chapters = cast(:chapters as jsonb) where id = :id"
            ),
            {"chapters": json.dumps(chapters), "id": UUID(made["id"])},
        )
    await guest.closes()
    room = (await studio.viewer.get(f"/api/rooms/{made['id']}")).json()
    assert [one["pack_id"] for one in room["shelf"]] == [str(studio.packs[0])]
    sellers = [one["seller"]["org_id"] for one in room["replay"]["chapters"]]
    assert sellers == [str(studio.org_id), str(guest.org_id)]
