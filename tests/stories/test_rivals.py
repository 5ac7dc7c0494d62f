"""More buyers than boxes, through two processes of the API: exactly the stock is sold."""

import asyncio
import collections
import os
import signal
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import text

from tests.stories.audit import audit
from tests.stories.place import Page, Place, until
from tests.stories.shop import PRICE_FEN, Shop, open_shop, wish
from tests.up.running import alive

BUYERS, UNITS = 50, 20


async def _crowd(place: Place) -> list[tuple[Page, str]]:
    """Buyers, each with the key of his one order."""
    return [(await place.person(), str(uuid4())) for _ in range(BUYERS)]


async def _ask(buyer: Page, key: str, asked: dict[str, Any]) -> httpx.Response | None:
    """One request; None if no process answered it."""
    try:
        answer = await buyer.post("/api/orders", json=asked, headers={"idempotency-key": key})
    except httpx.TransportError:
        return None
    return answer if answer.status_code < 500 else None


def _verdicts(answers: list[httpx.Response]) -> dict[str, int]:
    kinds = [
        "placed" if one.status_code == 201 else str(one.json()["type"]).removeprefix("/problems/")
        for one in answers
    ]
    return dict(collections.Counter(kinds))


async def _sold(place: Place, shop: Shop, pack: str) -> None:
    """What the rows say: 20 orders, 20 units taken, none left, one edge, one fact an order."""
    await until(lambda: _nothing_left(shop, pack), "an empty stock")
    async with place.database.begin() as tx:
        row = (
            await tx.execute(
                text(
                    "select (select count(*) from trade.orders where shop_id = :shop),"
                    " (select sum(available) from trade.pool where shop_id = :shop),"
                    " (select sum(taken) from trade.pool where shop_id = :shop),"
                    " (select count(*) from trade.outbox where kind = 'trade.order-placed'"
                    "   and body->>'shop_id' = cast(:shop as text)),"
                    " (select count(*) from trade.outbox where kind = 'trade.stock-edge'"
                    "   and body->>'shop_id' = cast(:shop as text)"
                    "   and body->>'edge' = 'sold_out')"
                ),
                {"shop": shop.org},
            )
        ).one()
    assert tuple(row) == (UNITS, 0, UNITS, UNITS, 1)
    assert await audit(place) == {}


async def _nothing_left(shop: Shop, pack: str) -> bool:
    return bool((await shop.stock(pack))["available"] == 0)


async def test_fifty_buyers_for_twenty_boxes(place: Place) -> None:
    shop = await open_shop(place, 21, "抢购合作社")
    pack = await shop.goods("只有二十箱", UNITS)
    asked = wish(await shop.offer(pack))
    crowd = await _crowd(place)
    answers = await asyncio.gather(*(_ask(page, key, asked) for page, key in crowd))
    said = [one for one in answers if one is not None]
    assert _verdicts(said) == {"placed": UNITS, "sold-out": BUYERS - UNITS}
    numbers = {one.json()["number"] for one in said if one.status_code == 201}
    assert len(numbers) == UNITS
    assert all(one.json()["amount_fen"] == PRICE_FEN for one in said if one.status_code == 201)
    await _sold(place, shop, pack)


async def test_one_process_is_killed_in_the_middle(place: Place) -> None:
    """Whoever got no answer asks again with his key; so do those who did, and get the same."""
    shop = await open_shop(place, 22, "断电合作社")
    pack = await shop.goods("断电也不多卖", UNITS)
    asked = wish(await shop.offer(pack))
    crowd = await _crowd(place)
    doomed = place.up.children()["api-2"]
    answered = asyncio.Semaphore(0)
    first: dict[str, httpx.Response] = {}

    async def once(place_in_line: int, page: Page, key: str) -> None:
        await asyncio.sleep(place_in_line * 0.01)
        answer = await _ask(page, key, asked)
        if answer is not None:
            first[key] = answer
        answered.release()

    async def kill() -> None:
        for _ in range(5):
            await answered.acquire()
        os.kill(doomed, signal.SIGKILL)

    await asyncio.gather(kill(), *(once(n, page, key) for n, (page, key) in enumerate(crowd)))

    async def again(page: Page, key: str) -> httpx.Response:
        async def ask() -> httpx.Response | None:
            return await _ask(page, key, asked)

        found: httpx.Response = await until(ask, "an answer")
        return found

    last = await asyncio.gather(*(again(page, key) for page, key in crowd))
    assert _verdicts(last) == {"placed": UNITS, "sold-out": BUYERS - UNITS}
    for (_, key), answer in zip(crowd, last, strict=True):
        if key in first and first[key].status_code == 201:
            assert answer.json() == first[key].json()

    async def another() -> bool:
        pid = place.up.children().get("api-2", doomed)
        return pid != doomed and alive(pid)

    await until(another, "another process of the API")
    await _sold(place, shop, pack)
