"""Alipay's bill of a day: a ZIP of tables in GBK, columns by name, notes behind `#`."""

import csv
import io
import zipfile
from collections.abc import Iterator
from urllib.parse import urlsplit

from tiantou.core.outgoing import NotAllowed, Unreachable
from tiantou.engines.pay_alipay_wire import Wire
from tiantou.engines.pay_keys import fen_of
from tiantou.trade.ports import BillLine, GatewayDown

BILL_BYTES_MAX = 64 * 1024 * 1024
TABLE_BYTES_MAX = 512 * 1024 * 1024
FILES_MAX = 10
_NO, _OURS, _WHAT, _FEN = "支付宝交易号", "商户订单号", "业务类型", "订单金额（元）"
_BACK_OURS = "退款批次号/请求号"
NEEDED = frozenset({_NO, _OURS, _WHAT, _FEN, _BACK_OURS})


async def lines_of(wire: Wire, url: str) -> list[BillLine]:
    """Fetches what Alipay's verified answer points to, and reads it. Raises GatewayDown."""
    scheme, _, rest = url.partition("://")
    # The address is given as http by some of Alipay's machines; its host answers https.
    if scheme == "http" and urlsplit(url).hostname not in wire.outgoing.private:
        url = f"https://{rest}"
    try:
        answer = await wire.outgoing.ask("GET", url, bytes_max=BILL_BYTES_MAX, timeout_s=60)
    except (Unreachable, NotAllowed) as error:
        raise GatewayDown(f"bill: {error}") from error
    if answer.status != 200:
        raise GatewayDown(f"bill: status {answer.status}")
    try:
        return list(read(answer.body))
    except (ValueError, zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise GatewayDown(f"bill: it cannot be read: {error}") from error


def read(packed: bytes) -> Iterator[BillLine]:
    """The lines of a bill. Raises ValueError, BadZipFile if it is not as expected."""
    found = False
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        names = files.infolist()
        if len(names) > FILES_MAX or sum(one.file_size for one in names) > TABLE_BYTES_MAX:
            raise ValueError("it is too large")
        for one in names:
            table = list(_rows(files.read(one).decode("gb18030")))
            # Beside the lines stands a summary, which has other columns.
            if table and set(table[0]) >= NEEDED:
                found = True
                yield from (_line(dict(zip(table[0], row, strict=False))) for row in table[1:])
    if not found:
        raise ValueError(f"no table has the columns {sorted(NEEDED)}")


def _rows(text: str) -> Iterator[list[str]]:
    for row in csv.reader(io.StringIO(text)):
        if row and not row[0].lstrip("\ufeff").startswith("#"):
            yield [cell.strip() for cell in row]


def _line(line: dict[str, str]) -> BillLine:
    if line[_WHAT] == "交易":
        return BillLine(
            kind="payment",
            ref=line[_OURS],
            provider_no=line[_NO],
            amount_fen=fen_of(line[_FEN]),
        )
    return BillLine(
        kind="refund",
        ref=line[_BACK_OURS],
        provider_no=line[_NO],
        amount_fen=abs(fen_of(line[_FEN])),
    )
