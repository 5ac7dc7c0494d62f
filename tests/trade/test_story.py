"""From the stocked box to the paid grower, over HTTP, each step seen by who should see it."""

from typing import Any

from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import TO, Market
from tests.web import Client
from tiantou.trade.money import ledger


async def _act(client: Client, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await client.post(path, json=body or {})
    assert answer.status_code in {200, 201}, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_order_from_tap_to_the_growers_money(market: Market) -> None:
    offer = await market.stock(10)
    assert (offer.units_left, offer.price_fen, offer.floor_fen) == (10, 2990, 900)
    buyer, seller = await market.buyer(), await market.seller()

    detail = (await buyer.get(f"/api/offers/{market.shop}/{offer.id}")).json()
    assert detail["document"]["product"]["title"] == "武穴脐橙"
    assert detail["document"]["pack"]["unit"] == "箱"
    assert detail["document"]["seller"]["address"].startswith("湖北省黄冈市武穴市")

    answer = await market.order(buyer, offer, 2, note=" 快 点 ")
    assert answer.status_code == 201, answer.text
    placed = answer.json()
    assert (placed["state"], placed["amount_fen"]) == ("pending_payment", 5980)
    assert (await market.standing()).units_left == 8
    order = await market.mine(buyer, placed)
    assert order["may"] == ["pay", "cancel"]
    assert order["recipient"]["detail"] == TO["detail"]

    payment_id = await market.begin_payment(buyer, placed)
    await market.sandbox.choose(payment_id, "paid", "done")
    await market.pump()
    order = await market.mine(buyer, placed)
    assert (order["state"], order["paid_fen"], order["payment"]) == (
        "paid",
        5980,
        {"state": "paid", "tries": 1},
    )

    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    assert (await _act(seller, f"{path}/start-packing"))["state"] == "packing"
    packed = await _act(seller, f"{path}/pack", {"picks": None})
    assert packed["state"] == "packed"
    assert [pick["boxes"] for pick in packed["picks"]] == [2]
    assert packed["recipient"]["phone"] == TO["phone"]
    shipped = await _act(seller, f"{path}/ship", {"carrier": "顺丰", "waybill": "SF1234567890123"})
    assert (shipped["state"], shipped["parcel"]["carrier_name"]) == ("shipped", "顺丰")
    assert (await _act(seller, f"{path}/delivered"))["state"] == "delivered"
    await market.pump()
    mine = f"/api/me/orders/{market.shop}/{placed['order_id']}"
    done = await _act(buyer, f"{mine}/confirm")
    assert done["state"] == "completed"
    states = [step["state"] for step in done["timeline"]]
    assert states == [
        "pending_payment", "paid", "packing", "packed", "shipped", "delivered", "completed",
    ]  # fmt: skip
    assert (await seller.get(path)).json()["recipient"] is None

    await _household_is_paid(market, seller)
    assert await audit(market.database) == {}


async def _household_is_paid(market: Market, seller: Client) -> None:
    """Two boxes of 2,500 g at 2.50 yuan a 斤: 25.00 yuan, due a week later, paid with evidence."""
    path = f"/api/orgs/{market.shop}/households/{market.world.household_id}"
    told = (await seller.get(f"{path}/statement")).json()
    assert (told["delivered_g"], told["sold_g"]) == (25_000, 5_000)
    assert (told["gross_fen"], told["owed_fen"], told["paid_fen"]) == (2500, 2500, 0)
    assert told["due_at"] is not None
    assert [line["kind"] for line in told["lines"]] == ["delivered", "sold"]
    page = await seller.get(f"{path}/statement/print")
    assert "农户结算单" in page.text and "25.00" in page.text

    payout = {"method": "cash", "evidence": None, "note": "", "paid_on": "2026-01-01"}
    more = await seller.post(f"{path}/payouts", json={**payout, "amount_fen": 2501})
    assert (more.status_code, more.json()["owed_fen"]) == (409, 2500)
    told = await _act(seller, f"{path}/payouts", {**payout, "amount_fen": 2500})
    assert (told["owed_fen"], told["paid_fen"], told["due_at"]) == (0, 2500, None)

    money = (await seller.get(f"/api/orgs/{market.shop}/money")).json()
    assert money["balanced"] is True
    assert (money["paid_fen"], money["refunded_fen"], money["fee_fen"]) == (5980, 0, 0)
    assert (money["owed_growers_fen"], money["paid_growers_fen"]) == (0, 2500)
    assert money["balance_fen"] == 5980 - 2500
    assert [entry["what"] for entry in money["entries"]] == ["payout", "owed", "pay"]


async def test_nobody_sees_or_does_what_is_not_his(market: Market) -> None:
    offer = await market.stock(3)
    buyer, other, packer = await market.buyer(), await market.buyer(), await market.seller("packer")
    placed = await market.paid_order(buyer, offer)
    mine = f"/api/me/orders/{market.shop}/{placed['order_id']}"
    theirs = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    nobody = market.site.client()
    assert (await nobody.get(mine)).status_code == 401
    assert (await market.order(nobody, offer)).status_code == 401
    for path in (f"{mine}/confirm", f"{mine}/cancel"):
        assert (await other.post(path, json={})).status_code == 404
    assert (await other.post(f"{mine}/refund", json={"reason": "不要了"})).status_code == 404
    assert (await other.get(theirs)).status_code == 404
    assert (await packer.get(theirs)).status_code == 200
    refused = await packer.post(f"{theirs}/refund", json={"amount_fen": 1, "reason": "坏了"})
    assert refused.status_code == 403
    assert (await packer.get(f"/api/orgs/{market.shop}/money")).status_code == 403


async def test_a_wrong_step_is_refused_and_changes_nothing(market: Market) -> None:
    offer = await market.stock(3)
    buyer, seller = await market.buyer(), await market.seller()
    placed = (await market.order(buyer, offer)).json()
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    for act, body in (
        ("start-packing", {}),
        ("pack", {"picks": None}),
        ("ship", {"carrier": "顺丰", "waybill": "SF1234567890123"}),
    ):
        answer = await seller.post(f"{path}/{act}", json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/wrong-step")
    cancelled = await _act(buyer, f"/api/me/orders/{market.shop}/{placed['order_id']}/cancel")
    assert cancelled["state"] == "cancelled"
    assert (await market.standing()).units_left == 3
    assert await audit(market.database) == {}


async def test_time_alone_brings_an_order_to_an_end(market: Market) -> None:
    """Delivered and silent: complete after 48 h. Sent and never scanned: closed and refunded."""
    offer = await market.stock(4)
    buyer, seller = await market.buyer(), await market.seller()
    silent, lost, forgotten = [await market.paid_order(buyer, offer) for _ in range(3)]
    for number, placed in enumerate((silent, lost)):
        path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
        await _act(seller, f"{path}/start-packing")
        await _act(seller, f"{path}/pack", {"picks": None})
        waybill = f"SF123456789012{number}"
        await _act(seller, f"{path}/ship", {"carrier": "顺丰", "waybill": waybill})
    await _act(seller, f"/api/orgs/{market.shop}/orders/{silent['order_id']}/delivered")
    await market.pass_time(hours=49)
    assert (await market.mine(buyer, silent))["state"] == "completed"
    assert (await market.mine(buyer, lost))["state"] == "shipped"
    await market.pass_time(hours=73)
    assert (await market.mine(buyer, lost))["state"] == "exception"
    await market.pass_time(days=7, hours=1)
    closed = await market.mine(buyer, lost)
    assert (closed["state"], closed["refunded_fen"]) == ("closed", closed["paid_fen"])
    await market.pass_time(days=12)
    assert (await market.mine(buyer, forgotten))["state"] == "closed"
    assert await audit(market.database) == {}
    async with market.database.begin() as tx:
        assert await ledger.balanced(tx)
        told = await tx.execute(text("select kind from accounts.message order by 1"))
        kinds = {row.kind for row in told}
    assert {"order-shipped", "order-delivered", "order-refunded"} <= kinds


async def test_a_slip_is_owed_when_its_boxes_are_packed_and_paid_when_all_is(
    market: Market,
) -> None:
    offer = await market.stock(3)
    buyer, seller = await market.buyer(), await market.seller()

    async def state() -> str:
        async with market.database.begin() as tx:
            return str(await tx.scalar(text("select state from supply.slip")))

    async def sell(units: int) -> None:
        placed = await market.paid_order(buyer, offer, units)
        path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
        await _act(seller, f"{path}/start-packing")
        await _act(seller, f"{path}/pack", {"picks": None})
        await market.pump()

    path = f"/api/orgs/{market.shop}/households/{market.world.household_id}/payouts"
    payout = {"method": "bank", "evidence": None, "note": "", "paid_on": "2026-01-01"}
    assert await state() == "agreed"
    await sell(2)
    assert await state() == "owed"
    await _act(seller, path, {**payout, "amount_fen": 2500})
    assert await state() == "owed"
    await sell(1)
    await _act(seller, path, {**payout, "amount_fen": 1250})
    assert await state() == "paid"
    assert await audit(market.database) == {}
