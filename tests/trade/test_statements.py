"""What households are told and paid when sales end in other ways than well."""

from typing import Any

from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.web import Client


async def _act(client: Client, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await client.post(path, json=body or {})
    assert answer.status_code in {200, 201}, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _packed(market: Market, buyer: Client, seller: Client) -> str:
    """One box of a lot of its own, sold and packed; the order's path for the seller."""
    placed = await market.paid_order(buyer, await market.stock(1))
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    await _act(seller, f"{path}/start-packing")
    await _act(seller, f"{path}/pack", {"picks": None})
    await market.pump()
    return path


async def test_goods_that_came_back_pay_for_nothing_that_was_sold(market: Market) -> None:
    buyer, seller = await market.buyer(), await market.seller()
    sold = await _packed(market, buyer, seller)
    back = await _packed(market, buyer, seller)
    refund = {"amount_fen": 2990, "reason": "不想要了"}
    await _act(seller, f"{back}/refund", refund)
    await _act(seller, f"{sold}/ship", {"carrier": "自送", "waybill": ""})
    await _act(seller, f"{sold}/delivered")
    await market.pass_time(hours=49)
    home = f"/api/orgs/{market.shop}/households/{market.world.household_id}"
    told = (await seller.get(f"{home}/statement")).json()
    assert (told["gross_fen"], told["taken_off_fen"], told["owed_fen"]) == (2500, 1250, 1250)
    due = [line["due_at"] for line in told["lines"] if line["kind"] == "sold"]
    assert due[1] is None
    assert told["due_at"] == due[0] is not None

    payout = {"method": "cash", "evidence": None, "note": "", "paid_on": "2026-01-01"}
    told = await _act(seller, f"{home}/payouts", {**payout, "amount_fen": 1})
    assert told["due_at"] == due[0]
    states = text("select state from supply.slip order by id")
    async with market.database.begin() as tx:
        assert list((await tx.execute(states)).scalars()) == ["owed", "owed"]
    told = await _act(seller, f"{home}/payouts", {**payout, "amount_fen": 1249})
    assert (told["owed_fen"], told["due_at"]) == (0, None)
    async with market.database.begin() as tx:
        assert list((await tx.execute(states)).scalars()) == ["paid", "owed"]
    assert await audit(market.database) == {}


async def test_a_grower_is_due_what_the_seller_refunded_after_delivery(market: Market) -> None:
    buyer, seller = await market.buyer(), await market.seller()
    path = await _packed(market, buyer, seller)
    await _act(seller, f"{path}/ship", {"carrier": "自送", "waybill": ""})
    await _act(seller, f"{path}/delivered")
    await _act(seller, f"{path}/refund", {"amount_fen": 2990, "reason": "到货全坏"})
    await market.pump()
    told = (
        await seller.get(
            f"/api/orgs/{market.shop}/households/{market.world.household_id}/statement"
        )
    ).json()
    assert told["owed_fen"] == 1250
    assert told["due_at"] is not None
    assert await audit(market.database) == {}
