"""What only WeChat Pay has: who pays inside WeChat, phones, certificates, sealed words, ages."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.vendors.base import HERE, Trade, call_back, serving
from tests.vendors.wechat import Wechat, sealed
from tests.web import Client
from tiantou.core.outgoing import Outgoing
from tiantou.trade.ports import GatewayDown


@pytest.fixture
async def vendor(market: Market) -> AsyncIterator[Wechat]:
    """WeChat Pay, and a market where it can be paid."""
    async with serving(Wechat()) as running:
        market.take(running.gateway(Outgoing(HERE, HERE), market.url))
        yield running


async def _pay(market: Market, buyer: Client, where: str) -> tuple[UUID, str, dict[str, Any]]:
    placed = (await market.order(buyer, await market.stock(3))).json()
    answer = await buyer.post(
        f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay",
        json={"return_to": "/paid?a=b", "where": where, "provider": "wechat"},
    )
    assert answer.status_code == 200, answer.text
    return UUID(answer.json()["payment_id"]), answer.json()["redirect_url"], placed


async def test_inside_wechat_the_payer_is_asked_for_and_the_page_gets_what_wechat_wants(
    market: Market, vendor: Wechat
) -> None:
    buyer, stranger = await market.buyer(), await market.buyer()
    payment_id, url, placed = await _pay(market, buyer, "wechat")
    query = parse_qs(urlsplit(url).query)
    back = query["redirect_uri"][0]
    assert back == f"{market.url}/api/payments/wechat/identified"
    assert (query["scope"], query["state"]) == (["snsapi_base"], [payment_id.hex])
    assert url.endswith("#wechat_redirect") and not vendor.trades

    path = f"/api/payments/wechat/identified?state={payment_id.hex}"
    assert (await stranger.get(f"{path}&code=code-2")).status_code == 404
    refused = await buyer.get(f"{path}&code=spent")
    assert (refused.status_code, refused.json()["reason"]) == (403, "not-identified")
    vendor.faults = {"openid": "cut"}
    assert (await buyer.get(f"{path}&code=code-1")).status_code == 503
    vendor.faults = {}
    sent = await buyer.get(f"{path}&code=code-1")
    assert (sent.status_code, sent.headers["location"]) == (303, f"/pay/{payment_id}")
    assert (await buyer.get(f"{path}&code=code-1")).status_code == 303
    assert vendor.calls.count("create jsapi") == 1

    shown = (await buyer.get(f"/api/payments/{payment_id}")).json()
    assert (shown["way"], shown["return_to"], shown["qr"]) == ("jsapi", "/paid?a=b", None)
    trade = vendor.opened(shown["bridge"])
    assert trade.asked["payer"] == {"openid": "openid-1"}
    assert (await stranger.get(f"/api/payments/{payment_id}")).status_code == 404
    vendor.pay(trade)
    assert (await call_back(market.url, "wechat", vendor.notice(trade))).status_code == 204
    assert (await market.mine(buyer, placed))["state"] == "paid"
    shown = (await buyer.get(f"/api/payments/{payment_id}")).json()
    assert (shown["state"], shown["bridge"]) == ("paid", None)
    assert await audit(market.database) == {}


async def test_a_phones_browser_goes_there_and_comes_back(market: Market, vendor: Wechat) -> None:
    payment_id, url, _ = await _pay(market, await market.buyer(), "phone")
    assert parse_qs(urlsplit(url).query)["redirect_url"] == [f"{market.url}/paid?a=b"]
    scene = vendor.trade_of(payment_id).asked["scene_info"]
    assert scene == {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}


async def test_each_place_has_its_way(market: Market, vendor: Wechat) -> None:
    buyer = await market.buyer()
    for where, way in (("wechat", "jsapi"), ("phone", "h5"), ("desk", "native")):
        found = (await buyer.get("/api/payments/ways", params={"where": where})).json()["items"]
        assert found[0] == {"provider": "wechat", "way": way}
    placed = (await market.order(buyer, await market.stock(3))).json()
    path = f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay"
    answer = await buyer.post(path, json={"return_to": "/paid", "provider": "alipay"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/way-not-open")
    assert answer.json()["providers"] == ["wechat", "sandbox"]


async def test_a_payment_that_could_not_be_begun_is_begun_by_the_next_tap(
    market: Market, vendor: Wechat
) -> None:
    buyer = await market.buyer()
    placed = (await market.order(buyer, await market.stock(3))).json()
    path = f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay"
    body = {"return_to": "/paid", "provider": "wechat"}
    for fault in ("down", "lost"):
        vendor.faults = {"create": fault}
        answer = await buyer.post(path, json=body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    vendor.faults = {}
    assert (await buyer.post(path, json=body)).status_code == 200
    assert len(vendor.trades) == 1
    trade = next(iter(vendor.trades.values()))
    vendor.pay(trade)
    await call_back(market.url, "wechat", vendor.notice(trade))
    assert (await market.mine(buyer, placed))["state"] == "paid"


async def test_what_the_provider_will_not_begin_is_told(
    market: Market, vendor: Wechat, caplog: pytest.LogCaptureFixture
) -> None:
    buyer = await market.buyer()
    placed = (await market.order(buyer, await market.stock(3))).json()
    path = f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay"
    body = {"return_to": "/paid", "provider": "wechat"}
    vendor._begin = lambda way, body: (400, {"code": "PARAM_ERROR"})  # type: ignore[method-assign]
    answer = await buyer.post(path, json=body)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/provider-refuses")
    assert "a payment is not begun: PARAM_ERROR" in caplog.text


async def _begun(market: Market, vendor: Wechat) -> tuple[Client, dict[str, Any], Trade]:
    buyer = await market.buyer()
    payment_id, _, placed = await _pay(market, buyer, "desk")
    vendor.pay(vendor.trade_of(payment_id))
    return buyer, placed, vendor.trade_of(payment_id)


async def test_old_foreign_and_unknown_words_change_nothing(
    market: Market, vendor: Wechat, caplog: pytest.LogCaptureFixture
) -> None:
    buyer, placed, trade = await _begun(market, vendor)
    told = {"mchid": "1900000109", "appid": "wx8888888888888888", "trade_state": "SUCCESS"}
    told |= {"out_trade_no": trade.out_no, "transaction_id": trade.no}
    money = {"amount": {"total": trade.fen, "currency": "CNY"}}
    event = vendor.event
    wrong: dict[str, list[tuple[dict[str, str], bytes]]] = {
        "stale": [vendor.notice(trade, age_s=330), vendor.notice(trade, age_s=-330)],
        "foreign": [
            event("TRANSACTION.SUCCESS", "transaction", told | money | {"mchid": "1"}),
            event("TRANSACTION.SUCCESS", "transaction", told | money | {"appid": "wx1"}),
            event("TRANSACTION.SUCCESS", "transaction", told | {"amount": {"currency": "USD"}}),
        ],
        "malformed": [
            event("TRANSACTION.SUCCESS", "transaction", told),
            event("TRANSACTION.SUCCESS", "transaction", {"mchid": "1900000109"}),
            event(
                "TRANSACTION.SUCCESS",
                "transaction",
                told | {"amount": {"total": 29.9, "currency": "CNY"}},
            ),
        ],
    }
    for reason, said in wrong.items():
        for one in said:
            answer = await call_back(market.url, "wechat", one)
            assert (answer.status_code, answer.json()["reason"]) == (403, reason)
    idle = event("COUPON.USE", "coupon", {"mchid": "1900000109"})
    assert (await call_back(market.url, "wechat", idle)).status_code == 204
    assert caplog.text.count("a callback was refused") == 8
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"


async def test_a_word_sealed_with_another_key_is_not_opened(
    market: Market, vendor: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer, placed, trade = await _begun(market, vendor)
    monkeypatch.setattr("tests.vendors.wechat.sealed", lambda text, of: sealed(text, of, "x" * 32))
    answer = await call_back(market.url, "wechat", vendor.notice(trade))
    assert (answer.status_code, answer.json()["reason"]) == (403, "forged")
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"


async def test_certificates_are_fetched_when_they_change_and_not_for_every_stranger(
    market: Market,
) -> None:
    async with serving(Wechat(certificates=True)) as vendor:
        gateway = vendor.gateway(Outgoing(HERE, HERE), market.url)
        market.take(gateway)
        buyer, placed, trade = await _begun(market, vendor)
        assert vendor.calls.count("certificates") == 1
        vendor.serial, vendor.signer = "CERT2", "wechat next year"
        first = await call_back(market.url, "wechat", vendor.notice(trade))
        assert (first.status_code, first.json()["reason"]) == (403, "forged")
        assert vendor.calls.count("certificates") == 1, "asked within the minute"
        gateway._wire._fetched_at -= 60
        assert (await call_back(market.url, "wechat", vendor.notice(trade))).status_code == 204
        assert vendor.calls.count("certificates") == 2
        assert (await market.mine(buyer, placed))["state"] == "paid"


async def test_certificates_that_somebody_else_has_signed_are_not_taken(market: Market) -> None:
    async with serving(Wechat(certificates=True)) as vendor:
        gateway = vendor.gateway(Outgoing(HERE, HERE), market.url)
        market.take(gateway)
        vendor.faults = {"certificates": "unsigned"}
        notice = vendor.event("TRANSACTION.SUCCESS", "transaction", {})
        headers = {name.lower(): value for name, value in notice[0].items()}
        with pytest.raises(GatewayDown, match="not signed by one of them"):
            await gateway.verify(headers, notice[1])
        vendor.faults = {"certificates": "down"}
        gateway._wire._fetched_at -= 60
        assert (await call_back(market.url, "wechat", notice)).status_code == 503
