"""What viewers see and say, and what the floor assistant does to it."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.live.studio import Studio
from tiantou.accounts import face as accounts
from tiantou.engines.memory_bus import MemoryBus
from tiantou.kit import clock
from tiantou.live import control, figures_sql, reactions, rooms
from tiantou.live.events import RoomEvent
from tiantou.live.ports import Broadcasting
from tiantou.trade.events import OrderRefunded, StockEdge


async def test_a_viewer_without_an_account_sees_the_room(studio: Studio) -> None:
    made = await studio.session("live")
    nobody = studio.site.client()
    room = (await nobody.get(f"/api/rooms/{made['id']}")).json()
    assert room["state"] == "live"
    assert room["seller"]["address"].startswith("甘肃省")
    assert room["play"]["llhls_url"].startswith(f"/live/{made['id']}/")
    assert room["me"]["badge"] == ""
    ticket = (await nobody.post(f"/api/rooms/{made['id']}/ticket", json={})).json()
    assert ticket["url"] == f"/rt/v1/{made['id']}"
    page = await nobody.get(f"/share/{made['id']}")
    assert "会川百合,现挖现发" in page.text
    home = (await nobody.get("/api/home")).json()
    assert [card["session_id"] for card in home["on_air"]] == [made["id"]]
    found = (await nobody.get("/api/search", params={"q": "百合"})).json()
    assert [card["session_id"] for card in found["rooms"]] == [made["id"]]
    assert found["shops"][0]["id"] == str(studio.org_id)
    shop = (await nobody.get(f"/api/shops/{studio.org_id}")).json()
    assert len(shop["products"]) == 2


async def test_words_need_a_sign_in_and_stand_in_order(studio: Studio) -> None:
    made = await studio.session("live")
    path = f"/api/rooms/{made['id']}/chat"
    assert (await studio.site.client().post(path, json={"text": "你好"})).status_code == 401
    said = await asyncio.gather(
        *(studio.viewer.post(path, json={"text": f"第 {n} 句"}) for n in range(6))
    )
    numbers = sorted(answer.json()["no"] for answer in said)
    assert numbers == [1, 2, 3, 4, 5, 6]
    shown = (await studio.viewer.get(f"/api/rooms/{made['id']}")).json()["chat"]
    assert [line["no"] for line in shown] == numbers
    bad = await studio.viewer.post(path, json={"text": "\u200b "})
    assert bad.json()["type"] == "/problems/invalid-fields"
    host = (await studio.owner.post(path, json={"text": "欢迎"})).json()
    assert host["badge"] == "seller"


async def test_a_flood_is_slowed(studio: Studio) -> None:
    made = await studio.session("live")
    path = f"/api/rooms/{made['id']}/chat"
    answers = [await studio.viewer.post(path, json={"text": str(n)}) for n in range(20)]
    slow = [one for one in answers if one.status_code == 429]
    assert slow
    assert slow[0].json()["type"] == "/problems/slow-mode"
    assert slow[0].headers["retry-after"]


async def test_muted_and_banned_people_do_not_write(studio: Studio) -> None:
    made = await studio.session("live")
    line = await studio.viewer.post(f"/api/rooms/{made['id']}/chat", json={"text": "加微信"})
    person = f"/api/sessions/{made['id']}/people/{line.json()['person_no']}"
    helper = await studio.site.member(studio.database, studio.keys, studio.org_id, "assistant")
    mute = {"minutes": 5, "reason": "引流"}
    assert (await helper.post(f"{person}/mute", json=mute)).status_code == 204
    silent = await studio.viewer.post(f"/api/rooms/{made['id']}/chat", json={"text": "喂"})
    assert silent.json()["type"] == "/problems/muted"
    assert (await helper.post(f"{person}/unmute", json={})).status_code == 204
    assert (await helper.post(f"{person}/ban", json={"reason": "骂人"})).status_code == 204
    ticket = await studio.viewer.post(f"/api/rooms/{made['id']}/ticket", json={})
    assert ticket.json()["type"] == "/problems/banned"
    number = line.json()["no"]
    hidden = await helper.post(f"/api/sessions/{made['id']}/chat/{number}/hide", json={})
    assert hidden.status_code == 204
    shown = (await studio.site.client().get(f"/api/rooms/{made['id']}")).json()
    assert shown["chat"] == []
    await studio.settle()
    assert [one["t"] for one in studio.sent][-4:] == ["mute", "mute", "ban", "hide"]
    assert (await helper.post(f"{person}/unban", json={})).status_code == 204
    await studio.settle()
    assert studio.sent[-1]["t"] == "unban"
    assert (await studio.viewer.post(f"/api/rooms/{made['id']}/ticket", json={})).status_code == 200


async def test_who_is_banned_leaves_every_room_of_the_shop(studio: Studio) -> None:
    one, other = await studio.session("live"), await studio.session("live")
    line = await studio.viewer.post(f"/api/rooms/{one['id']}/chat", json={"text": "喂"})
    person = f"/api/sessions/{one['id']}/people/{line.json()['person_no']}"
    assert (await studio.owner.post(f"{person}/ban", json={"reason": "骂人"})).status_code == 204
    async with studio.database.begin() as tx:
        told = await tx.execute(
            text("select key from live.outbox where body->'event'->>'t' = 'ban' order by key")
        )
        assert list(told.scalars()) == sorted([one["id"], other["id"]])


async def test_nobody_silences_the_people_who_run_the_room(studio: Studio) -> None:
    site, made = studio.site, await studio.session("live")
    helper = await site.member(studio.database, studio.keys, studio.org_id, "assistant")
    crew = [
        await site.member(studio.database, studio.keys, studio.org_id, role)
        for role in ("manager", "host", "assistant")
    ]
    # A host who comes from outside has no role in the shop.
    guest = await site.person(studio.database, studio.keys)
    async with studio.database.begin() as tx:
        await tx.execute(
            text("update live.session set host_person_id = :who where id = :id"),
            {"who": guest.person_id, "id": made["id"]},
        )
    mute = {"minutes": 5, "reason": "吵架"}
    for client in (studio.owner, *crew, guest, studio.operator):
        async with studio.database.begin() as tx:
            person = await accounts.person(tx, client.person_id)
        assert person is not None
        path = f"/api/sessions/{made['id']}/people/{person.no}"
        for act in ("mute", "ban"):
            refused = await helper.post(f"{path}/{act}", json=mute)
            assert refused.json()["fields"] == [{"name": "person_no", "code": "crew"}], act
    packer = await site.member(studio.database, studio.keys, studio.org_id, "packer")
    async with studio.database.begin() as tx:
        person = await accounts.person(tx, packer.person_id)
    assert person is not None
    path = f"/api/sessions/{made['id']}/people/{person.no}"
    assert (await helper.post(f"{path}/mute", json=mute)).status_code == 204


async def test_a_withdrawn_product_has_no_flash_price(studio: Studio) -> None:
    made = await studio.session("live")
    item = f"/api/sessions/{made['id']}/items/{made['shelf'][1]['id']}"
    deal = {"price_fen": made["shelf"][1]["offer"]["price_fen"], "units": 3, "minutes": 5}
    opened = await studio.owner.post(f"{item}/flash", json=deal)
    assert opened.status_code == 200, opened.text
    assert (await studio.owner.post(f"{item}/withdraw", json={})).json()["flash"] is None
    await studio.settle()
    again = await studio.owner.post(f"{item}/flash", json=deal)
    assert again.json()["why"] == "withdrawn"


async def test_a_refunded_order_is_not_counted(studio: Studio) -> None:
    made = await studio.session("live")
    session_id = UUID(made["id"])
    async with studio.database.begin() as tx:
        for _ in range(2):
            await figures_sql.note_sale(tx, session_id, 1, 5000, clock.now())
        refund = OrderRefunded(
            shop_id=studio.org_id,
            order_id=uuid4(),
            number="1",
            origin=f"live:{session_id}",
            buyer_id=None,
            amount_fen=5000,
            refund_id=uuid4(),
            refunded_fen=5000,
            whole=True,
        )
        await reactions.on_order_refunded(tx, refund, bus=studio.bus)
    room = (await studio.viewer.get(f"/api/rooms/{session_id}")).json()
    assert room["counts"]["orders"] == 1
    control = (await studio.owner.get(f"/api/sessions/{session_id}/control")).json()
    assert control["figures"]["paid_fen"] == 5000


async def test_an_event_that_a_room_refuses_does_not_hold_it_up(
    studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    bus = MemoryBus()

    async def refuse(_: str, __: bytes) -> bytes:
        return b'{"error":"too large"}'

    await bus.subscribe("room.*.ev", refuse)
    async with studio.database.begin() as tx:
        fact = RoomEvent(session_id=uuid4(), event={"t": "pin", "item": None})
        await reactions.send_to_room(tx, fact, fact_id=uuid4(), bus=bus)
    assert "too large" in caplog.text
    await bus.close()


async def test_a_question_is_asked_voted_and_answered(studio: Studio) -> None:
    made = await studio.session("live")
    path = f"/api/rooms/{made['id']}/questions"
    asked = (await studio.viewer.post(path, json={"text": "到哈尔滨会不会冻坏?"})).json()
    other = await studio.site.person(studio.database, studio.keys)
    for _ in range(2):
        voted = (await other.post(f"{path}/{asked['id']}/vote", json={})).json()
        assert voted["votes"] == 2
    control = (await studio.owner.get(f"/api/sessions/{made['id']}/control")).json()
    assert [one["id"] for one in control["questions"]] == [asked["id"]]
    answered = await studio.owner.post(
        f"/api/sessions/{made['id']}/questions/{asked['id']}/answer", json={"text": "加保温袋"}
    )
    assert answered.json()["answered_at"]
    await studio.settle()
    assert [one["t"] for one in studio.sent][-2:] == ["question", "answered"]


async def test_pin_price_and_flash_reach_the_room_in_order(studio: Studio) -> None:
    made = await studio.session("live")
    path = f"/api/sessions/{made['id']}"
    first, second = (one["id"] for one in made["shelf"])
    pinned = (await studio.owner.post(f"{path}/pin", json={"item_id": first})).json()
    assert pinned["item"]["state"] == "explaining", pinned
    low = await studio.owner.post(f"{path}/items/{first}/price", json={"price_fen": 1})
    assert low.json()["type"] == "/problems/below-floor"
    price = await studio.owner.post(f"{path}/items/{first}/price", json={"price_fen": 2790})
    assert price.json()["offer"]["price_fen"] == 2790
    flash = {"price_fen": 2490, "units": 3, "per_buyer": 1, "minutes": 5}
    deal = (await studio.owner.post(f"{path}/items/{first}/flash", json=flash)).json()
    assert (deal["flash"]["units_left"], deal["offer"]["units_left"]) == (3, 2)
    twice = await studio.owner.post(f"{path}/items/{first}/flash", json=flash)
    assert twice.json()["type"] == "/problems/item-unavailable"
    await studio.settle()
    closed = (await studio.owner.post(f"{path}/items/{first}/flash/close", json={})).json()
    assert closed["offer"]["units_left"] == 5
    await studio.settle()
    await studio.owner.post(f"{path}/pin", json={"item_id": second})
    await studio.settle()
    kinds = [one["t"] for one in studio.sent if one["t"] != "state"]
    assert kinds == ["pin", "deal", "price", "deal_end", "pin"]
    room = (await studio.viewer.get(f"/api/rooms/{made['id']}")).json()
    assert room["pinned"] == second
    async with studio.database.begin() as tx:
        spans = (
            await tx.execute(text("select price_fen, ends_at is null from live.segment order by 2"))
        ).all()
    assert len(spans) == 2


async def test_a_product_that_sells_out_while_it_is_pinned_stays_explained(studio: Studio) -> None:
    made = await studio.session("live")
    item, pack = made["shelf"][0]["id"], studio.packs[0]
    fact = StockEdge(
        shop_id=studio.org_id,
        offer_id=UUID(made["shelf"][0]["offer"]["id"]),
        pack_id=pack,
        units_left=0,
        edge="sold_out",
    )

    async def edge() -> None:
        async with studio.database.begin() as tx:
            await reactions.on_stock_edge(tx, fact)

    async with studio.database.begin() as tx:
        await control.pin(tx, studio.who, UUID(made["id"]), UUID(item))
        meanwhile = asyncio.create_task(edge())
        await asyncio.wait([meanwhile], timeout=0.3)
    await meanwhile
    room = (await studio.viewer.get(f"/api/rooms/{made['id']}")).json()
    assert room["shelf"][0]["state"] == "explaining"
    unpinned = await studio.owner.post(f"/api/sessions/{made['id']}/pin", json={"item_id": None})
    assert unpinned.status_code == 200, unpinned.text


async def test_more_boxes_and_withdrawal(studio: Studio) -> None:
    made = await studio.session("live")
    path = f"/api/sessions/{made['id']}"
    item = made["shelf"][0]["id"]
    boxes = {"lot_id": str(studio.lots[0]), "boxes": 4}
    assert (await studio.owner.post(f"{path}/items/{item}/boxes", json=boxes)).status_code == 200
    await studio.settle()
    shown = (await studio.viewer.get(f"/api/rooms/{made['id']}")).json()
    assert shown["shelf"][0]["offer"]["units_left"] == 9
    gone = (await studio.owner.post(f"{path}/items/{item}/withdraw", json={})).json()
    assert gone["state"] == "withdrawn"
    pinned = await studio.owner.post(f"{path}/pin", json={"item_id": item})
    assert pinned.json()["type"] == "/problems/item-unavailable"
    assert len((await studio.viewer.get(f"/api/rooms/{made['id']}")).json()["shelf"]) == 1
    back = (await studio.owner.post(f"{path}/items/{item}/restore", json={})).json()
    assert back["state"] == "queued"


async def test_likes_are_summed_and_limited(studio: Studio) -> None:
    made = await studio.session("live")
    path = f"/api/rooms/{made['id']}/likes"
    nobody = studio.site.client()
    for _ in range(2):
        assert (await nobody.post(path, json={"n": 50})).status_code == 202
    assert (await nobody.post(path, json={"n": 51})).status_code == 422
    room = (await nobody.get(f"/api/rooms/{made['id']}")).json()
    assert room["counts"]["likes"] == 100


async def test_a_gateway_gets_the_room_as_a_whole(studio: Studio) -> None:
    made = await studio.session("live")
    await studio.viewer.post(f"/api/rooms/{made['id']}/chat", json={"text": "在"})
    ways = studio.site.api.state.engines[Broadcasting]
    async with studio.database.begin() as tx:
        raw = await rooms.snapshot(tx, made["id"], studio.keys, ways)
    assert raw is not None
    assert b'"chat":[{"i":1,' in raw
    assert b'"play"' not in raw
