"""From the scale in the village to the household's money, over HTTP, on a running instance."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.stories.audit import audit, leaks, quiet, recording_faults
from tests.stories.film import Encoder, film, refusal
from tests.stories.night import (
    Night,
    decoded,
    end,
    moderate,
    sell,
    sell_out,
    show,
    talk,
    watch,
)
from tests.stories.place import Page, Place, until
from tests.stories.shop import (
    ADDRESS,
    BOX_G,
    FARM_FEN_PER_JIN,
    PRICE_FEN,
    Shop,
    admitted,
    mine,
    my_path,
    open_shop,
    upload,
)
from tests.stories.viewer import Viewer
from tiantou.media import face as media

COOP_PHONE, BUYER_PHONE, ASSISTANT_PHONE = "13900000010", "13900000011", "13900000012"
CARRIER, WAYBILL = "顺丰", "SF1234567890123"


async def test_a_harvest_goes_live_and_sells(place: Place, tmp_path: Path) -> None:
    shop = await _join(place)
    await _harvest(shop)
    session = await _announce(place, shop)
    buyer = await place.sign_in(BUYER_PHONE)
    await _reserve(place, shop, session, buyer)
    key = await _go_live(place, shop, session, buyer)
    encoder = Encoder(place.rtmp, key["stream_key"], await film(tmp_path))
    try:
        night = await _enter(place, shop, session, buyer)
        await watch(night)
        await show(night)
        await talk(night)
        order = await sell(night)
        await sell_out(night)
        await moderate(night)
        await end(night)
    finally:
        await encoder.stop()
    for viewer in night.viewers:
        await viewer.leave()
    await _deliver(shop, buyer, order)
    await _replay(place, night)
    await _household_is_paid(shop, order)
    assert await audit(place) == {}
    queues = await shop.operator.read("/api/desk/queues")
    assert {one["behind"] for one in queues["facts"]} == {0}
    assert leaks(place) == []


async def _join(place: Place) -> Shop:
    owner = await place.sign_in(COOP_PHONE)
    shop = await admitted(place, owner, await place.operator(), 11, "会川苹果专业合作社")
    me = await owner.read("/api/me")
    assert [(one["role"], one["org_state"]) for one in me["memberships"]] == [("owner", "admitted")]
    await owner.act(f"{shop.path}/members", {"phone": ASSISTANT_PHONE, "role": "assistant"})
    return shop


async def _harvest(shop: Shop) -> None:
    """Two lots, one of them entered for an absent grower; ten boxes and two."""
    await shop.settle_in()
    slip = await shop.weigh_in(
        20 * BOX_G,
        agreed={"by": "helper", "helper_name": "李小梅", "consent": "电话里同意,姓名已核"},
    )
    assert slip["on_behalf"]
    assert slip["helper_name"] == "李小梅"
    assert slip["value_fen"] == 20 * BOX_G // 500 * FARM_FEN_PER_JIN
    paper = await shop.owner.get(f"{shop.path}/slips/{slip['id']}/print")
    assert slip["code"] in paper.text
    assert "李秀兰" in paper.text
    certificate = await shop.owner.get(f"{shop.path}/lots/{slip['lot']['id']}/certificate")
    assert slip["certificate"]["no"] in certificate.text
    pack = await shop.product("会川红富士")
    run = await shop.boxes(slip["lot"]["id"], pack, 10)
    assert (run["grams"], run["grams_left"]) == (10 * BOX_G, 10 * BOX_G)
    assert await shop.owner.refused(
        f"{shop.path}/lots/{slip['lot']['id']}/pack", {"pack_id": pack, "boxes": 11}
    ) == ("lot-short")
    await shop.goods("会川红富士 小果", 2)


async def _announce(place: Place, shop: Shop) -> str:
    made = await shop.session(upto="announced")
    session = str(made["id"])
    assert made["reservations"] == 0
    assert await shop.owner.refused(f"/api/sessions/{session}/go-live") == "wrong-step"
    home = await place.page().read("/api/home")
    assert session in [card["session_id"] for card in home["announced"]]
    free = {"kind": "public_service", "name": "样例", "title": "副县长", "phone": None}
    assert await _planned(shop, host=free, slot_fee_fen=1) == "invalid-fields"
    return session


async def _planned(shop: Shop, **more: Any) -> str:
    plan: dict[str, Any] = {
        "title": "公益专场",
        "cover": None,
        "starts_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "planned_minutes": 60,
        "shelf": [],
    }
    return await shop.owner.refused(f"{shop.path}/sessions", plan | more)


async def _reserve(place: Place, shop: Shop, session: str, buyer: Page) -> None:
    room = f"/api/rooms/{session}/reserve"
    assert await place.page().refused(room) == "sign-in-required"
    assert (await buyer.act(room))["reservations"] == 1
    await shop.step(session, "in_review")
    waiting = await shop.operator.read("/api/desk/review")
    assert session in [one["id"] for one in waiting["items"]]
    await shop.step(session, "ready")


async def _go_live(place: Place, shop: Shop, session: str, buyer: Page) -> dict[str, Any]:
    """Every key but the right one is refused before a byte is taken."""
    older = await shop.key(session)
    key = await shop.key(session)
    other = await shop.key((await shop.session(upto="ready"))["id"])
    token = other["stream_key"].partition("?key=")[2]
    assert await refusal(place, f"{session}?key=nonsense")
    assert await refusal(place, f"{session}?key={token}")
    assert await refusal(place, older["stream_key"])
    live = await shop.step(session, "live")
    assert live["live"]["started_at"]

    async def told() -> bool:
        inbox = await buyer.read("/api/me/inbox")
        return "session-started" in [one["kind"] for one in inbox["items"]]

    await until(told, "the reminder of who reserved")
    return key


async def test_an_expired_key_is_refused(place: Place) -> None:
    shop = await open_shop(place, 12, "按时合作社")
    await shop.goods("过期钥匙", 1)
    session = await shop.session(upto="ready")
    await shop.key(session["id"])
    async with place.database.begin() as tx:
        late = await media.issue_key(tx, place.keys, UUID(session["id"]), -1)
    assert await refusal(place, late.stream_key)


async def _enter(place: Place, shop: Shop, session: str, buyer: Page) -> Night:
    assistant = await place.sign_in(ASSISTANT_PHONE)
    room = await buyer.read(f"/api/rooms/{session}")
    assert room["seller"]["address"].startswith("甘肃省")
    assert room["seller"]["contact_phone"]
    first, second = (item["id"] for item in room["shelf"])
    watching = Viewer(place, buyer, session)
    nobody = Viewer(place, place.page(), session)
    return Night(shop, session, first, second, assistant, watching, nobody)


async def _deliver(shop: Shop, buyer: Page, order: dict[str, Any]) -> None:
    """The buyer sees each step; who sells sees the address only while it is needed."""
    assert (await shop.seller_act(order, "start-packing"))["state"] == "packing"
    packed = await shop.seller_act(order, "pack", {"picks": None})
    assert [pick["boxes"] for pick in packed["picks"]] == [1]
    assert packed["recipient"]["detail"] == ADDRESS["detail"]
    await shop.seller_act(order, "ship", {"carrier": CARRIER, "waybill": WAYBILL})
    seen = await mine(buyer, order, "shipped")
    assert (seen["parcel"]["carrier_name"], seen["parcel"]["waybill"]) == (CARRIER, WAYBILL)
    assert await buyer.refused(my_path(order, "refund"), {"reason": "不要了"}) == "wrong-step"
    await shop.seller_act(order, "delivered")
    await mine(buyer, order, "delivered")
    done = await buyer.act(my_path(order, "confirm"))
    assert [step["state"] for step in done["timeline"]] == [
        "pending_payment", "paid", "packing", "packed", "shipped", "delivered", "completed",
    ]  # fmt: skip
    theirs = await shop.owner.read(f"{shop.path}/orders/{order['order_id']}")
    assert theirs["recipient"] is None


async def _replay(place: Place, night: Night) -> None:
    """The recording plays with its chapters, verifies, and stays."""
    page = place.page()

    async def ready() -> dict[str, Any] | None:
        room: dict[str, Any] = await page.read(night.room)
        return room if room["state"] == "replay_public" else None

    room = await until(ready, "the replay")
    chapters = room["replay"]["chapters"]
    assert [one["item_id"] for one in chapters] == [night.first, night.second]
    assert all(one["start_s"] < one["end_s"] for one in chapters), chapters
    assert room["replay"]["duration_ms"] > 1000 * chapters[1]["start_s"]
    url = str(page.base_url.join(room["replay"]["hls_url"]))
    assert await asyncio.to_thread(decoded, url) == {"video", "audio"}
    session = await night.shop.owner.read(night.path)
    kept = datetime.fromisoformat(session["replay"]["keep_until"]) - datetime.now(UTC)
    assert kept > timedelta(days=3 * 365)
    root = session["replay"]["root_hash"]
    faults = await asyncio.to_thread(recording_faults, place, night.session, root)
    assert faults == []
    with pytest.raises(media.KeptByLaw):
        async with place.database.begin() as tx:
            await media.delete_recording(tx, UUID(night.session))
    gone = await media.dispose_due(place.database, place.up.home / "media", datetime.now(UTC))
    assert gone == 0
    assert place.folder(night.session).exists()


async def _household_is_paid(shop: Shop, order: dict[str, Any]) -> None:
    """A box of 2,500 g at 3.60 yuan a 斤: 18.00 yuan, paid with evidence, to the fen."""
    await quiet(shop.place)
    path = f"{shop.path}/households/{shop.household}"
    told = await shop.owner.read(f"{path}/statement")
    assert (told["sold_g"], told["gross_fen"], told["owed_fen"]) == (BOX_G, 1_800, 1_800)
    assert told["due_at"] is not None
    sold = [line for line in told["lines"] if line["kind"] == "sold"]
    assert [line["order_number"] for line in sold] == [order["number"]]
    page = await shop.owner.get(f"{path}/statement/print")
    assert "18.00" in page.text
    proof = await upload(shop.owner, red=20)
    payout = {"method": "cash", "evidence": proof, "note": "现金", "paid_on": "2026-01-01"}
    assert await shop.owner.refused(f"{path}/payouts", payout | {"amount_fen": 1_801}) == (
        "more-than-owed"
    )
    told = await shop.owner.act(f"{path}/payouts", payout | {"amount_fen": 1_800})
    assert (told["owed_fen"], told["paid_fen"]) == (0, 1_800)
    money = await shop.owner.read(f"{shop.path}/money")
    assert money["balanced"]
    assert (money["paid_fen"], money["refunded_fen"]) == (2_680 + 2 * PRICE_FEN, 0)
    assert (money["owed_growers_fen"], money["paid_growers_fen"]) == (0, 1_800)
    assert money["balance_fen"] == money["paid_fen"] - 1_800
