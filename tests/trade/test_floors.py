"""What packing changes for offers: a floor above the price, and packs that are packed no more."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.supply.world import product_in, weigh
from tests.trade.audit import audit
from tests.trade.market import Market
from tiantou.catalog import face as catalog
from tiantou.catalog.face import PackIn
from tiantou.kit import clock
from tiantou.supply import face as supply
from tiantou.trade import face as trade
from tiantou.trade.problems import BelowFloor


async def _inbox(market: Market, kind: str) -> list[dict[str, Any]]:
    """What the seller's owners and managers were told."""
    async with market.database.begin() as tx:
        found = await tx.execute(
            text("select members from accounts.message where kind = :kind order by id"),
            {"kind": kind},
        )
        return [row.members for row in found]


async def test_a_floor_above_the_price_pauses_the_offer_and_tells_the_seller(
    market: Market,
) -> None:
    await market.seller("manager")
    before = await market.stock(10)
    async with market.database.begin() as tx:
        flash = await trade.open_offer(
            tx,
            market.shop,
            market.world.pack_id,
            "flash",
            1990,
            2,
            closes_at=clock.now() + timedelta(minutes=60),
        )
    slip = await weigh(market.database, market.world, 50_000, floor_fen_per_jin=700)
    async with market.database.begin() as tx:
        await supply.pack_lot(
            tx, market.world.who, market.shop, slip.lot_id, market.world.pack_id, 5
        )
    await market.pump()
    now = await market.standing()
    assert (now.state, now.paused_by, now.floor_fen, now.price_fen) == (
        "paused",
        "floor",
        3500,
        2990,
    )
    told = {(one["offer_id"], one["price_fen"], one["floor_fen"]) for one in
            await _inbox(market, "offer-below-floor")}  # fmt: skip
    assert told == {(str(before.id), 2990, 3500), (str(flash.id), 1990, 3500)}
    answer = await market.order(await market.buyer(), now)
    assert answer.json()["type"] == "/problems/offer-closed"
    async with market.database.begin() as tx:
        still = await trade.resume_offer(tx, market.shop, before.id, "seller")
        assert (still.state, still.paused_by) == ("paused", "floor")
        with pytest.raises(BelowFloor):
            await trade.change_price(tx, market.shop, before.id, 3499)
        again = await trade.change_price(tx, market.shop, before.id, 3500)
    assert (again.state, again.paused_by) == ("open", None)
    assert (await market.order(await market.buyer(), again)).status_code == 201
    assert await audit(market.database) == {}


async def test_an_offer_below_its_floor_does_not_come_back_with_its_product(
    market: Market,
) -> None:
    before = await market.stock(10)
    async with market.database.begin() as tx:
        await trade.pause_offer(tx, market.shop, before.id, "product")
    slip = await weigh(market.database, market.world, 50_000, floor_fen_per_jin=700)
    async with market.database.begin() as tx:
        await supply.pack_lot(
            tx, market.world.who, market.shop, slip.lot_id, market.world.pack_id, 5
        )
    await market.pump()
    async with market.database.begin() as tx:
        held = await trade.resume_offer(tx, market.shop, before.id, "product")
    assert (held.state, held.paused_by) == ("paused", "floor")


async def test_a_price_of_the_catalog_below_the_floor_is_not_taken_and_the_seller_knows(
    market: Market,
) -> None:
    await market.seller("owner")
    before = await market.stock(10)
    cheap = PackIn(
        id=market.world.pack_id, name="5 斤装", unit="箱", net_g=2500, pieces=10, price_fen=800
    )
    async with market.database.begin() as tx:
        asked = product_in(packs=[cheap])
        await catalog.change_product(tx, market.shop, market.world.product.id, asked)
    await market.pump()
    assert (await market.standing()).price_fen == before.price_fen
    (told,) = await _inbox(market, "offer-below-floor")
    assert (told["price_fen"], told["floor_fen"]) == (800, 900)


async def test_boxes_of_a_retired_pack_are_sold_on(market: Market) -> None:
    before = await market.stock(3)
    slip = await weigh(market.database, market.world, 12_500)
    async with market.database.begin() as tx:
        # Packed before the pack was retired; told afterwards.
        await supply.pack_lot(
            tx, market.world.who, market.shop, slip.lot_id, market.world.pack_id, 2
        )
        new = await catalog.change_product(tx, market.shop, market.world.product.id, product_in())
    await market.pump()
    assert new.packs[0].pack_id != market.world.pack_id
    now = await market.standing()
    assert (now.id, now.state, now.units_left) == (before.id, "open", 5)
    placed = await market.paid_order(await market.buyer(), now, 5)
    seller = await market.seller()
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    assert (await seller.post(f"{path}/start-packing", json={})).status_code == 200
    assert (await seller.post(f"{path}/pack", json={"picks": None})).status_code == 200
    assert await audit(market.database) == {}


async def test_what_was_packed_before_its_pack_was_retired_gets_its_offer(market: Market) -> None:
    slip = await weigh(market.database, market.world, 12_500)
    async with market.database.begin() as tx:
        await supply.pack_lot(
            tx, market.world.who, market.shop, slip.lot_id, market.world.pack_id, 2
        )
        await catalog.change_product(tx, market.shop, market.world.product.id, product_in())
    await market.pump()
    now = await market.standing()
    assert (now.state, now.units_left) == ("open", 2)
