"""Boxes of a lot that is held are not for sale, however they come back into it."""

from uuid import UUID

from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import Market
from tiantou.supply import acts


async def test_a_packed_order_of_a_held_lot_that_is_called_off_sells_nothing(
    market: Market,
) -> None:
    await market.stock(10)
    seller, buyer = await market.seller("owner"), await market.buyer()
    placed = await market.paid_order(buyer, await market.standing(), 4)
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    for act, body in (("start-packing", {}), ("pack", {"picks": None})):
        assert (await seller.post(f"{path}/{act}", json=body)).status_code == 200
    lot = UUID((await seller.get(path)).json()["picks"][0]["lot_id"])
    async with market.database.begin() as tx:
        await acts.hold(tx, market.world.who, market.shop, lot, "有人说坏果多")
    await market.pump()
    assert (await market.standing()).units_left == 0

    paid = {"amount_fen": placed["amount_fen"], "reason": "这批先不发"}
    assert (await seller.post(f"{path}/refund", json=paid)).status_code == 200
    await market.pump()
    assert (await seller.get(path)).json()["state"] == "closed"
    assert (await market.standing()).units_left == 0
    async with market.database.begin() as tx:
        await acts.release(tx, market.world.who, market.shop, lot, "查过，没事")
    await market.pump()
    assert (await market.standing()).units_left == 10
    async with market.database.begin() as tx:
        taken = await tx.scalar(text("select sum(taken) from trade.pool where kind = 'stock'"))
    assert taken == 0
    assert await audit(market.database) == {}
