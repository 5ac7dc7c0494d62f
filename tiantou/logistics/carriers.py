"""The carriers that we know, and what a waybill looks like. `self`: the seller brings it."""

import re
import unicodedata

from tiantou.core.problems import InvalidFields
from tiantou.kit import ids

CARRIERS = {
    "shunfeng": "顺丰",
    "zhongtong": "中通",
    "yuantong": "圆通",
    "shentong": "申通",
    "yunda": "韵达",
    "jtexpress": "极兔",
    "ems": "邮政EMS",
    "jd": "京东",
    "debang": "德邦",
    "self": "自送",
}
SELF = "self"
_BY_NAME = {name: code for code, name in CARRIERS.items()} | {"邮政": "ems", "EMS": "ems"}
_WAYBILL = re.compile(r"[0-9A-Z][0-9A-Z-]{6,28}[0-9A-Z]")


def carrier_code(text: str) -> str:
    """The code of a carrier given by code or Chinese name. Raises InvalidFields(carrier)."""
    code = _BY_NAME.get(text.strip(), text.strip().lower())
    if code not in CARRIERS:
        raise InvalidFields.one("carrier", "unknown")
    return code


def waybill_number(carrier: str, text: str) -> str:
    """A waybill in capitals without blanks, 8 to 30 signs; drawn if the seller brings it himself.

    Raises InvalidFields(waybill).
    """
    clean = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    if carrier == SELF and not clean:
        return ids.draw()
    if not _WAYBILL.fullmatch(clean):
        raise InvalidFields.one("waybill", "waybill", min=8, max=30)
    return clean
