"""What only Alipay has: signed addresses, notices as forms, answers whose very bytes are signed."""

import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

import pytest
from starlette.responses import Response

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.trade.test_vendors import begun, bought, refund
from tests.vendors.alipay import Alipay
from tests.vendors.base import HERE, call_back, rsa_key, serving, signature
from tiantou.core.outgoing import Outgoing
from tiantou.trade.ports import GatewayDown


@pytest.fixture
async def vendor(market: Market) -> AsyncIterator[Alipay]:
    """Alipay, and a market where it can be paid."""
    async with serving(Alipay()) as running:
        market.take(running.gateway(Outgoing(HERE, HERE), market.url))
        yield running


async def test_phones_and_desks_have_their_pages_and_wechat_has_none(
    market: Market, vendor: Alipay
) -> None:
    buyer = await market.buyer()
    placed = (await market.order(buyer, await market.stock(3))).json()
    path = f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay"
    ids = set()
    for where, way in (("phone", "wap"), ("desk", "page")):
        body = {"return_to": "/paid?a=b", "where": where, "provider": "alipay"}
        answer = (await buyer.post(path, json=body)).json()
        trade = vendor.opened(answer["redirect_url"])
        assert (trade.way, trade.fen) == (way, placed["amount_fen"])
        assert trade.asked["return_url"] == f"{market.url}/paid?a=b"
        ids.add(answer["payment_id"])
    assert len(ids) == 2
    body = {"return_to": "/paid", "where": "wechat", "provider": "alipay"}
    answer = await buyer.post(path, json=body)
    assert (answer.status_code, answer.json()["providers"]) == (409, ["sandbox"])


async def test_what_a_changed_address_says_is_not_the_merchants(
    market: Market, vendor: Alipay
) -> None:
    buyer = await market.buyer()
    placed = (await market.order(buyer, await market.stock(3))).json()
    path = f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay"
    url = (await buyer.post(path, json={"return_to": "/paid"})).json()["redirect_url"]
    with pytest.raises(AssertionError, match="has not signed this page"):
        vendor.opened(url.replace("29.90", "00.01"))
    said = dict(parse_qsl(urlsplit(url).query))
    assert json.loads(said["biz_content"])["total_amount"] == "29.90"


async def test_foreign_and_doubled_words_change_nothing(
    market: Market, vendor: Alipay, caplog: pytest.LogCaptureFixture
) -> None:
    buyer, placed, trade = await begun(market, vendor)
    vendor.pay(trade)
    told = dict(parse_qsl(vendor.notice(trade)[1].decode(), keep_blank_values=True))
    del told["sign"], told["sign_type"]
    headers, body = vendor.notice(trade)
    wrong = {
        "foreign": [vendor.said(told | {"app_id": "1"}), vendor.said(told | {"seller_id": "2"})],
        "malformed": [
            (headers, body + b"&total_amount=0.01"),
            vendor.said(told | {"total_amount": "29.900"}),
            vendor.said(told | {"total_amount": "1e3"}),
            vendor.said(told | {"out_trade_no": "not ours"}),
        ],
    }
    for reason, said in wrong.items():
        for one in said:
            answer = await call_back(market.url, "alipay", one)
            assert (answer.status_code, answer.json()["reason"]) == (403, reason)
    assert caplog.text.count("a callback was refused") == 6
    assert (await market.mine(buyer, placed))["state"] == "pending_payment"


async def test_a_refund_told_as_news_of_its_trade_decides_nothing(
    market: Market, vendor: Alipay
) -> None:
    buyer, placed, trade = await bought(market, vendor)
    await refund(market, placed, 990)
    (back,) = vendor.backs.values()
    answer = await call_back(market.url, "alipay", vendor.refund_notice(back))
    assert answer.content == b"success"
    order = await market.mine(buyer, placed)
    assert (order["state"], order["refunded_fen"], order["paid_fen"]) == ("paid", 990, trade.fen)
    assert await audit(market.database) == {}


@pytest.mark.parametrize("trick", ["another", "twice"])
async def test_an_answer_is_read_from_the_bytes_that_are_signed(
    market: Market, vendor: Alipay, trick: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, trade = await begun(market, vendor)
    name = "alipay_trade_query_response"
    fields = {"code": "10000", "out_trade_no": trade.out_no, "trade_no": "2", "msg": '好 "}{'}
    waiting = json.dumps(fields | {"trade_status": "WAIT_BUYER_PAY"}, ensure_ascii=False)
    paid = json.dumps(fields | {"trade_status": "TRADE_SUCCESS", "total_amount": "29.90"})
    sign = signature(rsa_key("alipay"), waiting)
    bodies = {
        "another": f'{{"{name}":{paid},"sign":"{sign}"}}',
        "twice": f'{{"{name}":{waiting},"sign":"{sign}","{name}":{paid}}}',
    }

    def answer(*_: object) -> Response:
        return Response(bodies[trick])

    monkeypatch.setattr(vendor, "_answer", answer)
    gateway = market.others[0]
    with pytest.raises(GatewayDown):
        await gateway.query(UUID(trade.out_no))
    bodies[trick] = f'{{"{name}":{waiting},"sign":"{sign}"}}'
    assert await gateway.query(UUID(trade.out_no)) is None


async def test_a_form_is_signed_over_its_own_characters(market: Market, vendor: Alipay) -> None:
    buyer, placed, trade = await begun(market, vendor)
    vendor.pay(trade)
    headers, body = vendor.notice(trade)
    assert urlencode({"s": "田头 & 果园 + 1"})[2:].encode() in body
    assert (await call_back(market.url, "alipay", (headers, body))).content == b"success"
    assert (await market.mine(buyer, placed))["state"] == "paid"
