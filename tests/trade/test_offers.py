"""Offers: stock from packing, flash prices in pools of their own, prices, terms, bases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.supply.world import weigh
from tests.trade.audit import audit
from tests.trade.market import Market
from tiantou.accounts.events import OrgAdmitted
from tiantou.catalog import face as catalog
from tiantou.catalog.face import PackIn
from tiantou.core.outbox import announce
from tiantou.core.problems import AlreadyThere, InvalidFields
from tiantou.kit import clock
from tiantou.supply import face as supply
from tiantou.trade import face as trade
from tiantou.trade import snapshots
from tiantou.trade.problems import BelowFloor, NotEnoughStock, SellerNotAdmitted
from tiantou.trade.views import OfferView


async def _flash(market: Market, units: int = 4, price_fen: int = 1990, **more: Any) -> OfferView:
    async with market.database.begin() as tx:
        return await trade.open_offer(
            tx,
            market.shop,
            market.world.pack_id,
            "flash",
            price_fen,
            units,
            more.pop("per_buyer", 2),
            closes_at=clock.now() + timedelta(minutes=more.pop("minutes", 5)),
        )


async def _stock(market: Market) -> tuple[int, int]:
    async with market.database.begin() as tx:
        (one,) = await trade.stock_of(tx, market.shop, [market.world.pack_id])
    return one.available, one.taken


async def _facts(market: Market, kind: str) -> list[dict[str, Any]]:
    async with market.database.begin() as tx:
        found = await tx.execute(
            text("select body from trade.outbox where kind = :kind order by xid, id"),
            {"kind": f"trade.{kind}"},
        )
        return [row.body for row in found]


async def test_packed_boxes_become_stock_once_and_raise_the_floor(market: Market) -> None:
    await market.stock(10)
    slip = await weigh(market.database, market.world, 50_000, floor_fen_per_jin=400)
    async with market.database.begin() as tx:
        await supply.pack_lot(
            tx, market.world.who, market.shop, slip.lot_id, market.world.pack_id, 5
        )
    await market.pump()
    async with market.database.begin() as tx:
        await tx.execute(text("update core.cursor set xid = '0', fact_id = :nil"),
                         {"nil": "00000000-0000-0000-0000-000000000000"})  # fmt: skip
    await market.pump()
    offer = await market.standing()
    assert (offer.units_left, offer.floor_fen) == (15, 2000)
    with pytest.raises(BelowFloor):
        async with market.database.begin() as tx:
            await trade.change_price(tx, market.shop, offer.id, 1999)
    assert await audit(market.database) == {}


async def test_a_flash_offer_moves_units_and_gives_the_rest_back(market: Market) -> None:
    standing = await market.stock(10)
    flash = await _flash(market)
    assert (flash.units_left, (await market.standing()).units_left) == (4, 6)
    assert flash.base is not None
    assert (flash.base.kind, flash.base.price_fen) == ("usual", 2990)
    first, second = await market.buyer(), await market.buyer()
    taken = await market.order(first, flash, 2)
    assert taken.status_code == 201
    limit = await market.order(first, flash, 1)
    assert (limit.status_code, limit.json()["limit"], limit.json()["bought"]) == (409, 2, 2)
    assert (await market.order(second, standing, 1)).status_code == 201
    await market.pass_time(minutes=6)
    assert await _stock(market) == (7, 1)
    closed = await market.order(second, flash, 1)
    assert closed.json()["type"] == "/problems/offer-closed"
    # The unit held by an unpaid flash order comes back to the stock after the offer is over.
    placed = taken.json()
    await first.post(f"/api/me/orders/{placed['shop_id']}/{placed['order_id']}/cancel", json={})
    assert await _stock(market) == (9, 1)
    edges = [(fact["offer_id"], fact["edge"]) for fact in await _facts(market, "stock-edge")]
    assert (str(flash.id), "sold_out") not in edges
    assert [fact["offer_kind"] for fact in await _facts(market, "offer-closed")] == ["flash"]
    assert await audit(market.database) == {}


async def test_more_than_the_stock_is_not_promised(market: Market) -> None:
    await market.stock(3)
    with pytest.raises(NotEnoughStock) as refused:
        await _flash(market, 4)
    assert refused.value.members == {"units_left": 3}
    with pytest.raises(BelowFloor):
        await _flash(market, 1, 899)
    with pytest.raises(AlreadyThere):
        async with market.database.begin() as tx:
            await trade.open_offer(tx, market.shop, market.world.pack_id, "standing", 1000)
    with pytest.raises(InvalidFields):
        await _flash(market, 0)
    flash = await _flash(market, 2)
    async with market.database.begin() as tx:
        more = await trade.add_units(tx, market.shop, flash.id, 1)
    assert more.units_left == 3
    assert await _stock(market) == (0, 0)
    assert await audit(market.database) == {}


async def test_the_base_is_the_lowest_deal_of_the_seven_days_before(market: Market) -> None:
    offer = await market.stock(10)
    buyer = await market.buyer()
    await market.paid_order(buyer, offer)
    async with market.database.begin() as tx:
        cheaper = await trade.change_price(tx, market.shop, offer.id, 2490)
    assert cheaper.base is not None
    assert (cheaper.base.kind, cheaper.base.price_fen) == ("lowest_7d", 2990)
    await market.paid_order(buyer, cheaper)
    flash = await _flash(market, 1, 1990)
    assert flash.base is not None
    assert (flash.base.kind, flash.base.price_fen) == ("lowest_7d", 2490)
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.orders set paid_at = paid_at - interval '8 days'"))
        await trade.close_offer(tx, market.shop, flash.id)
        dearer = await trade.change_price(tx, market.shop, offer.id, 3990)
    assert dearer.base is None


async def test_a_price_and_terms_in_force_are_those_of_the_moment(market: Market) -> None:
    seen = await market.stock(10)
    buyer = await market.buyer()
    async with market.database.begin() as tx:
        promised = await trade.set_terms(tx, market.shop, seen.id, "live", {"坏果包赔": True})
        again = await trade.set_terms(tx, market.shop, seen.id, "live", {"坏果包赔": True})
        document = await trade.document(tx, market.shop, promised.snapshot)
    assert again.snapshot == promised.snapshot
    assert document is not None
    assert document["terms"] == {"live": {"坏果包赔": True}}
    assert snapshots.hash_of(document).hex() == promised.snapshot
    answer = await market.order(buyer, seen)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/terms-changed")
    assert answer.json()["snapshot"] == promised.snapshot
    placed = (await market.order(buyer, promised)).json()

    async with market.database.begin() as tx:
        await trade.change_price(tx, market.shop, seen.id, 2790)
    answer = await market.order(buyer, promised)
    assert (answer.json()["type"], answer.json()["price_fen"]) == ("/problems/price-changed", 2790)
    order = await market.mine(buyer, placed)
    assert (order["lines"][0]["price_fen"], order["snapshot"]) == (2990, promised.snapshot)
    assert [fact["price_fen"] for fact in await _facts(market, "offer-price-changed")] == [2790]


async def test_offers_follow_their_product(market: Market) -> None:
    before = await market.stock(10)
    product = market.world.product
    pack = product.packs[0]

    async def change(state: str | None = None, price_fen: int = 2990, **more: Any) -> None:
        asked = catalog.ProductIn(
            title=more.get("title", product.title),
            variety_id=product.variety.id,
            grade=product.grade,
            description="",
            origin_code=product.origin_code,
            origin_names="湖北省黄冈市武穴市",
            photos=product.photos,
            fresh=True,
            packs=[
                PackIn(
                    id=pack.pack_id,
                    name=pack.name,
                    unit=pack.unit,
                    net_g=pack.net_g,
                    pieces=10,
                    price_fen=price_fen,
                )
            ],
        )
        async with market.database.begin() as tx:
            await catalog.change_product(tx, market.shop, product.id, asked, state)
        await market.pump()

    async with market.database.begin() as tx:
        await trade.change_price(tx, market.shop, before.id, 2590)
    await change(title="武穴脐橙 新果")
    after = await market.standing()
    assert (after.price_fen, after.snapshot != before.snapshot) == (2590, True)
    await change(price_fen=3190)
    assert (await market.standing()).price_fen == 3190
    await change("off", 3190)
    assert (await market.standing()).state == "paused"
    answer = await market.order(await market.buyer(), await market.standing())
    assert answer.json()["type"] == "/problems/offer-closed"
    await change("on", 3190)
    assert (await market.standing()).state == "open"
    async with market.database.begin() as tx:
        await trade.pause_offer(tx, market.shop, before.id, "recall")
    await change("on", 3190)
    assert (await market.standing()).state == "paused"


async def test_what_was_packed_while_its_product_was_off_is_on_offer_when_it_is_on(
    market: Market,
) -> None:
    async def switch(state: str) -> list[OfferView]:
        async with market.database.begin() as tx:
            await catalog.switch_product(tx, market.shop, market.world.product.id, state)
        await market.pump()
        async with market.database.begin() as tx:
            return await trade.offers_of_packs(tx, market.shop, [market.world.pack_id])

    await switch("off")
    slip = await weigh(market.database, market.world, 25_000)
    async with market.database.begin() as tx:
        await supply.pack_lot(
            tx, market.world.who, market.shop, slip.lot_id, market.world.pack_id, 10
        )
    assert await switch("off") == []
    (offer,) = await switch("on")
    assert (offer.kind, offer.state, offer.units_left) == ("standing", "open", 10)
    assert [one.id for one in await switch("on")] == [offer.id]


async def test_a_hosts_fee_is_on_what_was_paid_for_goods(market: Market) -> None:
    offer = await market.stock(10)
    origin = f"live:{market.shop}"
    async with market.database.begin() as tx:
        await trade.set_fee(tx, market.shop, origin, 150)
    buyer, seller = await market.buyer(), await market.seller()
    placed = await market.paid_order(buyer, offer, 2, origin=origin)
    await market.deliver_and_refund(seller, placed)
    await buyer.post(f"/api/me/orders/{market.shop}/{placed['order_id']}/confirm", json={})
    money = (await seller.get(f"/api/orgs/{market.shop}/money")).json()
    assert (money["fee_fen"], money["balanced"]) == (750, True)
    assert money["balance_fen"] == 5980 - 980 - 750 - 2500
    async with market.database.begin() as tx:
        sales = await trade.sales_of(tx, origin)
    assert (sales.orders, sales.units, sales.paid_fen, sales.refunded_fen) == (1, 2, 5980, 980)
    assert await audit(market.database) == {}


async def test_only_an_admitted_seller_sells_and_buyers_see_who_he_is(market: Market) -> None:
    rename = text("update accounts.organization set state = :state, name = :name")
    admit = OrgAdmitted(
        org_id=market.shop, kind_of_org="coop", name="橙光合作社", division_code="421182"
    )
    async with market.database.begin() as tx:
        await tx.execute(rename, {"state": "applied", "name": "橙光合作社"})
    slip = await weigh(market.database, market.world, 25_000)
    async with market.database.begin() as tx:
        await supply.pack_lot(
            tx, market.world.who, market.shop, slip.lot_id, market.world.pack_id, 10
        )
    await market.pump()
    async with market.database.begin() as tx:
        assert await trade.offers_of_packs(tx, market.shop, [market.world.pack_id]) == []
    with pytest.raises(SellerNotAdmitted):
        await _flash(market)
    async with market.database.begin() as tx:
        await tx.execute(rename, {"state": "admitted", "name": "橙光合作社"})
        await announce(tx, admit)
    await market.pump()
    first = await market.standing()
    assert (first.units_left, first.floor_fen) == (10, 900)
    async with market.database.begin() as tx:
        await tx.execute(rename, {"state": "admitted", "name": "新橙光合作社"})
        await announce(tx, admit)
    await market.pump()
    async with market.database.begin() as tx:
        document = await trade.document(tx, market.shop, (await market.standing()).snapshot)
    assert document is not None
    assert document["seller"]["name"] == "新橙光合作社"
