"""A night in a room: the steps of a session on air, each seen by everybody who should see it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import av
import httpx

from tests.stories.place import Page, until
from tests.stories.shop import ADDRESS, BOX_G, PRICE_FEN, Shop
from tests.stories.viewer import Viewer


@dataclass
class Night:
    """The session of the story and who is in its room."""

    shop: Shop
    session: str
    first: str
    second: str
    assistant: Page
    buyer: Viewer
    nobody: Viewer

    @property
    def path(self) -> str:
        """Where the control room's routes begin."""
        return f"/api/sessions/{self.session}"

    @property
    def room(self) -> str:
        """Where the room's routes begin."""
        return f"/api/rooms/{self.session}"

    @property
    def viewers(self) -> tuple[Viewer, Viewer]:
        """Everybody who watches."""
        return self.buyer, self.nobody

    async def offer(self, item: str, kind: str = "offer") -> dict[str, Any]:
        """An offer as the room shows it."""
        shelf = (await self.nobody.page.read(self.room))["shelf"]
        found: dict[str, Any] = next(one[kind] for one in shelf if one["id"] == item)
        return found


async def watch(night: Night) -> None:
    """LL-HLS, plain HLS and FLV hold pictures and sound, for somebody without an account."""
    page = night.nobody.page
    play = (await page.read(night.room))["play"]

    async def on_air() -> httpx.Response | None:
        answer = await page.get(play["llhls_url"].replace("index.m3u8", "live.m3u8"))
        return answer if answer.status_code == 200 and answer.text.count("#EXTINF") > 1 else None

    fast = await until(on_air, "a playlist")
    assert "#EXT-X-PART:" in fast.text
    plain = await page.get(play["hls_url"].replace("hls.m3u8", "hls-live.m3u8"))
    assert "#EXT-X-PART" not in plain.text
    for url in (play["hls_url"], play["flv_url"]):
        kinds = await asyncio.to_thread(decoded, str(page.base_url.join(url)))
        assert kinds == {"video", "audio"}, url
    shown = await page.get(play["cover_url"])
    assert shown.headers["content-type"] == "image/jpeg"
    health = (await night.assistant.read(f"{night.path}/control"))["health"]
    assert health["publishing"]


def decoded(url: str) -> set[str]:
    """The kinds of frames that come out of a stream."""
    found: set[str] = set()
    opened: Any = av.open(url, timeout=30)
    for frame in opened.decode():
        found.add("video" if isinstance(frame, av.VideoFrame) else "audio")
        if len(found) == 2:
            break
    opened.close()
    return found


async def show(night: Night) -> None:
    """Pin, price and flash price reach both viewers without asking."""
    assert await night.nobody.page.refused(f"{night.path}/pin", {"item_id": night.first}) == (
        "sign-in-required"
    )
    await night.assistant.act(f"{night.path}/pin", {"item_id": night.first})
    price = f"{night.path}/items/{night.first}/price"
    assert await night.assistant.refused(price, {"price_fen": 1}) == "below-floor"
    await night.assistant.act(price, {"price_fen": PRICE_FEN - 100})
    flash = {"price_fen": PRICE_FEN - 300, "units": 2, "per_buyer": 1, "minutes": 5}
    await night.assistant.act(f"{night.path}/items/{night.first}/flash", flash)
    for viewer in night.viewers:
        await viewer.knows("pinned", night.first)
        await viewer.knows(f"price:{night.first}", PRICE_FEN - 100)
        deal = (await viewer.seen("deal", item_id=night.first))["offer"]
        assert (deal["price_fen"], deal["units_left"], deal["per_buyer"]) == (2_680, 2, 1)
        left = datetime.fromisoformat(deal["closes_at"]) - datetime.now(UTC)
        assert timedelta(minutes=3) < left <= timedelta(minutes=5)


async def talk(night: Night) -> None:
    buyer = night.buyer.page
    assert await night.nobody.page.refused(f"{night.room}/chat", {"text": "你好"}) == (
        "sign-in-required"
    )
    line = await buyer.act(f"{night.room}/chat", {"text": "甜不甜? <b>"})
    asked = await buyer.act(f"{night.room}/questions", {"text": "到哈尔滨会不会冻坏?"})
    await night.assistant.act(f"{night.path}/questions/{asked['id']}/answer", {"text": "加保温袋"})
    await night.nobody.page.act(f"{night.room}/likes", {"n": 5})
    for viewer in night.viewers:
        await viewer.until(
            lambda v=viewer: [one for one in v.lines if one["i"] == line["no"]], "the line"
        )
        answered = (await viewer.seen("answered"))["question"]
        assert (answered["id"], answered["answer"]) == (asked["id"], "加保温袋")
        await viewer.until(lambda v=viewer: v.counters and v.counters[1] == 5, "five likes")
        await viewer.until(lambda v=viewer: v.counters and v.counters[0] == 2, "two viewers")


async def sell(night: Night) -> dict[str, Any]:
    """One box at the flash price, to the buyer's address; paid on the provider's own page."""
    shop, buyer = night.shop, night.buyer.page
    deal = await night.offer(night.first, "flash")
    kept = await buyer.act("/api/me/addresses", ADDRESS)
    more = {"recipient": None, "origin": f"live:{night.session}"}
    assert (await shop.order(buyer, deal, **more)).json()["type"] == "/problems/address-needed"
    more["address_id"] = kept["id"]
    order = await shop.bought(buyer, deal, **more)
    assert (order["amount_fen"], order["paid_fen"]) == (2_680, 2_680)
    assert order["seller"]["name"] == "会川苹果专业合作社"
    again = await shop.order(buyer, deal, **more)
    assert again.json()["type"] == "/problems/buyer-limit"
    stale = await shop.order(buyer, deal | {"price_fen": 1}, **more)
    assert stale.json()["type"] == "/problems/price-changed"
    for viewer in night.viewers:
        await viewer.until(lambda v=viewer: v.counters[2] == 1, "one order")
        await viewer.until(lambda v=viewer: v.values.get(f"stock:{deal['id']}") == 1, "one left")
    await night.assistant.act(f"{night.path}/items/{night.first}/flash/close")
    for viewer in night.viewers:
        await viewer.seen("deal_end", item_id=night.first)
    assert (await night.offer(night.first))["units_left"] == 9
    return order


async def sell_out(night: Night) -> None:
    """The last unit is bought, and everybody sees the edge; more boxes bring it back."""
    buyer, item = night.buyer.page, night.second
    offer = await night.offer(item)
    await night.assistant.act(f"{night.path}/pin", {"item_id": item})
    origin = f"live:{night.session}"
    await night.shop.bought(buyer, offer, units=2, origin=origin)
    refused = await night.shop.order(buyer, offer, origin=origin)
    assert refused.json()["type"] == "/problems/sold-out"
    for viewer in night.viewers:
        await viewer.seen("sold_out", item_id=item)
    slip = await night.shop.weigh_in(3 * BOX_G)
    await night.assistant.act(
        f"{night.path}/items/{item}/boxes", {"lot_id": slip["lot"]["id"], "boxes": 3}
    )
    for viewer in night.viewers:
        await viewer.seen("restock", item_id=item)
        await viewer.knows(f"sold_out:{item}", False)


async def moderate(night: Night) -> None:
    place = night.shop.place
    rude = await place.person()
    watching = Viewer(place, rude, night.session)
    line = await rude.act(f"{night.room}/chat", {"text": "加微信便宜"})
    person = f"{night.path}/people/{line['person_no']}"
    await night.assistant.act(f"{person}/mute", {"minutes": 5, "reason": "引流"})
    assert await rude.refused(f"{night.room}/chat", {"text": "喂"}) == "muted"
    await watching.seen("mute", person_no=line["person_no"])
    await night.assistant.act(f"{night.path}/chat/{line['no']}/hide")
    await night.nobody.seen("hide", no=line["no"])
    await night.assistant.act(f"{person}/ban", {"reason": "反复引流"})
    await watching.until(lambda: watching.closed == 4003, "sent away")
    assert await rude.refused(f"{night.room}/ticket") == "banned"
    assert line["no"] not in [one["no"] for one in (await rude.read(night.room))["chat"]]
    await watching.leave()


async def end(night: Night) -> None:
    assert await night.assistant.refused(f"{night.path}/end") == "not-allowed"
    await night.shop.owner.act(f"{night.path}/end")
    for viewer in night.viewers:
        await viewer.seen("end")
