"""Refunds: whole and partial, once per key, through the port with its refusals, to the fen."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.web import Client
from tiantou.engines.pay_sandbox import PaySandbox
from tiantou.kit import clock
from tiantou.trade import errands, refunds
from tiantou.trade.money import ledger
from tiantou.trade.ports import GatewayDown, RefundAnswer, RefundAsked


async def _refund(
    client: Client, market: Market, placed: dict[str, Any], fen: int, key: str | None = None
) -> tuple[int, dict[str, Any]]:
    answer = await client.post(
        f"/api/orgs/{market.shop}/orders/{placed['order_id']}/refund",
        json={"amount_fen": fen, "reason": "少了一箱"},
        headers={"idempotency-key": key or str(uuid4())},
    )
    return answer.status_code, answer.json()


async def test_parts_and_the_rest_are_refunded_once_per_key(market: Market) -> None:
    offer = await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    placed = await market.paid_order(buyer, offer, 2)
    key = str(uuid4())
    both = await asyncio.gather(*(_refund(seller, market, placed, 1000, key) for _ in range(2)))
    assert {status for status, _ in both} == {200}
    assert (await _refund(seller, market, placed, 1001, key))[1]["type"] == "/problems/key-reused"
    await market.pump()
    order = await market.mine(buyer, placed)
    assert (order["state"], order["refunded_fen"], len(order["refunds"])) == ("paid", 1000, 1)

    status, problem = await _refund(seller, market, placed, 4981)
    assert (status, problem["left_fen"]) == (409, 4980)
    await _refund(seller, market, placed, 4980)
    order = await market.mine(buyer, placed)
    assert (order["state"], order["refunded_fen"], order["refunding_fen"]) == ("closed", 1000, 4980)
    await market.pump()
    order = await market.mine(buyer, placed)
    assert (order["refunded_fen"], order["refunding_fen"]) == (5980, 0)
    assert {one["state"] for one in order["refunds"]} == {"refunded"}
    assert (await market.standing()).units_left == 5
    assert (await _refund(seller, market, placed, 1))[0] == 409
    async with market.database.begin() as tx:
        assert await ledger.balanced(tx)
        whole = await tx.execute(
            text(
                "select body->>'whole' from trade.outbox where kind = 'trade.order-refunded'"
                " order by xid, id"
            )
        )
        assert list(whole.scalars()) == ["false", "true"]
    assert await audit(market.database) == {}


async def test_a_buyer_gets_all_back_before_shipping_and_boxes_go_back(market: Market) -> None:
    offer = await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    placed = await market.paid_order(buyer, offer, 2)
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    await seller.post(f"{path}/start-packing", json={})
    await seller.post(f"{path}/pack", json={"picks": None})
    mine = f"/api/me/orders/{market.shop}/{placed['order_id']}"
    for _ in range(2):
        key = {"idempotency-key": "the-same-tap"}
        answer = await buyer.post(f"{mine}/refund", json={"reason": "不想要了"}, headers=key)
        assert answer.status_code == 200, answer.text
    await market.pump()
    order = await market.mine(buyer, placed)
    assert (order["state"], order["refunded_fen"], order["picks"]) == ("closed", 5980, [])
    assert (await market.standing()).units_left == 5
    told = await seller.get(
        f"/api/orgs/{market.shop}/households/{market.world.household_id}/statement"
    )
    statement = told.json()
    assert (statement["gross_fen"], statement["taken_off_fen"], statement["owed_fen"]) == (
        2500,
        2500,
        0,
    )
    assert [line["kind"] for line in statement["lines"]] == ["delivered", "sold", "taken_off"]
    async with market.database.begin() as tx:
        left = await tx.scalar(text("select sum(grams) from supply.lot_balance"))
        assert left == 5 * 2500
    assert await audit(market.database) == {}


async def test_after_shipping_the_buyers_full_refund_is_refused(market: Market) -> None:
    offer = await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    placed = await market.paid_order(buyer, offer)
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    await seller.post(f"{path}/start-packing", json={})
    await seller.post(f"{path}/pack", json={"picks": None})
    await seller.post(f"{path}/ship", json={"carrier": "自送", "waybill": ""})
    mine = f"/api/me/orders/{market.shop}/{placed['order_id']}"
    answer = await buyer.post(f"{mine}/refund", json={"reason": "不想要了"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/wrong-step")
    assert (await _refund(seller, market, placed, 2990))[0] == 409
    assert (await _refund(seller, market, placed, 500))[0] == 200


async def test_no_key_of_a_seller_keeps_time_from_refunding(market: Market) -> None:
    offer = await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    placed = await market.paid_order(buyer, offer)
    assert (await _refund(seller, market, placed, 1, "hard_deadline"))[0] == 200
    await market.pump()
    await market.pass_time(days=30)
    order = await market.mine(buyer, placed)
    assert (order["state"], order["refunded_fen"]) == ("closed", 2990)
    assert await audit(market.database) == {}


async def test_a_gateway_that_fails_once_is_asked_again(market: Market) -> None:
    offer = await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    placed = await market.paid_order(buyer, offer, refunds="fail_once")
    await _refund(seller, market, placed, 2990)
    await market.pump()
    order = await market.mine(buyer, placed)
    assert (order["state"], order["refunds"][0]["state"]) == ("closed", "refund_failed")
    await market.pass_time(minutes=10)
    order = await market.mine(buyer, placed)
    assert (order["refunds"][0]["state"], order["refunded_fen"]) == ("refunded", 2990)
    assert await audit(market.database) == {}


async def _never(market: Market) -> tuple[Client, Client, Client, dict[str, Any]]:
    """Buyer, seller, operator, and an order whose whole refund the gateway has refused once."""
    offer = await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    operator = await market.site.person(market.database, market.keys, operator=True)
    placed = await market.paid_order(buyer, offer, refunds="fail")
    await _refund(seller, market, placed, 2990)
    await market.pump()
    return buyer, seller, operator, placed


async def test_a_gateway_that_never_will_leaves_a_visible_debt_paid_by_hand(
    market: Market,
) -> None:
    buyer, seller, operator, placed = await _never(market)
    for _ in range(2):
        await market.pass_time(hours=1)
    order = await market.mine(buyer, placed)
    assert order["refunds"][0]["state"] == "manual_refund"
    await market.pass_time(days=4)
    due = (await operator.get("/api/desk/refunds")).json()["items"]
    assert [(one["state"], one["amount_fen"]) for one in due] == [("owed", 2990)]
    assert (await seller.get("/api/desk/refunds")).status_code == 403
    path = f"/api/desk/refunds/{market.shop}/{due[0]['id']}/paid-by-hand"
    answer = await operator.post(path, json={"note": "银行转账 0721"})
    assert answer.status_code == 204, answer.text
    order = await market.mine(buyer, placed)
    assert (order["refunds"][0]["state"], order["refunded_fen"]) == ("refunded", 2990)
    assert await audit(market.database) == {}


@pytest.mark.parametrize("state", ["refund_failed", "manual_refund", "owed"])
async def test_a_gateway_that_paid_late_after_all_is_believed(market: Market, state: str) -> None:
    buyer, _, operator, placed = await _never(market)
    for spans in {"refund_failed": [], "manual_refund": [1, 1], "owed": [1, 1, 96]}[state]:
        await market.pass_time(hours=spans)
    (refund,) = (await market.mine(buyer, placed))["refunds"]
    assert refund["state"] == state
    refund_id = UUID(refund["id"])
    refused = RefundAnswer(state="refused", provider_no="", reason="again")
    paid = RefundAnswer(state="done", provider_no="late-1", reason="")
    async with market.database.begin() as tx:
        await refunds.hear(tx, market.shop, refund_id, refused)
    assert (await market.mine(buyer, placed))["refunds"][0]["state"] == state
    for _ in range(2):
        async with market.database.begin() as tx:
            await refunds.hear(tx, market.shop, refund_id, paid)
    order = await market.mine(buyer, placed)
    assert (order["refunds"][0]["state"], order["refunded_fen"]) == ("refunded", 2990)
    assert (await operator.get("/api/desk/refunds")).json()["items"] == []
    path = f"/api/desk/refunds/{market.shop}/{refund_id}/paid-by-hand"
    again = await operator.post(path, json={"note": "银行转账 0721"})
    assert again.json()["type"] == "/problems/wrong-step"
    await market.pass_time(days=5)
    assert await audit(market.database) == {}


class DownOnce(PaySandbox):
    """Does not answer the first time."""

    calls: list[UUID]

    async def refund(self, asked: RefundAsked) -> RefundAnswer:
        """Raises GatewayDown once."""
        self.calls.append(asked.refund_id)
        if len(self.calls) == 1:
            raise GatewayDown("as the test wants it")
        return await super().refund(asked)


async def test_a_gateway_that_is_down_is_asked_until_it_answers(market: Market) -> None:
    offer = await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    placed = await market.paid_order(buyer, offer)
    market.sandbox = down = DownOnce(market.keys, market.home / "pay", "")
    down.calls = []
    await _refund(seller, market, placed, 990)
    await market.pump()
    assert (await market.mine(buyer, placed))["refunds"][0]["state"] == "refunding"
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.refund set ask_at = now()"))
    await market.pump()
    assert (await market.mine(buyer, placed))["refunds"][0]["state"] == "refunded"
    assert len(down.calls) == 2
    assert len(set(down.calls)) == 1
    assert await audit(market.database) == {}


class Unheard(PaySandbox):
    """Sends the money back, and its answers are lost on the way."""

    async def refund(self, asked: RefundAsked) -> RefundAnswer:
        """Raises GatewayDown, having done it."""
        await super().refund(asked)
        raise GatewayDown("the answer was lost")

    async def refund_query(self, asked: RefundAsked) -> RefundAnswer | None:
        """Raises GatewayDown."""
        raise GatewayDown("no answer")


async def test_what_went_back_unheard_is_not_paid_by_hand_again(market: Market) -> None:
    offer = await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    placed, sandbox = await market.paid_order(buyer, offer), market.sandbox
    market.sandbox = Unheard(market.keys, market.home / "pay", "")
    await _refund(seller, market, placed, 990)
    for _ in range(5):
        await market.pass_time(days=2)
    operator = await market.site.person(market.database, market.keys, operator=True)
    due = (await operator.get("/api/desk/refunds")).json()["items"]
    assert [one["state"] for one in due] == ["manual_refund"]
    path = f"/api/desk/refunds/{market.shop}/{due[0]['id']}/paid-by-hand"
    market.sandbox = sandbox
    answer = await operator.post(path, json={"note": "银行转账"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-refunded")
    order = await market.mine(buyer, placed)
    assert (order["refunds"][0]["state"], order["refunded_fen"]) == ("refunded", 990)
    assert (await operator.post(path, json={"note": "银行转账"})).status_code == 409
    assert await audit(market.database) == {}


async def test_a_vendor_that_stays_down_is_asked_with_growing_pauses(market: Market) -> None:
    offer = await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    placed = await market.paid_order(buyer, offer)
    market.sandbox = Unheard(market.keys, market.home / "pay", "")
    await _refund(seller, market, placed, 990)
    pauses = []
    for _ in range(5):
        async with market.database.begin() as tx:
            await tx.execute(text("update trade.refund set ask_at = now()"))
        began = clock.now()
        assert await errands.run(market.database, market.gateways) == 1
        async with market.database.begin() as tx:
            ask_at = await tx.scalar(text("select ask_at from trade.refund"))
        assert ask_at is not None
        pauses.append(round((ask_at - began).total_seconds() / 5))
    assert pauses == [1, 2, 4, 8, 16]
    assert errands.pause(errands.DOWN_FIRST, 1000) == errands.PAUSE_MAX


async def test_the_book_is_never_rewritten_and_never_lopsided(market: Market) -> None:
    offer = await market.stock(5)
    await market.paid_order(await market.buyer(), offer)
    for statement in (
        "update trade.posting set amount_fen = amount_fen + 1",
        "delete from trade.entry",
        "update trade.entry set kind = 'fee'",
    ):
        with pytest.raises(Exception, match="append-only"):
            async with market.database.begin() as tx:
                await tx.execute(text(statement))
    lopsided = text(
        "with e as (insert into trade.entry (shop_id, entry_id, kind, phase, ref, at)"
        " select shop_id, uuidv7(), 'fee', 'direct', 'x', now() from trade.shop"
        " returning shop_id, entry_id)"
        " insert into trade.posting select shop_id, entry_id, 1, 'shop', 5 from e"
    )
    with pytest.raises(Exception, match="sums to 5 fen"):
        async with market.database.begin() as tx:
            await tx.execute(lopsided)
