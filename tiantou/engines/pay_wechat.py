"""WeChat Pay: inside WeChat (JSAPI), in a phone's browser (H5), as a QR code on a desk (Native).

Every amount it has from us or we from it is whole fen. Its numbers of ours: a payment's id as 32
hexadecimal digits; a refund's is its shop's and its own id, 64 digits.
"""

import json
import logging
import secrets
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from tiantou.core.outgoing import NotAllowed, Unreachable
from tiantou.engines.pay_wechat_bill import lines_of
from tiantou.engines.pay_wechat_wire import Wire
from tiantou.trade.ports import (
    BadNotice,
    BillLine,
    GatewayDown,
    GatewayRefused,
    IdleNotice,
    NoBill,
    Notice,
    PaymentAsked,
    PaymentBegun,
    PaymentNotice,
    RefundAnswer,
    RefundAsked,
    RefundNotice,
    Where,
)

NAME = "wechat"
CHINA = timezone(timedelta(hours=8))
REASON_BYTES_MAX = 80
TITLE_CHARS_MAX = 60
_WAYS: dict[Where, str] = {"wechat": "jsapi", "phone": "h5", "desk": "native"}
_PAID, _ENDED = frozenset({"SUCCESS", "REFUND"}), frozenset({"CLOSED", "REVOKED", "PAYERROR"})

log = logging.getLogger("tiantou.payments")


class PayWechat:
    """An adapter of `trade.ports.PaymentGateway`.

    `home` is our public address; `callback_path` is registered here, never taken from requests.
    """

    name = NAME
    thanks = b""
    repeats = False

    def __init__(self, wire: Wire, title: str, home: str, callback_path: str) -> None:
        self._wire, self._account = wire, wire.account
        self._title, self._home, self._callback_path = title, home, callback_path

    def ways(self, where: Where) -> tuple[str, ...]:
        """Inside WeChat only if it can be asked who pays."""
        way = _WAYS[where]
        return () if way == "jsapi" and not self._account.app_secret else (way,)

    async def create(self, asked: PaymentAsked) -> PaymentBegun:
        """Begins a payment; inside WeChat the browser first goes to be told who pays."""
        if asked.way == "jsapi" and not asked.payer:
            return PaymentBegun(url=self._who(asked.payment_id))
        body: dict[str, Any] = {
            "appid": self._account.app_id,
            "mchid": self._account.merchant_id,
            "description": f"{self._title} {asked.title}"[:TITLE_CHARS_MAX],
            "out_trade_no": asked.payment_id.hex,
            "time_expire": asked.ends_at.astimezone(CHINA).isoformat(timespec="seconds"),
            "notify_url": self._home + self._callback_path,
            "amount": {"total": asked.amount_fen, "currency": "CNY"},
        }
        if asked.way == "jsapi":
            body["payer"] = {"openid": asked.payer}
        elif asked.way == "h5":
            info = {"type": "Wap"}
            body["scene_info"] = {"payer_client_ip": asked.payer_ip, "h5_info": info}
        status, said = await self._wire.call("POST", f"/v3/pay/transactions/{asked.way}", body)
        if status != 200:
            log.error(
                "wechat: a payment is not begun: %s %s", said.get("code"), said.get("message")
            )
            raise GatewayRefused(str(said.get("code")))
        return self._begun(asked, said)

    def _begun(self, asked: PaymentAsked, said: dict[str, Any]) -> PaymentBegun:
        if asked.way == "native":
            return PaymentBegun(code=_text(said, "code_url"))
        if asked.way == "h5":
            back = quote(self._home + asked.return_to, safe="")
            return PaymentBegun(url=f"{_text(said, 'h5_url')}&redirect_url={back}")
        app_id, stamp, nonce = self._account.app_id, str(int(time.time())), secrets.token_hex(16)
        package = f"prepay_id={_text(said, 'prepay_id')}"
        return PaymentBegun(
            bridge={
                "appId": app_id,
                "timeStamp": stamp,
                "nonceStr": nonce,
                "package": package,
                "signType": "RSA",
                "paySign": self._wire.sign_lines(app_id, stamp, nonce, package),
            }
        )

    def _who(self, payment_id: UUID) -> str:
        query = {
            "appid": self._account.app_id,
            "redirect_uri": self._home + self._callback_path.replace("/callback", "/identified"),
            "response_type": "code",
            "scope": "snsapi_base",
            "state": payment_id.hex,
        }
        path = "/connect/oauth2/authorize?"
        return f"{self._account.open_url}{path}{urlencode(query)}#wechat_redirect"

    async def identify(self, code: str) -> str:
        """The payer's openid, of the word that WeChat gave his browser."""
        query = {
            "appid": self._account.app_id,
            "secret": self._account.app_secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        url = f"{self._account.app_url}/sns/oauth2/access_token?{urlencode(query)}"
        try:
            answer = await self._wire.outgoing.ask("GET", url)
            said = json.loads(answer.body) if answer.status == 200 else None
        except (Unreachable, NotAllowed, ValueError) as error:
            raise GatewayDown(f"who pays is not told: {type(error).__name__}") from error
        if not isinstance(said, dict):
            raise GatewayDown(f"who pays is not told: status {answer.status}")
        if not said.get("openid"):
            log.warning("wechat: who pays is not told: %s", said.get("errcode"))
            raise BadNotice("not-identified")
        return str(said["openid"])

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Signature and age first, then the sealed part is opened, then it must be our account."""
        mark = await self._wire.check(headers, body)
        try:
            said = json.loads(body)
            event, sealed = str(said["event_type"]), said["resource"]
            told = json.loads(self._wire.open(sealed))
            if told.get("mchid") != self._account.merchant_id:
                raise BadNotice("foreign")
            if event.startswith("REFUND."):
                return _refund_notice(told, mark)
            if event != "TRANSACTION.SUCCESS":
                return IdleNotice(what=event, nonce=mark)
            return self._payment_notice(told, mark)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadNotice("malformed") from error

    def _payment_notice(self, told: dict[str, Any], mark: str) -> PaymentNotice:
        if told["appid"] != self._account.app_id or told["amount"]["currency"] != "CNY":
            raise BadNotice("foreign")
        return PaymentNotice(
            payment_id=UUID(told["out_trade_no"]),
            state="paid" if told["trade_state"] in _PAID else "refused",
            amount_fen=_whole(told["amount"]["total"]),
            provider_no=str(told["transaction_id"]),
            nonce=mark,
            at=datetime.fromisoformat(told["success_time"]) if told.get("success_time") else None,
        )

    async def query(self, payment_id: UUID) -> PaymentNotice | None:
        """What became of a payment."""
        path = f"{_of(payment_id)}?mchid={self._account.merchant_id}"
        status, said = await self._wire.call("GET", path)
        if status == 404:
            return None
        if status != 200:
            raise GatewayDown(f"query: {status} {said.get('code')}")
        state = said.get("trade_state")
        try:
            if UUID(str(said["out_trade_no"])) != payment_id:
                raise GatewayDown("query: of another payment")
            if state in _PAID:
                return self._payment_notice(said, f"query-{secrets.token_hex(8)}")
        except (KeyError, TypeError, ValueError, BadNotice) as error:
            raise GatewayDown("query: the answer cannot be read") from error
        if state not in _ENDED:
            return None
        nonce = f"query-{secrets.token_hex(8)}"
        return PaymentNotice(
            payment_id=payment_id, state="refused", amount_fen=0, provider_no="", nonce=nonce
        )

    async def close(self, payment_id: UUID) -> bool:
        """Closes a payment; one that WeChat Pay never heard of is closed."""
        body = {"mchid": self._account.merchant_id}
        status, said = await self._wire.call("POST", f"{_of(payment_id)}/close", body)
        code = str(said.get("code", "")).replace("_", "")
        if status == 204 or code in {"ORDERCLOSED", "ORDERNOTEXIST"}:
            return True
        if code == "ORDERPAID":
            return False
        raise GatewayDown(f"close: {status} {code}")

    async def refund(self, asked: RefundAsked) -> RefundAnswer:
        """Sends money back; the same number again is the same refund at WeChat Pay."""
        reason = asked.reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore")
        body: dict[str, Any] = {
            "out_trade_no": asked.payment_id.hex,
            "out_refund_no": asked.number,
            "notify_url": self._home + self._callback_path,
            "amount": {
                "refund": asked.amount_fen,
                "total": asked.payment_fen,
                "currency": "CNY",
            },
        }
        if reason:
            body["reason"] = reason
        status, said = await self._wire.call("POST", "/v3/refund/domestic/refunds", body)
        if status != 200:
            return RefundAnswer(state="refused", reason=str(said.get("code"))[:60])
        return _refund_answer(asked, said)

    async def refund_query(self, asked: RefundAsked) -> RefundAnswer | None:
        """What became of a refund; None if it never arrived there."""
        path = f"/v3/refund/domestic/refunds/{asked.number}"
        status, said = await self._wire.call("GET", path)
        if status == 404:
            return None
        if status != 200:
            raise GatewayDown(f"refund query: {status} {said.get('code')}")
        return _refund_answer(asked, said)

    async def bill(self, day: date) -> list[BillLine]:
        """The bill of a day, which is made after ten the next morning; its digest is checked."""
        path = f"/v3/bill/tradebill?bill_date={day.isoformat()}&bill_type=ALL"
        status, said = await self._wire.call("GET", path)
        if status == 200:
            return await lines_of(self._wire, said)
        if said.get("code") in {"NO_STATEMENT_EXIST", "STATEMENT_CREATING"}:
            raise NoBill
        raise GatewayDown(f"bill: {status} {said.get('code')}")


def _of(payment_id: UUID) -> str:
    return f"/v3/pay/transactions/out-trade-no/{payment_id.hex}"


def _text(said: dict[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not found:
        raise GatewayDown(f"the answer has no {name}")
    return found


def _whole(fen: object) -> int:
    if not isinstance(fen, int) or isinstance(fen, bool):
        raise ValueError("an amount is whole fen")
    return fen


def _refund_notice(told: dict[str, Any], mark: str) -> RefundNotice:
    number = str(told["out_refund_no"])
    if len(number) != 64:
        raise BadNotice("foreign")
    return RefundNotice(
        shop_id=UUID(number[:32]),
        refund_id=UUID(number[32:]),
        done=told["refund_status"] == "SUCCESS",
        provider_no=str(told["refund_id"]),
        reason=str(told["refund_status"]),
        nonce=mark,
    )


def _refund_answer(asked: RefundAsked, said: dict[str, Any]) -> RefundAnswer:
    amount = said.get("amount")
    fen = amount.get("refund") if isinstance(amount, dict) else None
    if said.get("out_refund_no") != asked.number or fen != asked.amount_fen:
        raise GatewayDown("the answer is of another refund")
    status = str(said.get("status"))
    number = str(said.get("refund_id", ""))
    if status == "SUCCESS":
        return RefundAnswer(state="done", provider_no=number)
    if status == "PROCESSING":
        return RefundAnswer(state="pending", provider_no=number)
    return RefundAnswer(state="refused", provider_no=number, reason=status)
