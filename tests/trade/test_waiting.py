"""The waiting list: first come, first served, nobody in between, whatever brings units back."""

import asyncio
from typing import Any

from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.web import Client
from tiantou.trade import offers, waiting
from tiantou.trade.views import OfferView


async def _sold_out(market: Market, boxes: int = 2) -> tuple[OfferView, Client, dict[str, Any]]:
    """An offer whose every box somebody holds unpaid."""
    offer, first = await market.stock(boxes), await market.buyer()
    placed = (await market.order(first, offer, boxes)).json()
    assert (await market.standing()).units_left == 0
    return offer, first, placed


async def _join(buyer: Client, offer: OfferView, units: int = 1) -> Any:
    path = f"/api/offers/{offer.shop_id}/{offer.id}/waiting"
    return await buyer.post(path, json={"units": units})


async def _mine(buyer: Client) -> dict[str, Any]:
    found: dict[str, Any] = (await buyer.get("/api/me/waiting")).json()["items"][0]
    return found


async def _told(market: Market) -> list[tuple[str, int, str | None]]:
    """What stands in inboxes about waiting, oldest first: kind, units, state."""
    async with market.database.begin() as tx:
        rows = await tx.execute(
            text(
                "select kind, members from accounts.message where kind like 'waiting%' order by id"
            )
        )
        return [(row.kind, row.members["units"], row.members.get("state")) for row in rows]


async def _cancel(buyer: Client, placed: dict[str, Any]) -> None:
    path = f"/api/me/orders/{placed['shop_id']}/{placed['order_id']}/cancel"
    assert (await buyer.post(path, json={})).status_code == 200


async def test_what_comes_back_is_kept_in_the_order_of_coming(market: Market) -> None:
    offer, first, placed = await _sold_out(market, 3)
    line = [await market.buyer() for _ in range(3)]
    for buyer, units in zip(line, (2, 2, 1), strict=True):
        assert (await _join(buyer, offer, units)).status_code == 201
    assert [(await _mine(one))["ahead"] for one in line] == [0, 1, 2]
    assert (await _join(line[0], offer)).json()["type"] == "/problems/already-there"
    assert (await market.standing()).waiting == 3
    await _cancel(first, placed)
    seen = [await _mine(one) for one in line]
    assert [(one["state"], one["units"]) for one in seen] == [
        ("offered", 2),
        ("offered", 1),
        ("waiting", 1),
    ]
    now = await market.standing()
    assert (now.units_left, now.waiting) == (0, 1)
    stranger = await market.buyer()
    assert (await market.order(stranger, now)).json()["type"] == "/problems/sold-out"
    await market.pump()
    assert (await _told(market))[0] == ("waiting-offered", 2, None)
    bought = await market.order(line[0], now, 1)
    assert bought.status_code == 201, bought.text
    assert (await _mine(line[0]))["order_id"] == bought.json()["order_id"]
    # the box that he let go is the third one's now
    assert (await _mine(line[2]))["state"] == "offered"
    assert await audit(market.database) == {}


async def test_a_turn_that_runs_out_goes_to_the_next(market: Market) -> None:
    offer, first, placed = await _sold_out(market)
    one, two = await market.buyer(), await market.buyer()
    for buyer in (one, two):
        await _join(buyer, offer, 2)
    await _cancel(first, placed)
    async with market.database.begin() as tx:
        await tx.execute(
            text("update trade.waiting set offered_until = now() where state = 'offered'")
        )
    late = await market.order(one, await market.standing(), 2)
    assert late.json()["type"] == "/problems/sold-out"
    assert await waiting.sweep(market.database) == 1
    assert [(await _mine(buyer))["state"] for buyer in (one, two)] == ["lapsed", "offered"]
    await market.pump()
    assert ("waiting-ended", 2, "lapsed") in await _told(market)
    mine = await _mine(two)
    left = await two.post(f"/api/me/waiting/{mine['shop_id']}/{mine['id']}/leave", json={})
    assert left.json()["state"] == "left"
    assert (await market.standing()).units_left == 2
    again = await two.post(f"/api/me/waiting/{mine['shop_id']}/{mine['id']}/leave", json={})
    assert again.json()["type"] == "/problems/wrong-step"
    strange = await one.post(f"/api/me/waiting/{mine['shop_id']}/{mine['id']}/leave", json={})
    assert strange.status_code == 404
    assert await audit(market.database) == {}


async def test_the_line_ends_with_the_offer_and_begins_only_when_it_is_sold_out(
    market: Market,
) -> None:
    offer = await market.stock(1)
    buyer = await market.buyer()
    said = (await _join(buyer, offer)).json()
    assert (said["type"], said["units_left"]) == ("/problems/still-left", 1)
    other = await market.buyer()
    await market.order(other, offer)
    assert (await _join(buyer, offer, 1)).status_code == 201
    async with market.database.begin() as tx:
        await offers.close_offer(tx, offer.shop_id, offer.id)
    assert (await _mine(buyer))["state"] == "over"
    await market.pump()
    assert ("waiting-ended", 1, "over") in await _told(market)
    closed = (await _join(other, offer)).json()
    assert closed["type"] == "/problems/offer-closed"
    assert await audit(market.database) == {}


async def test_what_came_back_while_the_offer_was_paused_is_kept_when_it_is_open_again(
    market: Market,
) -> None:
    offer, first, placed = await _sold_out(market, 1)
    buyer = await market.buyer()
    await _join(buyer, offer)
    async with market.database.begin() as tx:
        await offers.pause_offer(tx, offer.shop_id, offer.id)
    await _cancel(first, placed)
    assert await waiting.sweep(market.database) == 0
    assert (await _mine(buyer))["state"] == "waiting"
    async with market.database.begin() as tx:
        await offers.resume_offer(tx, offer.shop_id, offer.id)
    assert await waiting.sweep(market.database) == 1
    assert (await _mine(buyer))["state"] == "offered"
    assert await audit(market.database) == {}


async def test_nobody_slips_in_between_the_return_and_the_turn(market: Market) -> None:
    offer, first, placed = await _sold_out(market, 4)
    line = [await market.buyer() for _ in range(4)]
    for buyer in line:
        await _join(buyer, offer)
    rush = [await market.buyer() for _ in range(8)]

    async def hurry(buyer: Client) -> list[int]:
        return [(await market.order(buyer, offer)).status_code for _ in range(6)]

    came = await asyncio.gather(*(hurry(one) for one in rush), _cancel(first, placed))
    assert all(said == [409] * 6 for said in came[:-1])
    assert [(await _mine(one))["state"] for one in line] == ["offered"] * 4
    bought = await asyncio.gather(*(market.order(one, offer) for one in line))
    assert [one.status_code for one in bought] == [201] * 4
    async with market.database.begin() as tx:
        taken = (await tx.execute(text("select available, taken from trade.pool"))).all()
    assert [tuple(row) for row in taken] == [(0, 4)]
    assert await audit(market.database) == {}
