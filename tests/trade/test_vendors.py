"""Every case of paying, by both providers' protocols, over HTTP, with real signatures.

The simulators stand in tests/vendors; they share no code with the adapters.
"""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.vendors.base import Trade, Vendor, call_back
from tests.web import Client
from tiantou.trade import expiry
from tiantou.trade.money import ledger

WHERE = {"wechat": "desk", "alipay": "phone"}


async def begun(market: Market, vendor: Vendor) -> tuple[Client, dict[str, Any], Trade]:
    """An order, and its payment where its buyer has gone to the provider's page."""
    offer = await market.stock(3)
    buyer = await market.buyer()
    placed = (await market.order(buyer, offer)).json()
    payment_id = await begin(market, vendor, buyer, placed)
    return buyer, placed, vendor.trade_of(payment_id)


async def begin(market: Market, vendor: Vendor, buyer: Client, placed: dict[str, Any]) -> UUID:
    """A payment, begun; the buyer's browser goes where it is sent."""
    answer = await buyer.post(
        f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay",
        json={"return_to": "/paid", "where": WHERE[vendor.name], "provider": vendor.name},
    )
    assert answer.status_code == 200, answer.text
    payment_id, url = UUID(answer.json()["payment_id"]), answer.json()["redirect_url"]
    if url == f"/pay/{payment_id}":
        shown = (await buyer.get(f"/api/payments/{payment_id}")).json()
        assert shown["qr"].startswith("data:image/svg+xml")
        async with market.database.begin() as tx:
            asked = text("select code from trade.payment where payment_id = :id")
            url = await tx.scalar(asked, {"id": payment_id})
    assert vendor.opened(url).out_no == payment_id.hex
    return payment_id


async def bought(market: Market, vendor: Vendor) -> tuple[Client, dict[str, Any], Trade]:
    """An order that was paid, and the provider has said so."""
    buyer, placed, trade = await begun(market, vendor)
    vendor.pay(trade)
    answer = await call_back(market.url, vendor.name, vendor.notice(trade))
    assert answer.status_code in {200, 204}, answer.text
    return buyer, placed, trade


async def refund(market: Market, placed: dict[str, Any], fen: int) -> None:
    """The seller gives some of the money back."""
    seller = await market.seller()
    answer = await seller.post(
        f"/api/orgs/{market.shop}/orders/{placed['order_id']}/refund",
        json={"amount_fen": fen, "reason": "少了一箱"},
        headers={"idempotency-key": str(uuid4())},
    )
    assert answer.status_code == 200, answer.text
    await market.pump()


async def in_book(market: Market) -> list[tuple[str, str]]:
    """The entries of the book, which adds up."""
    assert await audit(market.database) == {}
    async with market.database.begin() as tx:
        assert await ledger.balanced(tx)
        rows = await tx.execute(text("select kind, phase from trade.entry order by seq"))
        return [(row.kind, row.phase) for row in rows]


async def test_an_order_is_paid_by_redirect_and_callback(market: Market, vendor: Vendor) -> None:
    buyer, placed, trade = await begun(market, vendor)
    assert (trade.fen, trade.state) == (placed["amount_fen"], "waiting")
    assert trade.notify_url == f"{market.url}/api/payments/{vendor.name}/callback"
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"
    vendor.pay(trade)
    answer = await call_back(market.url, vendor.name, vendor.notice(trade), trade.notify_url)
    assert answer.content == (b"success" if vendor.name == "alipay" else b"")
    order = await market.mine(buyer, placed)
    assert (order["state"], order["paid_fen"]) == ("paid", placed["amount_fen"])
    assert await in_book(market) == [("pay", "direct")]


async def test_the_same_payment_is_given_again(market: Market, vendor: Vendor) -> None:
    buyer, placed, trade = await begun(market, vendor)
    assert (await begin(market, vendor, buyer, placed)).hex == trade.out_no
    assert len(vendor.trades) == 1


async def test_duplicate_and_reordered_callbacks_change_nothing(
    market: Market, vendor: Vendor
) -> None:
    buyer, placed, trade = await begun(market, vendor)
    vendor.pay(trade)
    notices = [vendor.notice(trade) for _ in range(6)]
    said = await asyncio.gather(
        *(call_back(market.url, vendor.name, one) for one in reversed(notices))
    )
    assert {answer.status_code for answer in said} <= {200, 204}
    await refund(market, placed, placed["amount_fen"])
    closed = await market.mine(buyer, placed)
    # Word of the payment that was long on its way, behind that of the refund.
    back = next(iter(vendor.backs.values()))
    for notice in (vendor.refund_notice(back), vendor.notice(trade), vendor.refund_notice(back)):
        assert (await call_back(market.url, vendor.name, notice)).status_code in {200, 204}
    await market.pump()
    assert await market.mine(buyer, placed) == closed
    assert (closed["state"], vendor.gone_fen) == ("closed", placed["amount_fen"])
    assert [one for one, _ in await in_book(market)] == ["pay", "refund", "refund"]


async def test_forged_and_changed_callbacks_change_nothing_and_are_logged(
    market: Market, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    buyer, placed, trade = await begun(market, vendor)
    vendor.pay(trade)
    headers, body = vendor.notice(trade)
    forged = [
        vendor.notice(trade, key="a stranger"),
        (headers, body.replace(b"1", b"2", 1)),
        (headers, b"{}"),
        (headers, b""),
        (headers, b"\xff\xfe"),
        ({"Content-Type": headers["Content-Type"]}, b"{}"),
    ]
    for said in forged:
        answer = await call_back(market.url, vendor.name, said)
        assert answer.status_code == 403, answer.text
        assert answer.json()["type"] == "/problems/callback-refused"
        assert answer.json()["reason"] in {"forged", "malformed"}
    assert caplog.text.count("a callback was refused") == len(forged)
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"
    assert await in_book(market) == []
    async with market.database.begin() as tx:
        assert await tx.scalar(text("select count(*) from trade.payment_notice")) == 0


async def test_a_replayed_callback_changes_nothing_and_is_logged(
    market: Market, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    buyer, placed, trade = await begun(market, vendor)
    vendor.pay(trade)
    notice = vendor.notice(trade)
    assert (await call_back(market.url, vendor.name, notice)).status_code in {200, 204}
    paid = await market.mine(buyer, placed)
    again = await call_back(market.url, vendor.name, notice)
    # Alipay itself sends the very same again until it is thanked; WeChat Pay signs anew.
    if vendor.name == "alipay":
        assert (again.status_code, again.content) == (200, b"success")
    else:
        assert (again.status_code, again.json()["reason"]) == (403, "replayed")
    assert "a callback changes nothing: replayed" in caplog.text
    assert await market.mine(buyer, placed) == paid
    assert await in_book(market) == [("pay", "direct")]


async def test_another_amount_to_the_fen_pays_nothing(
    market: Market, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    buyer, placed, trade = await begun(market, vendor)
    vendor.pay(trade)
    for fen in (trade.fen - 1, trade.fen + 1):
        answer = await call_back(market.url, vendor.name, vendor.notice(trade, fen=fen))
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/amount-differs")
    trade.fen -= 1
    await market.pass_time(minutes=2)
    assert caplog.text.count("has come with another amount") == 3
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"
    assert await in_book(market) == []


async def test_a_lost_callback_is_asked_for(market: Market, vendor: Vendor) -> None:
    buyer, placed, trade = await begun(market, vendor)
    await market.pass_time(minutes=2)
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"
    vendor.pay(trade)
    vendor.faults = {"query": "down"}
    await market.pass_time(minutes=2)
    vendor.faults = {"query": "unsigned"}
    await market.pass_time(minutes=20)
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"
    vendor.faults = {}
    await market.pass_time(minutes=20)
    assert (await market.mine(buyer, placed))["state"] == "paid"
    assert (await call_back(market.url, vendor.name, vendor.notice(trade))).status_code < 300
    assert await in_book(market) == [("pay", "direct")]


async def test_refunds_in_part_and_the_rest(market: Market, vendor: Vendor) -> None:
    buyer, placed, trade = await bought(market, vendor)
    await refund(market, placed, 990)
    order = await market.mine(buyer, placed)
    assert (order["refunded_fen"], order["refunds"][0]["state"]) == (990, "refunded")
    await refund(market, placed, trade.fen - 990)
    order = await market.mine(buyer, placed)
    assert (order["state"], order["refunded_fen"]) == ("closed", trade.fen)
    assert sorted(one.fen for one in vendor.backs.values()) == sorted([990, trade.fen - 990])
    assert [one for one, _ in await in_book(market)] == ["pay", *["refund"] * 4]


async def test_a_refund_that_takes_its_time_is_asked_for(market: Market, vendor: Vendor) -> None:
    buyer, placed, _ = await bought(market, vendor)
    vendor.refunds_will = "pending"
    await refund(market, placed, 990)
    assert (await market.mine(buyer, placed))["refunds"][0]["state"] == "refunding"
    await market.pass_time(minutes=1)
    (back,) = vendor.backs.values()
    back.state = "done"
    if vendor.name == "wechat":
        assert (await call_back(market.url, vendor.name, vendor.refund_notice(back))).is_success
    else:
        await market.pass_time(minutes=30)
    order = await market.mine(buyer, placed)
    assert (order["refunds"][0]["state"], vendor.gone_fen) == ("refunded", 990)
    assert [one for one, _ in await in_book(market)] == ["pay", "refund", "refund"]


@pytest.mark.parametrize("fault", ["down", "cut", "hang", "lost", "unsigned"])
async def test_a_provider_in_trouble_refunds_once(
    market: Market, vendor: Vendor, fault: str
) -> None:
    buyer, placed, _ = await bought(market, vendor)
    vendor.faults = {"refund": fault, "ask-back": "down"}
    await refund(market, placed, 990)
    for _ in range(2):
        await market.pass_time(seconds=30)
    assert (await market.mine(buyer, placed))["refunds"][0]["state"] == "refunding"
    assert ("refund", "post") not in await in_book(market)
    vendor.faults = {}
    await market.pass_time(minutes=10)
    order = await market.mine(buyer, placed)
    assert [one["state"] for one in order["refunds"]] == ["refunded"]
    assert (order["refunded_fen"], vendor.gone_fen, len(vendor.backs)) == (990, 990, 1)
    assert [one for one, _ in await in_book(market)] == ["pay", "refund", "refund"]


async def test_a_refund_that_is_refused_is_tried_again(market: Market, vendor: Vendor) -> None:
    buyer, placed, _ = await bought(market, vendor)
    vendor.refunds_will = "no-money"
    await refund(market, placed, 990)
    assert (await market.mine(buyer, placed))["refunds"][0]["state"] == "refund_failed"
    vendor.refunds_will = "done"
    await market.pass_time(minutes=10)
    order = await market.mine(buyer, placed)
    assert (order["refunds"][0]["state"], vendor.gone_fen) == ("refunded", 990)
    assert await in_book(market)


async def test_money_for_an_expired_order_goes_back_and_the_seller_sees_it(
    market: Market, vendor: Vendor
) -> None:
    _, placed, trade = await begun(market, vendor)
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.orders set pay_before_at = now()"))
        await tx.execute(text("update trade.payment set ends_at = now()"))
    assert await expiry.sweep(market.database) == 1
    vendor.pay(trade)
    assert (await call_back(market.url, vendor.name, vendor.notice(trade))).status_code < 300
    await market.pump()
    assert vendor.gone_fen == trade.fen
    seller = await market.seller()
    seen = (await seller.get(f"/api/orgs/{market.shop}/orders/{placed['order_id']}")).json()
    assert (seen["state"], seen["paid_fen"], seen["payment"]["state"]) == (
        "cancelled",
        0,
        "returned",
    )
    told = [(one["amount_fen"], one["reason"], one["state"]) for one in seen["refunds"]]
    assert told == [(trade.fen, "late_money", "refunded")]
    kinds = await in_book(market)
    assert kinds == [("late", "direct"), ("late_back", "pending"), ("late_back", "post")]


async def test_a_payment_whose_time_is_over_is_closed_at_the_provider(
    market: Market, vendor: Vendor
) -> None:
    _, _, trade = await begun(market, vendor)
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.payment set ends_at = now()"))
    vendor.faults = {"close": "down"}
    await market.pass_time(minutes=2)
    assert trade.state == "waiting"
    vendor.faults = {}
    await market.pass_time(minutes=20)
    assert trade.state == "closed"
    await market.pass_time(hours=2)
    async with market.database.begin() as tx:
        assert await tx.scalar(text("select ask_at from trade.payment")) is None


async def test_money_that_came_while_the_payment_was_being_closed_is_heard_of(
    market: Market, vendor: Vendor
) -> None:
    buyer, placed, trade = await begun(market, vendor)
    vendor.pay(trade)
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.orders set pay_before_at = now()"))
        await tx.execute(text("update trade.payment set ends_at = now()"))
    await expiry.sweep(market.database)
    assert not await market.others[0].close(UUID(trade.out_no))
    await market.pass_time(minutes=2)
    await market.pump()
    assert (await market.mine(buyer, placed))["payment"]["state"] == "returned"
    assert vendor.gone_fen == trade.fen
    assert await in_book(market)


async def test_two_ways_paid_at_once_pay_one_order_and_the_other_goes_back(
    market: Market, vendor: Vendor
) -> None:
    buyer, placed, trade = await begun(market, vendor)
    answer = await buyer.post(
        f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay",
        json={"return_to": "/paid", "provider": "sandbox"},
    )
    first = UUID(answer.json()["payment_id"])
    vendor.pay(trade)
    await asyncio.gather(
        call_back(market.url, vendor.name, vendor.notice(trade)),
        market.sandbox.choose(first, "paid", "done"),
    )
    await market.pump()
    order = await market.mine(buyer, placed)
    assert (order["state"], order["paid_fen"], order["refunded_fen"]) == ("paid", trade.fen, 0)
    assert [one["reason"] for one in order["refunds"]] == ["late_money"]
    assert [one for one, _ in await in_book(market)] == ["pay", "late", "late_back", "late_back"]
