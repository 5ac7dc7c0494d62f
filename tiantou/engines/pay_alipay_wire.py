"""Alipay's open gateway: parameters signed with RSA2, answers and notices verified.

What is signed are the parameters, sorted by name, joined by `&`, without `sign` (in a notice also
without `sign_type`). What an answer's signature covers are the very bytes of its response object
(https://opendocs.alipay.com/common/02mse7).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from tiantou.core.outgoing import NotAllowed, Outgoing, Unreachable
from tiantou.engines.pay_keys import sign, signed
from tiantou.kit import clock
from tiantou.trade.ports import BadNotice, GatewayDown

CHINA = timezone(timedelta(hours=8))
SIGN_TYPE = "RSA2"
TIMEOUT_S = 10.0
FIELDS_MAX = 200
# Their trouble, or our key: nothing is said of the payment itself.
NOTHING_SAID = frozenset({"20000", "20001", "40001", "40002", "40003", "40006"})
_UNKNOWN = ("SYSTEM_ERROR", "UNKNOW-ERROR", "SERVICE_CURRENTLY_UNAVAILABLE", "AOP.")


@dataclass(frozen=True)
class Account:
    """An application of a merchant. `alipay_key` is Alipay's own, for this application.

    `seller_id` may be empty: then a notice is not asked for it.
    """

    app_id: str
    key: RSAPrivateKey = field(repr=False)
    alipay_key: RSAPublicKey
    seller_id: str = ""
    url: str = "https://openapi.alipay.com/gateway.do"

    def hosts(self) -> frozenset[str]:
        """The hosts that this account is reached at, its bills' included."""
        return frozenset({str(urlsplit(self.url).hostname), ".alipay.com"})


class Wire:
    """Talks to Alipay in the name of an application."""

    def __init__(self, account: Account, outgoing: Outgoing, timeout_s: float = TIMEOUT_S) -> None:
        self.account, self.outgoing, self.timeout_s = account, outgoing, timeout_s

    def address(self, method: str, content: dict[str, str], urls: dict[str, str]) -> str:
        """The signed address of a page of Alipay's."""
        return f"{self.account.url}?{urlencode(self._said(method, content, urls))}"

    def _said(self, method: str, content: dict[str, str], urls: dict[str, str]) -> dict[str, str]:
        said = {
            "app_id": self.account.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": SIGN_TYPE,
            "timestamp": f"{clock.now().astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
            "version": "1.0",
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
            **urls,
        }
        return said | {"sign": sign(self.account.key, _joined(said))}

    async def call(self, method: str, content: dict[str, str]) -> dict[str, Any]:
        """The verified response to a request. Raises GatewayDown if it says nothing of it."""
        body = urlencode(self._said(method, content, {})).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        try:
            answer = await self.outgoing.ask(
                "POST", self.account.url, headers, body, timeout_s=self.timeout_s
            )
        except (Unreachable, NotAllowed) as error:
            raise GatewayDown(str(error)) from error
        if answer.status != 200:
            raise GatewayDown(f"status {answer.status}")
        said = self._opened(answer.body, method.replace(".", "_") + "_response")
        sub_code = str(said.get("sub_code", "")).upper()
        if str(said.get("code")) in NOTHING_SAID or any(one in sub_code for one in _UNKNOWN):
            raise GatewayDown(f"{said.get('code')} {said.get('sub_code')}")
        return said

    def _opened(self, body: bytes, name: str) -> dict[str, Any]:
        """The response object, if Alipay has signed its bytes."""
        try:
            text = body.decode()
            whole = json.loads(text)
            response, signature = whole[name], str(whole.get("sign", ""))
            # The signature is over the object as it was written: it is cut out, not written anew.
            start = text.index("{", text.index(f'"{name}"') + len(name) + 2)
            _, end = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, KeyError, TypeError) as error:
            raise GatewayDown("the answer cannot be read") from error
        written = text[start:end]
        if not signed(self.account.alipay_key, signature, written.encode()):
            raise GatewayDown("the answer's signature is not Alipay's")
        if json.loads(written) != response or not isinstance(response, dict):
            raise GatewayDown("the answer says two things")
        return response

    def signed(self, said: Mapping[str, str]) -> bool:
        """Whether a notice is Alipay's."""
        covered = {name: value for name, value in said.items() if name not in {"sign", "sign_type"}}
        return signed(self.account.alipay_key, said.get("sign", ""), _joined(covered))


def _joined(said: Mapping[str, str]) -> bytes:
    return "&".join(f"{name}={said[name]}" for name in sorted(said) if said[name]).encode()


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a notice. Raises BadNotice if one is there twice."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), True, True, errors="strict", max_num_fields=FIELDS_MAX
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise BadNotice("malformed") from error
    said = dict(pairs)
    if len(said) != len(pairs):
        raise BadNotice("malformed")
    return said
