"""Alipay: in a phone's browser (wap) and on a desk (page), by its open gateway, signed with RSA2.

Amounts on its wire are yuan in text; here they are whole fen. Its numbers of ours: a payment's id
as 32 hexadecimal digits; a refund's is its shop's and its own id, 64 digits.
"""

import logging
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from tiantou.engines.pay_alipay_bill import lines_of
from tiantou.engines.pay_alipay_wire import SIGN_TYPE, Wire, form_of
from tiantou.engines.pay_keys import fen_of, yuan_of
from tiantou.trade.ports import (
    BadNotice,
    BillLine,
    GatewayDown,
    IdleNotice,
    NoBill,
    Notice,
    PaymentAsked,
    PaymentBegun,
    PaymentNotice,
    RefundAnswer,
    RefundAsked,
    Where,
)

NAME = "alipay"
CHINA = timezone(timedelta(hours=8))
TITLE_CHARS_MAX = 120
REASON_CHARS_MAX = 100
_PRODUCTS = {
    "wap": ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
    "page": ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
}
_WAYS: dict[Where, tuple[str, ...]] = {"wechat": (), "phone": ("wap",), "desk": ("page",)}
_PAID = frozenset({"TRADE_SUCCESS", "TRADE_FINISHED"})
_NO_TRADE, _WRONG_STATE = "ACQ.TRADE_NOT_EXIST", "ACQ.REASON_TRADE_STATUS_INVALID"
_NO_BILL = frozenset({"isp.bill_not_exist", "EIB.BILL_NOT_EXIST"})

log = logging.getLogger("tiantou.payments")


class PayAlipay:
    """An adapter of `trade.ports.PaymentGateway`.

    `home` is our public address; `callback_path` is registered here, never taken from requests.
    Alipay sends the same message again, at growing distances for a day, until it is thanked: its
    age says nothing, and each is used once.
    """

    name = NAME
    thanks = b"success"
    repeats = True

    def __init__(self, wire: Wire, title: str, home: str, callback_path: str) -> None:
        self._wire, self._account = wire, wire.account
        self._title, self._home, self._callback_path = title, home, callback_path

    def ways(self, where: Where) -> tuple[str, ...]:
        """Nobody can pay with it inside WeChat."""
        return _WAYS[where]

    async def create(self, asked: PaymentAsked) -> PaymentBegun:
        """The signed address of Alipay's page: nothing is sent before the buyer goes there."""
        method, product = _PRODUCTS[asked.way]
        content = {
            "out_trade_no": asked.payment_id.hex,
            "total_amount": yuan_of(asked.amount_fen),
            "subject": f"{self._title} {asked.title}"[:TITLE_CHARS_MAX],
            "product_code": product,
            "time_expire": f"{asked.ends_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        }
        if asked.way == "wap":
            content["quit_url"] = self._home + asked.return_to
        urls = {
            "notify_url": self._home + self._callback_path,
            "return_url": self._home + asked.return_to,
        }
        return PaymentBegun(url=self._wire.address(method, content, urls))

    async def identify(self, code: str) -> str:
        """Nobody needs to be known here. Raises BadNotice."""
        raise BadNotice("not-asked-for")

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """The signature first, then it must be our account and speak of one of our payments."""
        said = form_of(body)
        if not self._wire.signed(said):
            raise BadNotice("forged")
        if said.get("app_id") != self._account.app_id:
            raise BadNotice("foreign")
        seller = self._account.seller_id
        if seller and said.get("seller_id") != seller:
            raise BadNotice("foreign")
        mark, what = said.get("notify_id", ""), said.get("trade_status", "")
        if not mark or said.get("sign_type") != SIGN_TYPE:
            raise BadNotice("malformed")
        # A refund, whole or in part, is told as news of its trade: our refunds ask for themselves.
        if what not in _PAID | {"TRADE_CLOSED"} or said.get("gmt_refund"):
            return IdleNotice(what=what, nonce=mark)
        return _payment_notice(said, mark)

    async def query(self, payment_id: UUID) -> PaymentNotice | None:
        """What became of a payment; Alipay knows of none before the buyer has signed in there."""
        said = await self._wire.call("alipay.trade.query", {"out_trade_no": payment_id.hex})
        if said.get("sub_code") == _NO_TRADE:
            return None
        _must_be_done("query", said)
        if said.get("out_trade_no") != payment_id.hex:
            raise GatewayDown("query: of another payment")
        if said.get("trade_status") not in _PAID | {"TRADE_CLOSED"}:
            return None
        mark = f"query-{secrets.token_hex(8)}"
        try:
            return _payment_notice(said, mark)
        except BadNotice as bad:
            raise GatewayDown("query: the answer cannot be read") from bad

    async def close(self, payment_id: UUID) -> bool:
        """Closes a payment. One that Alipay never heard of ends by its own time in its address."""
        said = await self._wire.call("alipay.trade.close", {"out_trade_no": payment_id.hex})
        if said.get("code") == "10000" or said.get("sub_code") == _NO_TRADE:
            return True
        if said.get("sub_code") == _WRONG_STATE:
            found = await self.query(payment_id)
            return found is None or found.state != "paid"
        raise GatewayDown(f"close: {said.get('sub_code')}")

    async def refund(self, asked: RefundAsked) -> RefundAnswer:
        """Sends money back; the same number again is the same refund at Alipay."""
        content = {
            "out_trade_no": asked.payment_id.hex,
            "out_request_no": asked.number,
            "refund_amount": yuan_of(asked.amount_fen),
            "refund_reason": asked.reason[:REASON_CHARS_MAX],
        }
        said = await self._wire.call("alipay.trade.refund", content)
        if said.get("code") != "10000":
            return RefundAnswer(state="refused", reason=str(said.get("sub_code"))[:60])
        if said.get("fund_change") == "Y":
            return RefundAnswer(state="done", provider_no=str(said.get("trade_no", "")))
        # N: no money moved by this request; an earlier one may have done it, or it is on its way.
        return await self.refund_query(asked) or RefundAnswer(state="pending")

    async def refund_query(self, asked: RefundAsked) -> RefundAnswer | None:
        """What became of a refund; None if Alipay has carried out none of that number."""
        content = {
            "out_trade_no": asked.payment_id.hex,
            "out_request_no": asked.number,
        }
        said = await self._wire.call("alipay.trade.fastpay.refund.query", content)
        if said.get("sub_code") in {_NO_TRADE, "TRADE_NOT_EXIST"}:
            return None
        _must_be_done("refund query", said)
        if said.get("refund_status") != "REFUND_SUCCESS":
            return None
        if said.get("out_request_no") != asked.number or not _same(said, asked.amount_fen):
            raise GatewayDown("the answer is of another refund")
        return RefundAnswer(state="done", provider_no=str(said.get("trade_no", "")))

    async def bill(self, day: date) -> list[BillLine]:
        """The bill of a day, which is made the next morning."""
        content = {"bill_type": "trade", "bill_date": day.isoformat()}
        method = "alipay.data.dataservice.bill.downloadurl.query"
        said = await self._wire.call(method, content)
        if said.get("sub_code") in _NO_BILL:
            raise NoBill
        _must_be_done("bill", said)
        return await lines_of(self._wire, str(said.get("bill_download_url")))


def _must_be_done(what: str, said: dict[str, Any]) -> None:
    if said.get("code") != "10000":
        raise GatewayDown(f"{what}: {said.get('code')} {said.get('sub_code')}")


def _payment_notice(said: Mapping[str, Any], mark: str) -> PaymentNotice:
    try:
        return PaymentNotice(
            payment_id=UUID(str(said["out_trade_no"])),
            state="paid" if said["trade_status"] in _PAID else "refused",
            amount_fen=fen_of(str(said["total_amount"])),
            provider_no=str(said["trade_no"]),
            nonce=mark,
            at=_instant(said.get("gmt_payment") or said.get("send_pay_date")),
        )
    except (KeyError, ValueError) as error:
        raise BadNotice("malformed") from error


def _instant(text: object) -> datetime | None:
    """A time of Alipay's: Asia/Shanghai, without saying so."""
    if not text:
        return None
    return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)


def _same(said: dict[str, Any], fen: int) -> bool:
    try:
        return fen_of(str(said.get("refund_amount"))) == fen
    except ValueError:
        return False
