"""Boxes that are sold before they are packed: the day is kept, and the harvest pays for them."""

from datetime import timedelta
from typing import Any

import pytest

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.web import Client
from tiantou.kit import clock
from tiantou.trade.promises import CHINA


def _day(days: int) -> str:
    return (clock.now().astimezone(CHINA).date() + timedelta(days=days)).isoformat()


async def _ahead(market: Market, who: Client, units: int, days: int = 20, fen: int = 2_990) -> Any:
    path = f"/api/orgs/{market.shop}/packs/{market.world.pack_id}/presale"
    return await who.post(path, json={"units": units, "ship_on": _day(days), "price_fen": fen})


async def _end(market: Market, who: Client) -> Any:
    return await who.delete(f"/api/orgs/{market.shop}/packs/{market.world.pack_id}/presale")


async def test_what_is_sold_ahead_is_sent_on_its_day_and_paid_by_the_harvest(
    market: Market,
) -> None:
    seller, buyer = await market.seller("manager"), await market.buyer()
    made = await _ahead(market, seller, 10)
    assert made.status_code == 200, made.text
    assert (made.json()["owed"], made.json()["available"]) == (10, 10)
    offer = await market.standing()
    assert (offer.units_left, str(offer.ship_day), str(offer.ship_on)) == (10, _day(20), _day(20))
    placed = await market.paid_order(buyer, offer, 4)
    assert placed["ship_day"] == _day(20)
    mine = (await buyer.get(f"/api/offers/{market.shop}/{offer.id}")).json()
    assert mine["document"]["offer"]["ship_on"] == _day(20)

    await market.stock(7)
    offer = await market.standing()
    assert (offer.units_left, str(offer.ship_on)) == (6, _day(20))
    await market.stock(5)
    offer = await market.standing()
    assert (offer.units_left, offer.ship_on) == (8, None)
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    for act, body in (("start-packing", {}), ("pack", {"picks": None})):
        assert (await seller.post(f"{path}/{act}", json=body)).status_code == 200
    assert await audit(market.database) == {}


async def test_more_of_it_for_a_later_day_and_its_end(market: Market) -> None:
    seller, buyer = await market.seller("manager"), await market.buyer()
    await _ahead(market, seller, 5)
    first = await market.paid_order(buyer, await market.standing(), 2)
    await _ahead(market, seller, 5, days=30, fen=2_590)
    offer = await market.standing()
    assert (offer.units_left, offer.price_fen) == (8, 2_590)
    second = await market.paid_order(buyer, offer)
    assert (first["ship_day"], second["ship_day"]) == (_day(20), _day(30))
    stock = (await seller.get(f"/api/orgs/{market.shop}/stock")).json()["items"][0]
    assert (stock["presale"]["owed"], stock["available"]) == (10, 7)

    assert (await _end(market, seller)).status_code == 200
    offer = await market.standing()
    assert (offer.units_left, offer.ship_on) == (0, None)
    assert (await _end(market, seller)).status_code == 200  # three sold boxes are still owed
    await market.stock(4)
    assert (await market.standing()).units_left == 1
    assert (await _end(market, seller)).status_code == 404
    assert await audit(market.database) == {}


async def test_packed_boxes_are_sold_first(market: Market) -> None:
    await market.stock(3)
    seller = await market.seller("manager")
    refused = await _ahead(market, seller, 5)
    assert (refused.json()["type"], refused.json()["units_left"]) == ("/problems/boxes-in-stock", 3)
    await market.paid_order(await market.buyer(), await market.standing(), 3)
    assert (await _ahead(market, seller, 5)).status_code == 200
    assert await audit(market.database) == {}


async def test_a_called_off_order_is_for_sale_again_on_the_same_day(market: Market) -> None:
    seller, buyer = await market.seller("manager"), await market.buyer()
    await _ahead(market, seller, 1)
    offer = await market.standing()
    placed = (await market.order(buyer, offer)).json()
    assert (await market.order(buyer, offer)).json()["type"] == "/problems/sold-out"
    path = f"/api/me/orders/{market.shop}/{placed['order_id']}/cancel"
    assert (await buyer.post(path, json={})).status_code == 200
    offer = await market.standing()
    assert (offer.units_left, str(offer.ship_day)) == (1, _day(20))
    assert await audit(market.database) == {}


@pytest.mark.parametrize(("days", "units"), [(0, 1), (61, 1), (5, 0)])
async def test_what_makes_no_sense_is_refused(market: Market, days: int, units: int) -> None:
    said = await _ahead(market, await market.seller("manager"), units, days)
    assert said.status_code == 422
    assert said.json()["fields"][0]["name"] == ("units" if units == 0 else "ship_on")


async def test_the_growers_floor_holds_ahead_too(market: Market) -> None:
    await market.stock(1)
    await market.paid_order(await market.buyer(), await market.standing())
    seller = await market.seller("manager")
    assert (await _ahead(market, seller, 5, fen=1)).json()["type"] == "/problems/below-floor"
