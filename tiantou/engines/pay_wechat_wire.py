"""WeChat Pay's protocol, version 3: requests signed, answers and callbacks verified and opened.

Signatures are SHA256 with RSA over lines (https://pay.weixin.qq.com/doc/v3/merchant/4012365342),
sealed parts are AES-256-GCM under the API v3 key. WeChat Pay signs either with a public key, whose
id begins with `PUB_KEY_ID_`, or with platform certificates that change and are fetched.
"""

import asyncio
import base64
import json
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tiantou.core.outgoing import Answer, NotAllowed, Outgoing, Unreachable
from tiantou.engines.pay_keys import sign, signed
from tiantou.kit import clock
from tiantou.trade.ports import BadNotice, GatewayDown

SCHEME = "WECHATPAY2-SHA256-RSA2048"
AGE_S_MAX = 300
TIMEOUT_S = 10.0
NONCE_CHARS_MAX = 64
FETCH_AGAIN_S = 60.0
# What says nothing of the payment itself: our key, the rate, their trouble.
NOTHING_SAID = frozenset({401, 408, 425, 429})

log = logging.getLogger("tiantou.payments")


@dataclass(frozen=True)
class Account:
    """A merchant's account. `keys`: WeChat Pay's public keys by their id; empty: its platform
    certificates are fetched. `app_secret` asks who pays inside WeChat; empty if nobody does there.
    """

    app_id: str
    merchant_id: str
    key_serial: str
    key: RSAPrivateKey = field(repr=False)
    api_key: bytes = field(repr=False)
    keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    app_secret: str = field(default="", repr=False)
    url: str = "https://api.mch.weixin.qq.com"
    app_url: str = "https://api.weixin.qq.com"
    open_url: str = "https://open.weixin.qq.com"

    def hosts(self) -> frozenset[str]:
        """The hosts that this account is reached at."""
        return frozenset(str(urlsplit(url).hostname) for url in (self.url, self.app_url))


class Wire:
    """Talks to WeChat Pay in the name of an account."""

    def __init__(self, account: Account, outgoing: Outgoing, timeout_s: float = TIMEOUT_S) -> None:
        self.account, self.outgoing, self.timeout_s = account, outgoing, timeout_s
        self._fetched: dict[str, RSAPublicKey] = {}
        self._fetched_at = -FETCH_AGAIN_S
        self._fetching = asyncio.Lock()

    async def call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """A signed request, and the status and body of its verified answer. Raises GatewayDown.

        A status under 500 that speaks of the request itself is given as it is.
        """
        answer = await self.send(method, self.account.url + path, body)
        if answer.status >= 500 or answer.status in NOTHING_SAID or 300 <= answer.status < 400:
            raise GatewayDown(f"status {answer.status} {_code(answer.body)}")
        if answer.status < 300:
            try:
                await self.check(answer.headers, answer.body)
            except BadNotice as bad:
                raise GatewayDown(f"the answer's signature: {bad.reason}") from bad
        return answer.status, _object(answer.body)

    async def send(
        self,
        method: str,
        url: str,
        body: dict[str, Any] | None = None,
        bytes_max: int = 1024 * 1024,
    ) -> Answer:
        """A signed request; its answer is not verified. Raises GatewayDown."""
        raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {
            "Authorization": self._authorization(method, url, raw),
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "tiantou",
        }
        if len(self.account.keys) == 1:
            # Says that answers are to be signed with this key, not with a certificate.
            headers["Wechatpay-Serial"] = next(iter(self.account.keys))
        try:
            return await self.outgoing.ask(
                method, url, headers, raw, timeout_s=self.timeout_s, bytes_max=bytes_max
            )
        except (Unreachable, NotAllowed) as error:
            raise GatewayDown(str(error)) from error

    def _authorization(self, method: str, url: str, body: bytes) -> str:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        stamp, nonce = str(int(time.time())), secrets.token_hex(16)
        text = "\n".join([method, target, stamp, nonce, ""]).encode() + body + b"\n"
        said = {
            "mchid": self.account.merchant_id,
            "nonce_str": nonce,
            "signature": sign(self.account.key, text),
            "timestamp": stamp,
            "serial_no": self.account.key_serial,
        }
        return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in said.items())

    def sign_lines(self, *lines: str) -> str:
        """Our signature over lines, each with its end."""
        return sign(self.account.key, "".join(f"{line}\n" for line in lines).encode())

    async def check(self, headers: Mapping[str, str], body: bytes) -> str:
        """That WeChat Pay has signed this lately; gives the mark of the message.

        Raises BadNotice (malformed, forged, stale), GatewayDown if its certificates are not to be
        had.
        """
        said = [
            headers.get(f"wechatpay-{name}", "")
            for name in ("timestamp", "nonce", "signature", "serial")
        ]
        stamp, nonce, signature, serial = said
        if not (stamp.isdigit() and len(stamp) < 12 and 0 < len(nonce) <= NONCE_CHARS_MAX):
            raise BadNotice("malformed")
        key = await self._key(serial)
        text = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
        if key is None or not signed(key, signature, text):
            raise BadNotice("forged")
        if abs(clock.now().timestamp() - int(stamp)) > AGE_S_MAX:
            raise BadNotice("stale")
        return f"{stamp}.{nonce}"

    async def _key(self, serial: str) -> RSAPublicKey | None:
        if self.account.keys:
            return self.account.keys.get(serial)
        async with self._fetching:
            stale = time.monotonic() - self._fetched_at >= FETCH_AGAIN_S
            if serial not in self._fetched and stale:
                # Whoever sends us unknown serials does not make us ask more often than this.
                self._fetched_at = time.monotonic()
                self._fetched = await self._certificates()
        return self._fetched.get(serial)

    async def _certificates(self) -> dict[str, RSAPublicKey]:
        """The platform certificates that are valid now, each opened with our API v3 key; and one of
        them has signed the list. Raises GatewayDown.
        """
        answer = await self.send("GET", self.account.url + "/v3/certificates")
        if answer.status != 200:
            raise GatewayDown(f"no certificates: status {answer.status} {_code(answer.body)}")
        found, now = dict[str, RSAPublicKey](), clock.now()
        try:
            for one in _object(answer.body)["data"]:
                pem = self.open(one["encrypt_certificate"])
                made = x509.load_pem_x509_certificate(pem)
                key = made.public_key()
                lasts = made.not_valid_before_utc <= now <= made.not_valid_after_utc
                if lasts and isinstance(key, RSAPublicKey):
                    found[str(one["serial_no"])] = key
        except (KeyError, TypeError, ValueError, BadNotice) as error:
            raise GatewayDown("no certificates: they cannot be read") from error
        headers = answer.headers
        stamp, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
        text = f"{stamp}\n{nonce}\n".encode() + answer.body + b"\n"
        signer = found.get(headers.get("wechatpay-serial", ""))
        if signer is None or not signed(signer, headers.get("wechatpay-signature", ""), text):
            raise GatewayDown("no certificates: the list is not signed by one of them")
        return found

    def open(self, sealed: Mapping[str, Any]) -> bytes:
        """The text of a sealed part. Raises BadNotice."""
        try:
            if sealed.get("algorithm") != "AEAD_AES_256_GCM":
                raise BadNotice("malformed")
            return AESGCM(self.account.api_key).decrypt(
                str(sealed["nonce"]).encode(),
                base64.b64decode(str(sealed["ciphertext"]), validate=True),
                str(sealed.get("associated_data") or "").encode(),
            )
        except InvalidTag as error:
            raise BadNotice("forged") from error
        except (KeyError, ValueError) as error:
            raise BadNotice("malformed") from error


def _object(body: bytes) -> dict[str, Any]:
    """A JSON object; empty if there is none. Raises GatewayDown."""
    if not body:
        return {}
    try:
        found = json.loads(body)
    except ValueError as error:
        raise GatewayDown("the answer is no JSON") from error
    return found if isinstance(found, dict) else {}


def _code(body: bytes) -> str:
    """The provider's word for what is wrong, for the log."""
    try:
        return str(_object(body).get("code", ""))[:40]
    except GatewayDown:
        return ""
