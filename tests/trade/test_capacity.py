"""What a shop packs on which day, as its people state it and its buyers see it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.web import Client
from tiantou.kit import clock
from tiantou.trade import capacity
from tiantou.trade.promises import AHEAD_DAYS, CHINA

WEEK = [2] * 7


async def _put(market: Market, who: Client, day: str = "", **body: Any) -> Any:
    path = f"/api/orgs/{market.shop}/capacity{day and f'/{day}'}"
    return await who.put(path, json=body)


def _day(days: int) -> str:
    return (clock.now().astimezone(CHINA).date() + timedelta(days=days)).isoformat()


async def test_the_card_says_how_many_go_out_on_which_day(market: Market) -> None:
    await market.stock(50)
    seller = await market.seller("manager")
    assert (await market.standing()).ship_room is None
    said = (await _put(market, seller, boxes=WEEK)).json()
    assert [one["left"] for one in said["days"]] == [2] * 14
    said = (await _put(market, seller, _day(3), boxes=0)).json()
    assert [(one["day"], one["left"], one["exception"]) for one in said["days"][2:5]] == [
        (_day(2), 2, False),
        (_day(3), 0, True),
        (_day(4), 2, False),
    ]
    offer = await market.standing()
    assert (str(offer.ship_day), offer.ship_room, str(offer.ship_then)) == (_day(2), 2, _day(4))
    buyer = await market.buyer()
    placed = [(await market.order(buyer, offer)).json() for _ in range(3)]
    assert [one["ship_day"] for one in placed] == [_day(2), _day(2), _day(4)]
    offer = await market.standing()
    assert (str(offer.ship_day), offer.ship_room, str(offer.ship_then)) == (_day(4), 1, _day(5))
    late = await market.order(buyer, offer, units=2, ship_day=_day(4))
    assert (late.json()["type"], late.json()["ship_day"]) == ("/problems/sent-later", _day(5))
    cut = await _put(market, seller, boxes=WEEK, cut_off_minute=0)
    assert cut.json()["cut_off_minute"] == 0
    assert str((await market.standing()).ship_day) == _day(4)
    assert await audit(market.database) == {}


async def test_what_makes_no_sense_is_refused_with_its_field(market: Market) -> None:
    seller = await market.seller("manager")
    cases = [
        (await _put(market, seller, boxes=[0] * 7), "boxes", "all-zero"),
        (await _put(market, seller, _day(1), boxes=3), "boxes", "no-limit-stated"),
        (await _put(market, seller, _day(AHEAD_DAYS + 1), boxes=3), "day", "range"),
    ]
    for answer, name, code in cases:
        assert answer.status_code == 422
        assert [(one["name"], one["code"]) for one in answer.json()["fields"]] == [(name, code)]
    assert (await _put(market, seller, boxes=[1] * 6)).status_code == 422


async def test_days_come_into_reach_as_days_go_by(market: Market) -> None:
    await _put(market, await market.seller("manager"), boxes=WEEK)
    async with market.database.begin() as tx:
        assert await capacity.open_ahead(tx) == 0
        await tx.execute(text("delete from trade.day_pool where day > current_date + 50"))
        assert await capacity.open_ahead(tx) == 1
        last = await tx.scalar(text("select max(day) from trade.day_pool"))
    assert str(last) == _day(AHEAD_DAYS)


async def test_rain_moves_orders_to_days_that_have_room(market: Market) -> None:
    await market.stock(50)
    seller, buyer = await market.seller("manager"), await market.buyer()
    await _put(market, seller, boxes=WEEK)
    placed = [await market.paid_order(buyer, await market.standing()) for _ in range(5)]
    assert [one["ship_day"] for one in placed] == [_day(2), _day(2), _day(3), _day(3), _day(4)]
    dry = clock.now().astimezone(CHINA).replace(hour=12) + timedelta(days=3)
    rain = {
        "pick_up": ["4211"],
        "until_at": dry.isoformat(),
        "reason": "连日下雨",
    }
    made = await seller.post(f"/api/orgs/{market.shop}/disruptions", json=rain)
    assert made.status_code == 201, made.text
    assert made.json()["orders"] == 4
    path = f"/api/me/orders/{market.shop}"
    seen = [(await buyer.get(f"{path}/{one['order_id']}")).json() for one in placed]
    assert [one["ship_day"] for one in seen] == [_day(4), _day(5), _day(5), _day(6), _day(4)]
    assert seen[3]["moved"]["ship_day"] == _day(6)
    assert await audit(market.database) == {}


async def test_rain_moves_what_took_room_before_the_limit_was_taken_away(market: Market) -> None:
    await market.stock(50)
    seller, buyer = await market.seller("manager"), await market.buyer()
    await _put(market, seller, boxes=WEEK)
    placed = await market.paid_order(buyer, await market.standing())
    assert placed["ship_day"] == _day(2)
    await _put(market, seller, boxes=None)
    dry = clock.now().astimezone(CHINA).replace(hour=12) + timedelta(days=3)
    rain = {"pick_up": ["4211"], "until_at": dry.isoformat(), "reason": "连日下雨"}
    made = await seller.post(f"/api/orgs/{market.shop}/disruptions", json=rain)
    assert (made.status_code, made.json()["orders"]) == (201, 1)
    assert (await market.mine(buyer, placed))["ship_day"] == _day(4)
    assert await audit(market.database) == {}
