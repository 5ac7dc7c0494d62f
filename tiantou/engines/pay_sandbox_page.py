"""The sandbox provider's own page: pay, refuse, or let the time run out. Plain ASGI, no script."""

import base64
import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from tiantou.engines.pay_sandbox import CHOICES, PATH, REFUNDS, Book, PaySandbox
from tiantou.kit import clock
from tiantou.trade.ports import GatewayDown

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FORM_BYTES_MAX = 8 * 1024

_STYLE = (
    "*{box-sizing:border-box}body{margin:0;background:#f4f1ea;color:#222;"
    "font:16px/1.5 'Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif}"
    "main{max-width:420px;margin:0 auto;padding:24px 16px}.band{background:#b3261e;color:#fff;"
    "text-align:center;padding:8px}.sum{font-size:40px;font-weight:700;text-align:center;"
    "margin:16px 0}"
    "form{display:grid;gap:12px}button{min-height:48px;font:inherit;border:1px solid #888;"
    "border-radius:8px;background:#fff;cursor:pointer}button.pay{background:#1b6b3a;color:#fff;"
    "border-color:#1b6b3a}select{min-height:44px;font:inherit;width:100%}label{display:block}"
    "small{color:#555}button:focus-visible,select:focus-visible{outline:3px solid #1b6b3a}"
)
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_WORDS = {
    "done": "退款成功 succeed",
    "fail_once": "第一次失败 fail once",
    "fail": "总是失败 always fail",
}


class SandboxPage:
    """The ASGI app under /sandbox/pay/; mounted in demo mode only."""

    def __init__(self, sandbox: PaySandbox) -> None:
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Shows a payment, or takes the payer's choice and sends the browser back to the shop."""
        if scope["type"] != "http":
            return
        payment_id = _id(scope["path"])
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        form: dict[str, list[str]] = {}
        if scope["method"] == "POST":
            form = parse_qs((await _body(receive)).decode("utf-8", "replace"))
        token = (form.get("s") or query.get("s") or [""])[0]
        book = await self._sandbox.look(payment_id) if payment_id else None
        if payment_id is None or book is None or not self._sandbox.admits(payment_id, token):
            await _say(send, 404, _page("没有这笔付款 No such payment", ""))
        elif scope["method"] == "POST":
            await self._chosen(send, book, form)
        elif scope["method"] in {"GET", "HEAD"}:
            await _say(send, 200, _shown(book, token))
        else:
            await _say(send, 405, _page("405", ""))

    async def _chosen(self, send: Send, book: Book, form: dict[str, list[str]]) -> None:
        choice, will = (form.get(name, [""])[0] for name in ("choice", "refunds"))
        if choice not in CHOICES:
            await _say(send, 422, _page("请选择 Choose one", ""))
            return
        try:
            book = await self._sandbox.choose(book.payment_id, choice, will)
        except GatewayDown:
            await _say(send, 404, _page("没有这笔付款 No such payment", ""))
            return
        await send(
            {
                "type": "http.response.start",
                "status": 303,
                "headers": [
                    (b"location", book.return_to.encode("ascii", "ignore")),
                    (b"cache-control", b"no-store"),
                    (b"content-length", b"0"),
                ],
            }
        )
        await send({"type": "http.response.body", "body": b""})


def _id(path: str) -> UUID | None:
    try:
        return UUID(path.rpartition(PATH)[2] if PATH in path else path.rpartition("/")[2])
    except ValueError:
        return None


async def _body(receive: Receive) -> bytes:
    body = b""
    while len(body) <= FORM_BYTES_MAX:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body[:FORM_BYTES_MAX]


def _shown(book: Book, token: str) -> str:
    yuan = f"¥{book.amount_fen // 100}.{book.amount_fen % 100:02d}"
    head = f'<p>订单 Order {escape(book.title)}</p><p class="sum">{yuan}</p>'
    if book.choice in {"paid", "refused"}:
        back = escape(book.return_to, quote=True)
        return _page(
            "已经处理 Already decided",
            f'{head}<p><a href="{back}">返回商家 Back to the shop</a></p>',
        )
    late = book.ends_at <= clock.now()
    note = "<p>付款时间已过：现在付款会按规则退回 Time is over: money now goes back by rule</p>"
    options = "".join(f'<option value="{name}">{_WORDS[name]}</option>' for name in REFUNDS)
    return _page(
        "沙箱支付 Sandbox payment",
        f"{head}{note if late else ''}"
        f'<form method="post"><input type="hidden" name="s" value="{escape(token, quote=True)}">'
        '<button class="pay" name="choice" value="paid">确认付款 Pay</button>'
        '<button name="choice" value="refused">付款失败 Refuse</button>'
        '<button name="choice" value="timed_out">不付款，离开 Time out</button>'
        f'<label>以后退款 Refunds will<select name="refunds">{options}</select></label></form>',
    )


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        '<p class="band">演示：没有真钱 DEMO: no real money</p>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


async def _say(send: Send, status: int, html: str) -> None:
    body = html.encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"content-security-policy", _POLICY.encode()),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"same-origin"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
