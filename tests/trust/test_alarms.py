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
