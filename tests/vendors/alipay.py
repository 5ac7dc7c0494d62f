"""Alipay's open gateway, as its documents describe it."""

import io
import json
import secrets
import zipfile
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

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
    form_or_query,
    is_signed,
    rsa_key,
    signature,
    yuan,
)
from tiantou.core.outgoing import Outgoing
from tiantou.engines.pay_alipay import PayAlipay
from tiantou.engines.pay_alipay_wire import Account, Wire

APP, SELLER = "2014072300007148", "2088101106499364"
STATES = {"waiting": "WAIT_BUYER_PAY", "paid": "TRADE_SUCCESS", "closed": "TRADE_CLOSED"}
TIME = "%Y-%m-%d %H:%M:%S"


class Alipay(Vendor):
    """A provider that knows of a trade only when the buyer has come to its page."""

    name = "alipay"

    def gateway(self, outgoing: Outgoing, home: str) -> PayAlipay:
        """The adapter, set up for this provider."""
        account = Account(
            app_id=APP,
            key=rsa_key("merchant"),
            alipay_key=rsa_key("alipay").public_key(),
            seller_id=SELLER,
            url=f"{self.url}/gateway.do",
        )
        wire = Wire(account, outgoing, PATIENCE_S)
        return PayAlipay(wire, "田头", home, "/api/payments/alipay/callback")

    def routes(self) -> list[Route]:
        """Its HTTP routes."""
        return [
            Route("/gateway.do", self._gateway, methods=["POST"]),
            Route("/bill/{day}.zip", self._bill_file),
        ]

    def admitted(self, said: dict[str, str]) -> bool:
        """Whether the merchant has signed these parameters."""
        text = "&".join(f"{k}={v}" for k, v in sorted(said.items()) if v and k != "sign")
        ours = (said["app_id"], said["sign_type"], said["charset"], said["version"])
        return ours == (APP, "RSA2", "utf-8", "1.0") and is_signed(
            rsa_key("merchant").public_key(), said["sign"], text
        )

    def opened(self, page: dict[str, Any] | str) -> Trade:
        """The buyer's browser comes to the page: from then on there is a trade."""
        assert isinstance(page, str) and page.startswith(f"{self.url}/gateway.do?")
        said = dict(parse_qsl(urlsplit(page).query))
        assert self.admitted(said), "the merchant has not signed this page"
        content = json.loads(said["biz_content"])
        way = {"alipay.trade.wap.pay": "wap", "alipay.trade.page.pay": "page"}[said["method"]]
        product = {"wap": "QUICK_WAP_WAY", "page": "FAST_INSTANT_TRADE_PAY"}[way]
        assert content["product_code"] == product and content["subject"]
        expires = datetime.strptime(content["time_expire"], TIME).replace(tzinfo=CHINA)
        no, amount = content["out_trade_no"], content["total_amount"]
        whole, _, part = amount.partition(".")
        assert len(part) == 2, "yuan with two places"
        made = self.trades.get(no)
        if made is None:
            asked = content | {"return_url": said["return_url"]}
            made = Trade(no, int(whole + part), way, said["notify_url"], expires, asked)
            self.trades[no] = made
        return made

    async def _gateway(self, request: Request) -> Response:
        said = await form_or_query(request)
        method = said["method"]
        if not self.admitted(said):
            return self._answer(method, {"code": "40002", "sub_code": "isv.invalid-signature"}, "")
        fault = self.fault(method)
        if fault in NOT_DONE:
            return await self.answered(fault, Response())
        told = self._done(method, json.loads(said["biz_content"]))
        return await self.answered(fault, self._answer(method, told, fault))

    def _answer(self, method: str, told: dict[str, Any], fault: str) -> Response:
        body = json.dumps(told, ensure_ascii=False, separators=(", ", ":"))
        key = rsa_key("a stranger" if fault == "unsigned" else "alipay")
        name = method.replace(".", "_") + "_response"
        return Response(
            f'{{"{name}":{body},"sign":"{signature(key, body)}"}}',
            media_type="text/html;charset=utf-8",
        )

    def _done(self, method: str, content: dict[str, Any]) -> dict[str, Any]:
        if method == "alipay.data.dataservice.bill.downloadurl.query":
            return self._bill(content)
        trade = self.trades.get(content["out_trade_no"])
        if trade is None:
            return _refused("ACQ.TRADE_NOT_EXIST")
        if method == "alipay.trade.query":
            return _done(**_told(trade), **_when("send_pay_date", trade))
        if method == "alipay.trade.close":
            if trade.state != "waiting":
                return _refused("ACQ.REASON_TRADE_STATUS_INVALID")
            trade.state = "closed"
            return _done(out_trade_no=trade.out_no, trade_no=trade.no)
        if method == "alipay.trade.refund":
            return self._refund(trade, content)
        return self._refund_query(content)

    def _refund(self, trade: Trade, content: dict[str, Any]) -> dict[str, Any]:
        whole, _, part = content["refund_amount"].partition(".")
        known = content["out_request_no"] in self.backs
        made = self.back(content["out_request_no"], trade, int(whole + part))
        if isinstance(made, str):
            words = {"no-money": "ACQ.SELLER_BALANCE_NOT_ENOUGH"}
            return _refused(words.get(made, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"))
        gone = sum(one.fen for one in self.backs.values() if one.trade is trade)
        moved = made.state == "done" and not known
        return _done(
            out_trade_no=trade.out_no,
            trade_no=trade.no,
            fund_change="Y" if moved else "N",
            refund_fee=yuan(gone),
        )

    def _refund_query(self, content: dict[str, Any]) -> dict[str, Any]:
        made = self.backs.get(content["out_request_no"])
        if made is None or made.state != "done":
            return _done()
        return _done(
            out_trade_no=made.trade.out_no,
            trade_no=made.trade.no,
            out_request_no=made.out_no,
            refund_amount=yuan(made.fen),
            total_amount=yuan(made.trade.fen),
            refund_status="REFUND_SUCCESS",
        )

    def notice(
        self, trade: Trade, *, key: str = "", age_s: int = 0, fen: int | None = None
    ) -> tuple[dict[str, str], bytes]:
        """trade_status_sync. It has no age that would say anything."""
        assert trade.paid_at and not age_s
        told = _told(trade) | _when("gmt_payment", trade)
        if fen is not None:
            told["total_amount"] = yuan(fen)
        return self.said(told, key)

    def refund_notice(self, back: Back) -> tuple[dict[str, str], bytes]:
        """A refund is told as news of its trade."""
        told = _told(back.trade) | {
            "gmt_refund": f"{back.at:{TIME}}.123",
            "refund_fee": yuan(back.fen),
            "out_biz_no": back.out_no,
        }
        if back.fen == back.trade.fen:
            told["trade_status"] = "TRADE_CLOSED"
        return self.said(told)

    def said(self, told: dict[str, Any], key: str = "") -> tuple[dict[str, str], bytes]:
        """A signed notice."""
        fields = {
            "notify_time": f"{datetime.now(CHINA):{TIME}}",
            "notify_type": "trade_status_sync",
            "notify_id": secrets.token_hex(16),
            "app_id": APP,
            "auth_app_id": APP,
            "seller_id": SELLER,
            "charset": "utf-8",
            "version": "1.0",
            "subject": "田头 & 果园 + 1",
            "body": "",
            **told,
        }
        text = "&".join(f"{k}={v}" for k, v in sorted(fields.items()) if v)
        fields |= {"sign": signature(rsa_key(key or "alipay"), text), "sign_type": "RSA2"}
        kind = "application/x-www-form-urlencoded; charset=utf-8"
        return {"Content-Type": kind}, urlencode(fields).encode()

    def _bill(self, content: dict[str, Any]) -> dict[str, Any]:
        if not self.bill_rows(content["bill_date"]):
            return _refused("isp.bill_not_exist")
        return _done(bill_download_url=f"{self.url}/bill/{content['bill_date']}.zip")

    def bill_rows(self, day: str) -> list[list[str]]:
        """The lines of a day."""
        done = [
            (trade, back) for trade, back in self.booked(day) if not back or back.state == "done"
        ]
        return [_row(trade, back) for trade, back in done]

    async def _bill_file(self, request: Request) -> Response:
        head = (
            "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
            "对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,"
            "券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
        )
        rows = [",".join(row) for row in self.bill_rows(request.path_params["day"])]
        notes = ["#支付宝业务明细查询", f"#账号：[{SELLER}0156]", "#-----业务明细列表-----"]
        detail = "\r\n".join([*notes, head, *rows, "#-----业务明细列表结束-----", ""])
        summary = "#支付宝业务汇总查询\r\n门店编号,门店名称,交易订单总笔数\r\n,,1\r\n#导出时间\r\n"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("20880_业务明细.csv", detail.encode("gbk"))
            file.writestr("20880_业务明细(汇总).csv", summary.encode("gbk"))
        return Response(out.getvalue())


def _done(**told: Any) -> dict[str, Any]:
    return {"code": "10000", "msg": "Success", **told}


def _refused(sub_code: str) -> dict[str, Any]:
    return {"code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "不行"}


def _told(trade: Trade) -> dict[str, Any]:
    return {
        "out_trade_no": trade.out_no,
        "trade_no": trade.no,
        "trade_status": STATES[trade.state],
        "total_amount": yuan(trade.fen),
    }


def _when(name: str, trade: Trade) -> dict[str, str]:
    return {name: f"{trade.paid_at:{TIME}}"} if trade.paid_at else {}


def _row(trade: Trade, back: Back | None) -> list[str]:
    fen = f"-{yuan(back.fen)}" if back else yuan(trade.fen)
    at = back.at if back else trade.paid_at
    return [
        f"{trade.no}\t", f"{trade.out_no}\t", "退款" if back else "交易", "田头",
        f"{at:{TIME}}", f"{at:{TIME}}", "", "", "", "", "a***@b.cn", fen, fen, *["0.00"] * 5, "",
        "0.00", "0.00", f"{back.out_no}\t" if back else "", "0.00", "0.00", "",
    ]  # fmt: skip
