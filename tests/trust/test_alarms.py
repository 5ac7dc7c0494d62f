"""A lot that many report problems with is shown to its shop, once, and only if it stands out."""

from uuid import UUID

from sqlalchemy import text

from tests.trade.market import Market
from tests.trust.farm import open_farm
from tiantou.kit import clock, ids
from tiantou.supply import acts
from tiantou.trust import alarms, passports_sql


async def _report(market: Market, lot: UUID, boxes: int) -> bool:
    """Reports of that many boxes of a lot; whether the last one was an alarm."""
    told = False
    async with market.database.begin() as tx:
        codes = await tx.scalars(
            text("select code from supply.box where lot_id = :lot order by code limit :most"),
            {"lot": lot, "most": boxes},
        )
        for code in list(codes):
            await passports_sql.add_report(
                tx, ids.uuid7(), market.shop, lot, code, "坏了", "0" * 64, clock.now()
            )
            told = await alarms.look(tx, market.shop, lot)
    return told


async def _told(market: Market) -> list[str]:
    async with market.database.begin() as tx:
        found = await tx.scalars(
            text("select members->>'lot_code' from accounts.message where kind = 'lot-reported'")
        )
    return list(found)


async def test_five_boxes_of_ten_are_an_alarm_told_once(market: Market) -> None:
    farm = await open_farm(market)
    await market.seller("manager")
    assert not await _report(market, farm.lots["first"], alarms.BOXES_FROM - 1)
    assert await _told(market) == []
    assert await _report(market, farm.lots["first"], alarms.BOXES_FROM + 1)
    assert len(await _told(market)) == 1


async def test_what_is_usual_for_a_pack_is_none(market: Market) -> None:
    farm = await open_farm(market)
    await market.seller("manager")
    for name in ("mix", "second"):
        await _report(market, farm.lots[name], 4)
    assert not await _report(market, farm.lots["first"], 6), "six of ten beside four of ten"
    assert await _told(market) == []


async def test_a_lot_that_is_held_already_is_none(market: Market) -> None:
    farm = await open_farm(market)
    await market.seller("manager")
    async with market.database.begin() as tx:
        await acts.hold(tx, market.world.who, market.shop, farm.lots["first"], "先看看")
    assert not await _report(market, farm.lots["first"], 8)


async def test_who_does_not_hold_a_lot_says_why_and_is_asked_again_after_five_more(
    market: Market,
) -> None:
    """Ten boxes: 5 of them are 500 of a thousand. Declined at 5, so again at 10, not at 9."""
    farm = await open_farm(market)
    seller = await market.seller("manager")
    lot = farm.lots["first"]
    path = f"/api/orgs/{market.shop}/lots/{lot}/hold-proposal"
    first = (await seller.get(path)).json()
    assert (first["proposed"], first["boxes_reported"], first["declined"]) == (False, 0, None)
    await _report(market, lot, 5)
    asked = (await seller.get(path)).json()
    assert asked["proposed"] and asked["boxes_reported"] == 5
    assert asked["permille"] == 5 * 1000 // asked["boxes"] and asked["usual_permille"] == 0
    short = await seller.post(f"{path}/decline", json={"reason": "x"})
    assert short.status_code == 422
    said = (await seller.post(f"{path}/decline", json={"reason": "同一个人报的"})).json()
    assert not said["proposed"] and said["declined"]["why"] == "同一个人报的"
    assert said["declined"]["boxes_reported"] == 5
    await _report_from(market, lot, 5, 4)
    assert not (await seller.get(path)).json()["proposed"], "nine"
    await _report_from(market, lot, 9, 1)
    assert (await seller.get(path)).json()["proposed"], "ten"


async def test_a_lot_is_held_and_released_and_asked_about_again(market: Market) -> None:
    farm = await open_farm(market)
    seller = await market.seller("manager")
    lot = f"/api/orgs/{market.shop}/lots/{farm.lots['first']}"
    await _report(market, farm.lots["first"], 6)
    held = await seller.post(f"{lot}/hold", json={"reason": "6 箱被报有问题"})
    assert held.status_code == 200 and held.json()["state"] == "held"
    assert not (await seller.get(f"{lot}/hold-proposal")).json()["proposed"]
    freed = await seller.post(f"{lot}/release", json={"reason": "点错了"})
    assert freed.json()["state"] == "open"
    assert (await seller.get(f"{lot}/hold-proposal")).json()["proposed"]


async def _report_from(market: Market, lot: UUID, first: int, boxes: int) -> None:
    """Reports of so many boxes more, from the box after `first` on."""
    async with market.database.begin() as tx:
        codes = await tx.scalars(
            text("select code from supply.box where lot_id = :lot order by code"), {"lot": lot}
        )
        for code in list(codes)[first : first + boxes]:
            await passports_sql.add_report(
                tx, ids.uuid7(), market.shop, lot, code, "坏了", "0" * 64, clock.now()
            )
