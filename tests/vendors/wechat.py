"""WeChat Pay, version 3, as its documents describe it."""

import base64
import hashlib
import json
import re
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.vendors.base import (
    CHINA,
    NOT_DONE,
    PATIENCE_S,
    Back,
    Trade,
    Vendor,
    is_signed,
    rsa_key,
    signature,
    yuan,
)
from tiantou.core.outgoing import Outgoing
from tiantou.engines.pay_wechat import PayWechat
from tiantou.engines.pay_wechat_wire import Account, Wire

APP, MERCHANT, SERIAL, API_KEY = "wx8888888888888888", "1900000109", "MERCHANTSERIAL1", "k" * 32
KEY_ID = "PUB_KEY_ID_0119000001092024"
STATES = {"waiting": "NOTPAY", "paid": "SUCCESS", "closed": "CLOSED"}
BACK_STATES = {"done": "SUCCESS", "pending": "PROCESSING", "refused": "ABNORMAL"}
_SAID = re.compile(r'(\w+)="([^"]*)"')


class Wechat(Vendor):
    """A provider that signs with a public key, or with platform certificates."""

    name = "wechat"

    def __init__(self, certificates: bool = False) -> None:
        super().__init__()
        self.certificates = certificates
        self.signer, self.serial = "wechat", "CERT1" if certificates else KEY_ID
        self.bill_changed = False

    def gateway(self, outgoing: Outgoing, home: str) -> PayWechat:
        """The adapter, set up for this provider."""
        keys = {} if self.certificates else {KEY_ID: rsa_key("wechat").public_key()}
        account = Account(
            app_id=APP,
            merchant_id=MERCHANT,
            key_serial=SERIAL,
            key=rsa_key("merchant"),
            api_key=API_KEY.encode(),
            keys=keys,
            app_secret="app secret",
            url=self.url,
            app_url=self.url,
            open_url=self.url,
        )
        wire = Wire(account, outgoing, PATIENCE_S)
        return PayWechat(wire, "田头", home, "/api/payments/wechat/callback")

    def routes(self) -> list[Route]:
        """Its HTTP routes."""
        orders = "/v3/pay/transactions"
        refunds = "/v3/refund/domestic/refunds"
        return [
            Route(orders + "/{way:str}", self._create, methods=["POST"]),
            Route(orders + "/out-trade-no/{no}", self._query),
            Route(orders + "/out-trade-no/{no}/close", self._close, methods=["POST"]),
            Route(refunds, self._refund, methods=["POST"]),
            Route(refunds + "/{no}", self._refund_query),
            Route("/v3/bill/tradebill", self._bill),
            Route("/v3/billdownload/file", self._bill_file),
            Route("/v3/certificates", self._certificates),
            Route("/sns/oauth2/access_token", self._token),
        ]

    async def _admitted(self, request: Request, raw: bytes) -> bool:
        """Whether the merchant has signed this request."""
        scheme, _, rest = request.headers["authorization"].partition(" ")
        said = dict(_SAID.findall(rest))
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        lines = [request.method, target, said["timestamp"], said["nonce_str"], raw.decode()]
        text = "".join(f"{line}\n" for line in lines)
        fresh = abs(time.time() - int(said["timestamp"])) < 300
        ours = (scheme, said["mchid"], said["serial_no"])
        return (
            ours == ("WECHATPAY2-SHA256-RSA2048", MERCHANT, SERIAL)
            and fresh
            and is_signed(rsa_key("merchant").public_key(), said["signature"], text)
        )

    def _headers(self, raw: bytes, key: str = "", age_s: int = 0) -> dict[str, str]:
        stamp, nonce = str(int(time.time()) - age_s), secrets.token_hex(16)
        text = f"{stamp}\n{nonce}\n{raw.decode()}\n"
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": self.serial,
            "Wechatpay-Signature": signature(rsa_key(key or self.signer), text),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }

    async def _said(self, request: Request, name: str, work: Any) -> Response:
        raw = await request.body()
        if not await self._admitted(request, raw):
            return _json(401, {"code": "SIGN_ERROR"})
        fault = self.fault(name)
        if fault in NOT_DONE:
            return await self.answered(fault, Response())
        status, body = work(json.loads(raw) if raw else {})
        out = b"" if status == 204 else json.dumps(body, ensure_ascii=False).encode()
        headers = self._headers(out, "a stranger" if fault == "unsigned" else "")
        made = Response(out, status, headers, "application/json")
        return await self.answered(fault, made)

    async def _create(self, request: Request) -> Response:
        way = request.path_params["way"]
        return await self._said(request, f"create {way}", lambda body: self._begin(way, body))

    def _begin(self, way: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        ours = (body["appid"], body["mchid"]) == (APP, MERCHANT)
        whole = isinstance(body["amount"]["total"], int) and body["amount"]["total"] > 0
        if not ours or not whole or not body["description"] or len(body["out_trade_no"]) > 32:
            return 400, {"code": "PARAM_ERROR"}
        if way == "jsapi" and not body["payer"]["openid"].startswith("openid-"):
            return 400, {"code": "PARAM_ERROR", "message": "openid"}
        if way == "h5" and not body["scene_info"]["payer_client_ip"]:
            return 400, {"code": "PARAM_ERROR", "message": "payer_client_ip"}
        expires = datetime.fromisoformat(body["time_expire"])
        no, fen, notify = body["out_trade_no"], body["amount"]["total"], body["notify_url"]
        made = self.trades.get(no) or Trade(no, fen, way, notify, expires, body)
        if made.state != "waiting" or made.fen != fen:
            return 403, {"code": "OUT_TRADE_NO_USED"}
        self.trades[no] = made
        if way == "native":
            return 200, {"code_url": f"weixin://wxpay/bizpayurl?pr={made.token}"}
        if way == "h5":
            return 200, {"h5_url": f"{self.url}/checkmweb?prepay_id={made.token}"}
        return 200, {"prepay_id": f"wx{made.token}"}

    def opened(self, page: dict[str, Any] | str) -> Trade:
        """The trade of an H5 address, a QR code's text, or what the page hands to WeChat."""
        if isinstance(page, dict):
            lines = [page[name] for name in ("appId", "timeStamp", "nonceStr", "package")]
            text = "".join(f"{line}\n" for line in lines)
            assert page["signType"] == "RSA" and page["appId"] == APP
            assert is_signed(rsa_key("merchant").public_key(), page["paySign"], text)
            token = page["package"].removeprefix("prepay_id=wx")
        else:
            query = parse_qs(urlsplit(page).query)
            token = (query.get("prepay_id") or query["pr"])[0]
        return next(one for one in self.trades.values() if one.token == token)

    async def _query(self, request: Request) -> Response:
        trade = self.trades.get(request.path_params["no"])
        assert request.query_params["mchid"] == MERCHANT

        def work(_: Any) -> tuple[int, dict[str, Any]]:
            return (404, {"code": "ORDER_NOT_EXIST"}) if trade is None else (200, _told(trade))

        return await self._said(request, "query", work)

    async def _close(self, request: Request) -> Response:
        trade = self.trades.get(request.path_params["no"])

        def work(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            assert body == {"mchid": MERCHANT}
            if trade is None:
                return 404, {"code": "ORDER_NOT_EXIST"}
            if trade.state == "paid":
                return 400, {"code": "ORDERPAID"}
            trade.state = "closed"
            return 204, {}

        return await self._said(request, "close", work)

    async def _refund(self, request: Request) -> Response:
        def work(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            trade, money = self.trades.get(body["out_trade_no"]), body["amount"]
            if trade is not None and money["total"] != trade.fen:
                return 400, {"code": "PARAM_ERROR"}
            made = self.back(body["out_refund_no"], trade, money["refund"])
            if isinstance(made, str):
                code = "NOT_ENOUGH" if made == "no-money" else "INVALID_REQUEST"
                return 403, {"code": code, "message": made}
            return 200, _back_told(made)

        return await self._said(request, "refund", work)

    async def _refund_query(self, request: Request) -> Response:
        back = self.backs.get(request.path_params["no"])

        def work(_: Any) -> tuple[int, dict[str, Any]]:
            none = 404, {"code": "RESOURCE_NOT_EXISTS"}
            return none if back is None else (200, _back_told(back))

        return await self._said(request, "ask-back", work)

    async def _bill(self, request: Request) -> Response:
        day = request.query_params["bill_date"]

        def work(_: Any) -> tuple[int, dict[str, Any]]:
            text = self.bill_text(day)
            if text is None:
                return 400, {"code": "NO_STATEMENT_EXIST"}
            digest = hashlib.sha1(text.encode()).hexdigest()
            url = f"{self.url}/v3/billdownload/file?token={day}"
            return 200, {"hash_type": "SHA1", "hash_value": digest, "download_url": url}

        return await self._said(request, "bill", work)

    async def _bill_file(self, request: Request) -> Response:
        if not await self._admitted(request, b""):
            return Response("", 401)
        text = self.bill_text(request.query_params["token"]) or ""
        return Response(text.replace("42", "43") if self.bill_changed else text)

    def bill_text(self, day: str) -> str | None:
        """The bill of a day; None if there is nothing in it."""
        head = (
            "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
            "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
            "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
        )
        lines = [_bill_line(trade, back) for trade, back in self.booked(day)]
        if not lines:
            return None
        sums = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,"
        sums += "申请退款总金额"
        last = f"`{len(lines)},`0.00,`0.00,`0.00,`0.00,`0.00,`0.00"
        return "\ufeff" + "\r\n".join([head, *lines, sums, last, ""])

    async def _certificates(self, request: Request) -> Response:
        def work(_: Any) -> tuple[int, dict[str, Any]]:
            pem = certificate(self.signer)
            one = {
                "serial_no": self.serial,
                "effective_time": "2024-01-01T00:00:00+08:00",
                "expire_time": "2034-01-01T00:00:00+08:00",
                "encrypt_certificate": sealed(pem, "certificate"),
            }
            return 200, {"data": [one]}

        return await self._said(request, "certificates", work)

    async def _token(self, request: Request) -> Response:
        query = request.query_params
        good = (query["appid"], query["secret"]) == (APP, "app secret")
        fault = self.fault("openid")
        if good and query["code"].startswith("code-"):
            made = _json(200, {"openid": query["code"].replace("code", "openid")})
        else:
            made = _json(200, {"errcode": 40029, "errmsg": "invalid code"})
        return await self.answered(fault, made)

    def notice(
        self, trade: Trade, *, key: str = "", age_s: int = 0, fen: int | None = None
    ) -> tuple[dict[str, str], bytes]:
        """TRANSACTION.SUCCESS."""
        told = _told(trade)
        if fen is not None:
            told["amount"]["total"] = fen
        return self.event("TRANSACTION.SUCCESS", "transaction", told, key=key, age_s=age_s)

    def refund_notice(self, back: Back) -> tuple[dict[str, str], bytes]:
        """REFUND.SUCCESS or REFUND.ABNORMAL."""
        state = BACK_STATES[back.state]
        told = {
            "mchid": MERCHANT,
            "out_trade_no": back.trade.out_no,
            "transaction_id": back.trade.no,
            "out_refund_no": back.out_no,
            "refund_id": back.no,
            "refund_status": state,
            "amount": {"total": back.trade.fen, "refund": back.fen},
        }
        return self.event(f"REFUND.{state}", "refund", told)

    def event(
        self, kind: str, of: str, told: dict[str, Any], *, key: str = "", age_s: int = 0
    ) -> tuple[dict[str, str], bytes]:
        """A callback."""
        body = {
            "id": secrets.token_hex(16),
            "create_time": datetime.now(CHINA).isoformat(timespec="seconds"),
            "resource_type": "encrypt-resource",
            "event_type": kind,
            "resource": sealed(json.dumps(told).encode(), of) | {"original_type": of},
        }
        raw = json.dumps(body).encode()
        return self._headers(raw, key, age_s) | {"Content-Type": "application/json"}, raw


def sealed(text: bytes, of: str, key: str = API_KEY) -> dict[str, str]:
    """AEAD_AES_256_GCM under the API v3 key."""
    nonce = secrets.token_hex(6)
    out = AESGCM(key.encode()).encrypt(nonce.encode(), text, of.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(out).decode(),
        "nonce": nonce,
        "associated_data": of,
    }


def certificate(whose: str) -> bytes:
    """A platform certificate, self-signed."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com Root CA")])
    now, key = datetime.now(UTC), rsa_key(whose)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")


def _told(trade: Trade) -> dict[str, Any]:
    told: dict[str, Any] = {
        "appid": APP,
        "mchid": MERCHANT,
        "out_trade_no": trade.out_no,
        "trade_state": STATES[trade.state],
        "trade_state_desc": trade.state,
        "amount": {"total": trade.fen, "payer_total": trade.fen, "currency": "CNY"},
    }
    if trade.paid_at:
        told |= {
            "transaction_id": trade.no,
            "success_time": trade.paid_at.isoformat(timespec="seconds"),
        }
    return told


def _back_told(back: Back) -> dict[str, Any]:
    return {
        "refund_id": back.no,
        "out_refund_no": back.out_no,
        "transaction_id": back.trade.no,
        "out_trade_no": back.trade.out_no,
        "status": BACK_STATES[back.state],
        "amount": {"total": back.trade.fen, "refund": back.fen, "currency": "CNY"},
    }


def _bill_line(trade: Trade, back: Back | None) -> str:
    cells = [
        f"{trade.paid_at:%Y-%m-%d %H:%M:%S}", APP, MERCHANT, "0", "", trade.no, trade.out_no,
        "openid", trade.way.upper(), "REFUND" if back else "SUCCESS", "OTHERS", "CNY",
        "0.00" if back else yuan(trade.fen), "0.00", back.no if back else "0",
        back.out_no if back else "0", yuan(back.fen) if back else "0.00", "0.00",
        "ORIGINAL" if back else "", "SUCCESS" if back else "", "田头", "", "0.00000", "0.60%",
        "0.00" if back else yuan(trade.fen), yuan(back.fen) if back else "0.00", "",
    ]  # fmt: skip
    return ",".join(f"`{cell}" for cell in cells)
