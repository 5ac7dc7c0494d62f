"""Money moves only after verification: forged, stale, foreign and replayed words change nothing."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.web import Client
from tiantou.core.keys import Keys
from tiantou.engines.pay_sandbox import PATH, PaySandbox, Said
from tiantou.kit import clock
from tiantou.trade import expiry

CALLBACK = "/api/payments/sandbox/callback"


async def _begun(market: Market) -> tuple[Client, dict[str, Any], Said]:
    offer = await market.stock(3)
    buyer = await market.buyer()
    placed = (await market.order(buyer, offer)).json()
    payment_id = await market.begin_payment(buyer, placed)
    return buyer, placed, Said(payment_id, "paid", placed["amount_fen"], f"SBX{uuid4().hex[:12]}")


def _body(said: Said) -> bytes:
    return json.dumps(
        {
            "payment_id": str(said.payment_id),
            "state": said.state,
            "amount_fen": said.amount_fen,
            "provider_no": said.provider_no,
        }
    ).encode()


async def _call(market: Market, body: bytes, signature: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=market.url) as provider:
        headers = {"sandbox-signature": signature, "content-type": "application/json"}
        return await provider.post(CALLBACK, content=body, headers=headers)


async def test_forged_stale_and_foreign_callbacks_change_nothing_and_are_logged(
    market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    buyer, placed, said = await _begun(market)
    body = _body(said)
    good = market.sandbox.sign(body)
    stranger = PaySandbox(
        Keys((b"another root secret, not ours at all",)), market.sandbox._home, ""
    )
    bigger = _body(Said(said.payment_id, "paid", said.amount_fen + 1, said.provider_no))
    wrong = {
        "forged": [
            (body, stranger.sign(body)),
            (bigger, good),
            (body, good[:-1] + ("1" if good[-1] == "0" else "0")),
        ],
        "malformed": [(body, ""), (body, "t=1"), (body, "t=x,n=" + "0" * 32 + ",v=0")],
    }
    old = clock.now() - timedelta(minutes=6)
    wrong["stale"] = [(body, market.sandbox.sign(body, old))]
    for reason, calls in wrong.items():
        for content, signature in calls:
            answer = await _call(market, content, signature)
            assert answer.status_code == 403
            assert answer.json()["type"] == "/problems/callback-refused"
            assert answer.json()["reason"] == reason
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"
    async with market.database.begin() as tx:
        assert await tx.scalar(text("select count(*) from trade.payment_notice")) == 0
        assert await tx.scalar(text("select count(*) from trade.entry")) == 0
    assert "callback was refused" in caplog.text
    assert good not in caplog.text


async def test_a_replayed_callback_is_refused_and_a_repeated_one_changes_nothing(
    market: Market,
) -> None:
    buyer, placed, said = await _begun(market)
    body = _body(said)
    once = market.sandbox.sign(body)
    assert (await _call(market, body, once)).status_code == 204
    again = await _call(market, body, once)
    assert (again.status_code, again.json()["reason"]) == (403, "replayed")
    assert (await _call(market, body, market.sandbox.sign(body))).status_code == 204
    order = await market.mine(buyer, placed)
    assert (order["state"], order["paid_fen"]) == ("paid", placed["amount_fen"])
    async with market.database.begin() as tx:
        assert await tx.scalar(text("select count(*) from trade.entry")) == 1
    assert await audit(market.database) == {}


async def test_a_number_that_is_another_payments_is_refused_and_changes_nothing(
    market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    offer, buyer = await market.stock(3), await market.buyer()
    first, second = [(await market.order(buyer, offer)).json() for _ in range(2)]
    for order, status in ((first, 204), (second, 403)):
        payment_id = await market.begin_payment(buyer, order)
        body = _body(Said(payment_id, "paid", order["amount_fen"], "SBXTHESAME"))
        answer = await _call(market, body, market.sandbox.sign(body))
        assert answer.status_code == status, answer.text
    assert answer.json()["reason"] == "number-reused"
    assert (await market.mine(buyer, first))["state"] == "paid"
    assert (await market.mine(buyer, second))["state"] == "pending_payment"
    assert "the number of another payment" in caplog.text
    assert await audit(market.database) == {}


async def test_two_callbacks_of_one_number_at_once_pay_one_order(market: Market) -> None:
    offer, buyer = await market.stock(3), await market.buyer()
    bodies = []
    for _ in range(2):
        order = (await market.order(buyer, offer)).json()
        payment_id = await market.begin_payment(buyer, order)
        bodies.append(_body(Said(payment_id, "paid", order["amount_fen"], "SBXRIVALS")))
    both = await asyncio.gather(
        *(_call(market, body, market.sandbox.sign(body)) for body in bodies)
    )
    assert sorted(answer.status_code for answer in both) == [204, 403]
    assert await audit(market.database) == {}


async def test_a_callback_in_another_providers_name_is_not_taken(market: Market) -> None:
    buyer, placed, said = await _begun(market)
    body = _body(said)
    headers = {"sandbox-signature": market.sandbox.sign(body), "content-type": "application/json"}
    async with httpx.AsyncClient(base_url=market.url) as provider:
        path = CALLBACK.replace("sandbox", "other")
        answer = await provider.post(path, content=body, headers=headers)
    assert answer.json()["type"] == "/problems/not-found"
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"


async def test_another_amount_or_payment_is_refused(market: Market) -> None:
    buyer, placed, said = await _begun(market)
    less = _body(Said(said.payment_id, "paid", said.amount_fen - 1, said.provider_no))
    answer = await _call(market, less, market.sandbox.sign(less))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/amount-differs")
    strange = _body(Said(uuid4(), "paid", said.amount_fen, said.provider_no))
    assert (await _call(market, strange, market.sandbox.sign(strange))).status_code == 404
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"


async def test_the_providers_page_pays_by_a_real_redirect_and_callback(market: Market) -> None:
    offer = await market.stock(3)
    buyer = await market.buyer()
    placed = (await market.order(buyer, offer)).json()
    answer = await buyer.post(
        f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay",
        json={"return_to": "/paid/here"},
    )
    url = answer.json()["redirect_url"]
    assert url.startswith(PATH)
    page = await buyer.get(url)
    assert page.status_code == 200
    assert "29.90" in page.text and "DEMO" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (await buyer.get(url.split("?")[0])).status_code == 404

    token = url.partition("?s=")[2]
    form = {"s": token, "choice": "paid", "refunds": "done"}
    sent = await buyer.post(url.split("?")[0], data=form)
    assert (sent.status_code, sent.headers["location"]) == (303, "/paid/here")
    assert (await market.mine(buyer, placed))["state"] == "paid"
    assert "已经处理" in (await buyer.get(url)).text


async def test_refused_timed_out_and_begun_again(market: Market) -> None:
    buyer, placed, said = await _begun(market)
    assert await market.begin_payment(buyer, placed) == said.payment_id
    await market.sandbox.choose(said.payment_id, "refused", "done")
    order = await market.mine(buyer, placed)
    assert (order["state"], order["payment"]["state"]) == ("pending_payment", "refused")
    second = await market.begin_payment(buyer, placed)
    assert second != said.payment_id
    await market.sandbox.choose(second, "timed_out", "done")
    order = await market.mine(buyer, placed)
    assert order["payment"] == {"state": "started", "tries": 2}
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.payment set ends_at = now()"))
    await expiry.sweep(market.database)
    assert (await market.mine(buyer, placed))["payment"]["state"] == "lapsed"


async def test_a_lost_callback_is_asked_for(market: Market) -> None:
    buyer, placed, said = await _begun(market)
    unheard = PaySandbox(market.keys, market.home / "pay", "http://127.0.0.1:1/nobody")
    await unheard.choose(said.payment_id, "paid", "done")
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"
    await market.pass_time(minutes=2)
    assert (await market.mine(buyer, placed))["state"] == "paid"
    assert await audit(market.database) == {}


async def test_money_for_an_expired_order_goes_back_by_rule_and_is_noted(market: Market) -> None:
    buyer, placed, said = await _begun(market)
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.orders set pay_before_at = now()"))
    assert await expiry.sweep(market.database) == 1
    assert (await market.standing()).units_left == 3
    await market.sandbox.choose(said.payment_id, "paid", "done")
    await market.pump()
    order = await market.mine(buyer, placed)
    assert (order["state"], order["paid_fen"], order["payment"]["state"]) == (
        "cancelled",
        0,
        "returned",
    )
    assert [(r["amount_fen"], r["reason"], r["state"]) for r in order["refunds"]] == [
        (placed["amount_fen"], "late_money", "refunded")
    ]
    async with market.database.begin() as tx:
        kinds = (await tx.execute(text("select kind, phase from trade.entry order by seq"))).all()
        assert [tuple(row) for row in kinds] == [
            ("late", "direct"),
            ("late_back", "pending"),
            ("late_back", "post"),
        ]
        told = await tx.scalar(
            text("select count(*) from accounts.message where kind = 'late-money-returned'")
        )
        assert told == 1
    assert await audit(market.database) == {}


async def test_the_browser_comes_back_to_us_only(market: Market) -> None:
    offer, buyer = await market.stock(3), await market.buyer()
    placed = (await market.order(buyer, offer)).json()
    pay = f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay"
    for path in ("https://evil.example", "//evil.example", "/\\evil", "me", "/\n"):
        assert (await buyer.post(pay, json={"return_to": path})).status_code == 422
