"""kill -9 of each process in turn while a room is on air, then of `up` itself: nothing is lost.

In each round a product is pinned, a price changed, two boxes sold to three buyers and lines said;
the process dies as soon as the first of these was answered. Everybody repeats what got no answer
under its key, as pages do.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.stories.audit import audit, leaks, quiet, recording_faults
from tests.stories.film import Encoder, film
from tests.stories.place import Page, Place, until
from tests.stories.shop import BOX_G, PRICE_FEN, Shop, open_shop, wish
from tests.stories.viewer import Viewer
from tests.up.running import alive

CHILDREN = ("postgres", "nats", "api", "worker", "gateway", "media", "edge")
BOXES, BUYERS, LINES = 2, 3, 4


@dataclass
class Fair:
    """A room on air with a shelf of a board (whose price moves) and a product a round."""

    shop: Shop
    session: str
    items: list[str]
    packs: list[str]
    buyers: list[Page]
    viewers: list[Viewer]
    encoder: Encoder
    orders: list[httpx.Response] = field(default_factory=list)
    lines: list[httpx.Response] = field(default_factory=list)
    rounds: int = 0

    @property
    def path(self) -> str:
        """Where the control room's routes begin."""
        return f"/api/sessions/{self.session}"


@pytest.fixture(scope="module")
async def fair(place: Place, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fair]:
    """The room, its publisher and two viewers: one signed in, one not."""
    shop = await open_shop(place, 31, "不断合作社")
    packs = [await shop.goods("价格板", 1)]
    slip = await shop.weigh_in(BOXES * BOX_G * (len(CHILDREN) + 1))

    async def stock(name: str) -> str:
        pack = await shop.product(f"{name} 箱")
        await shop.boxes(slip["lot"]["id"], pack, BOXES)
        return pack

    packs += await asyncio.gather(*(stock(name) for name in (*CHILDREN, "up")))
    session = await shop.session(*packs)
    key = await shop.key(session["id"])
    encoder = Encoder(place.rtmp, key["stream_key"], await film(tmp_path_factory.mktemp("film")))
    buyers = [await place.person() for _ in range(BUYERS)]
    viewers = [Viewer(place, page, session["id"]) for page in (buyers[0], place.page())]
    made = Fair(
        shop,
        session["id"],
        [one["id"] for one in session["shelf"]],
        packs,
        buyers,
        viewers,
        encoder,
    )
    await _picture(made)
    for viewer in viewers:
        await viewer.knows("pinned", None)
    yield made
    await encoder.stop()
    for viewer in viewers:
        await viewer.leave()


async def _picture(fair: Fair) -> int:
    """The number of the next segment, once a picture can be seen; the next one comes soon."""

    async def look() -> int:
        page = fair.viewers[1].page
        try:
            room = await page.read(f"/api/rooms/{fair.session}")
            url = room["play"]["llhls_url"].replace("index.m3u8", "live.m3u8")
            answer = await page.get(url)
        except (httpx.TransportError, AssertionError):
            return 0
        return answer.text.count("#EXTINF") if answer.status_code == 200 else 0

    return int(await until(look, "a picture", 90))


async def _round(fair: Fair, die: Any) -> None:
    """Everything at once; `die` is called when the first act was answered."""
    fair.rounds += 1
    item, board = fair.items[fair.rounds], fair.items[0]
    price = PRICE_FEN - 10 * fair.rounds
    offer = wish(await fair.shop.offer(fair.packs[fair.rounds]), origin=f"live:{fair.session}")
    owner, first = fair.shop.owner, asyncio.Event()

    async def act(page: Page, path: str, body: Any) -> httpx.Response:
        answer = await page.insist(path, body)
        first.set()
        return answer

    async def show() -> None:
        for path, body in (
            (f"{fair.path}/pin", {"item_id": item}),
            (f"{fair.path}/items/{board}/price", {"price_fen": price}),
        ):
            answer = await act(owner, path, body)
            assert answer.status_code == 200, answer.text

    async def say() -> None:
        for number in range(LINES):
            words = {"text": f"第 {fair.rounds} 轮第 {number} 句"}
            answer = await act(owner, f"/api/rooms/{fair.session}/chat", words)
            assert answer.status_code == 201, answer.text
            fair.lines.append(answer)

    async def buy(buyer: Page) -> None:
        fair.orders.append(await act(buyer, "/api/orders", offer))

    async def kill() -> None:
        await first.wait()
        await die()

    await asyncio.gather(kill(), show(), say(), *(buy(buyer) for buyer in fair.buyers))
    for viewer in fair.viewers:
        await viewer.knows("pinned", item)
        await viewer.knows(f"price:{board}", price)
        await viewer.knows(f"sold_out:{item}", True)


@pytest.mark.parametrize("name", CHILDREN)
async def test_a_killed_process_loses_nothing(place: Place, fair: Fair, name: str) -> None:
    before = place.up.children()[name]

    async def die() -> None:
        os.kill(before, signal.SIGKILL)

    async def back() -> bool:
        pid = place.up.children().get(name, before)
        return pid != before and alive(pid)

    await _round(fair, die)
    await until(back, f"another {name}")
    await _picture(fair)


async def test_a_killed_up_loses_nothing_and_the_next_is_clean(place: Place, fair: Fair) -> None:
    children = place.up.children()

    async def die() -> None:
        await place.killed()
        await place.again()

    await _round(fair, die)
    assert not any(alive(pid) for pid in children.values())
    assert "Traceback" not in place.up.said
    await _picture(fair)


async def test_everything_is_there_afterwards(place: Place, fair: Fair) -> None:
    """Orders exact, lines complete, every edge and price at every viewer, the recording whole."""
    assert fair.rounds == len(CHILDREN) + 1
    kinds = [one.status_code for one in fair.orders]
    assert kinds.count(201) == fair.rounds * BOXES
    assert all(
        one.json()["type"] == "/problems/sold-out" for one in fair.orders if one.status_code != 201
    )
    await fair.shop.owner.act(f"{fair.path}/end")
    for viewer in fair.viewers:
        await viewer.seen("end")
        assert [name for name in fair.items[1:] if not viewer.shown[f"sold_out:{name}"]] == []
    await quiet(place)
    async with place.database.begin() as tx:
        placed = (
            await tx.scalars(
                text("select number from trade.orders where shop_id = :shop"),
                {"shop": fair.shop.org},
            )
        ).all()
        said = (
            await tx.execute(
                text("select no, text from live.line where session_id = :id"), {"id": fair.session}
            )
        ).all()
    answered = [one.json()["number"] for one in fair.orders if one.status_code == 201]
    assert sorted(placed) == sorted(answered)
    held = {row.no: row.text for row in said}
    for one in fair.lines:
        assert held[one.json()["no"]] == one.json()["text"]
    assert len({row.text for row in said}) == len(fair.lines) == fair.rounds * LINES
    await _sealed(place, fair)
    assert await audit(place) == {}
    assert leaks(place) == []


async def _sealed(place: Place, fair: Fair) -> None:
    async def ready() -> str | None:
        session = await fair.shop.owner.read(fair.path)
        return session["replay"]["root_hash"] if session["state"] == "replay_public" else None

    root = await until(ready, "the replay")
    assert await asyncio.to_thread(recording_faults, place, fair.session, str(root)) == []
