"""WeChat Pay's bill of a day: a table in text, columns by name, every cell behind a backtick."""

import csv
import hashlib
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tiantou.engines.pay_keys import fen_of
from tiantou.engines.pay_wechat_wire import Wire
from tiantou.trade.ports import BillLine, GatewayDown

BILL_BYTES_MAX = 256 * 1024 * 1024
_STATE, _NO, _OURS, _FEN = "交易状态", "微信订单号", "商户订单号", "订单金额"
_BACK_NO, _BACK_OURS, _BACK_FEN = "微信退款单号", "商户退款单号", "申请退款金额"
NEEDED = frozenset({_STATE, _NO, _OURS, _FEN, _BACK_NO, _BACK_OURS, _BACK_FEN})


async def lines_of(wire: Wire, told: dict[str, Any]) -> list[BillLine]:
    """Fetches what WeChat Pay's verified answer points to, and reads it. Raises GatewayDown."""
    url, digest = str(told.get("download_url")), str(told.get("hash_value"))
    if told.get("hash_type") != "SHA1" or urlsplit(url).hostname not in wire.outgoing.hosts:
        raise GatewayDown("bill: it stands where we do not look")
    answer = await wire.send("GET", url, bytes_max=BILL_BYTES_MAX)
    if answer.status != 200:
        raise GatewayDown(f"bill: status {answer.status}")
    # The file itself is not signed; its digest stands in the signed answer.
    if hashlib.sha1(answer.body, usedforsecurity=False).hexdigest() != digest.lower():
        raise GatewayDown("bill: its digest differs")
    try:
        return list(read(answer.body.decode("utf-8-sig")))
    except (ValueError, UnicodeDecodeError) as error:
        raise GatewayDown(f"bill: it cannot be read: {error}") from error


def read(text: str) -> Iterator[BillLine]:
    """The lines of a bill. Raises ValueError if a column or an amount is not as expected."""
    rows = csv.reader(io.StringIO(text))
    head = [cell.strip().lstrip("`") for cell in next(rows, [])]
    if not set(head) >= NEEDED:
        raise ValueError(f"columns are missing: {sorted(NEEDED - set(head))}")
    for row in rows:
        if not row or not row[0].startswith("`"):
            return
        line = {name: cell.strip().lstrip("`") for name, cell in zip(head, row, strict=False)}
        if line[_STATE] == "SUCCESS":
            yield BillLine(
                kind="payment",
                ref=line[_OURS],
                provider_no=line[_NO],
                amount_fen=fen_of(line[_FEN]),
            )
        else:
            yield BillLine(
                kind="refund",
                ref=line[_BACK_OURS],
                provider_no=line[_BACK_NO],
                amount_fen=fen_of(line[_BACK_FEN]),
            )
