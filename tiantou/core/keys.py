"""Keys: one root secret, purposes by HKDF, two generations valid; signed tokens, field encryption,
blind indexes.

A root is at least 32 bytes. The first root signs and encrypts, every root verifies and decrypts.
"""

import base64
import hashlib
import hmac
import os
import time
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAC_BYTES = 16
TOKEN_CHARS_MAX = 4096


class BadToken(Exception):
    """A token that is malformed, forged, of another purpose, or expired. Carries `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


@dataclass(frozen=True)
class Keys:
    """The keys of an instance, newest root first (two at most)."""

    roots: tuple[bytes, ...] = field(repr=False)
    _made: dict[tuple[int, str], bytes] = field(default_factory=dict, repr=False, compare=False)
    _ciphers: dict[tuple[int, str], AESGCM] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.roots) <= 2 or any(len(root) < 32 for root in self.roots):
            raise ValueError("one or two root secrets of at least 32 bytes")

    def derive(self, purpose: str, generation: int = 0) -> bytes:
        """The 32-byte key of a purpose; generation 0 is the newest root."""
        made = self._made.get((generation, purpose))
        if made is None:
            kdf = HKDF(SHA256(), 32, salt=b"tiantou", info=purpose.encode())
            made = self._made[generation, purpose] = kdf.derive(self.roots[generation])
        return made

    def _cipher(self, purpose: str, generation: int = 0) -> AESGCM:
        made = self._ciphers.get((generation, purpose))
        if made is None:
            made = AESGCM(self.derive("field:" + purpose, generation))
            self._ciphers[generation, purpose] = made
        return made

    def mac(self, purpose: str, data: bytes, generation: int = 0) -> bytes:
        """HMAC-SHA256 cut to MAC_BYTES."""
        return hmac.digest(self.derive(purpose, generation), data, hashlib.sha256)[:MAC_BYTES]

    def sign(self, purpose: str, payload: bytes, ttl_s: int) -> str:
        """A URL-safe token `payload.expiry.mac`, good for `ttl_s` seconds from now."""
        body = f"{_text(payload)}.{int(time.time()) + ttl_s:x}"
        return f"{body}.{_text(self.mac(purpose, body.encode()))}"

    def verify(self, purpose: str, token: str) -> bytes:
        """The payload of a token. Raises BadToken."""
        if len(token) > TOKEN_CHARS_MAX or token.count(".") != 2:
            raise BadToken("malformed")
        body, _, mark = token.rpartition(".")
        payload, _, expiry = body.partition(".")
        try:
            given, until, content = _raw(mark), int(expiry, 16), _raw(payload)
        except ValueError:
            raise BadToken("malformed") from None
        for generation in range(len(self.roots)):
            if hmac.compare_digest(given, self.mac(purpose, body.encode(), generation)):
                break
        else:
            raise BadToken("forged")
        if until <= time.time():
            raise BadToken("expired")
        return content

    def expiry(self, token: str) -> int:
        """The second from which on a token that was verified is expired."""
        return int(token.split(".")[1], 16)

    def encrypt(self, purpose: str, text: str) -> bytes:
        """AES-256-GCM of a personal field; the purpose is bound in."""
        nonce = os.urandom(12)
        return nonce + self._cipher(purpose).encrypt(nonce, text.encode(), purpose.encode())

    def decrypt(self, purpose: str, sealed: bytes) -> str:
        """The text of an encrypted field. Raises BadToken if no root opens it."""
        for generation in range(len(self.roots)):
            try:
                cipher = self._cipher(purpose, generation)
                return cipher.decrypt(sealed[:12], sealed[12:], purpose.encode()).decode()
            except Exception as error:
                last = error
        raise BadToken("forged") from last

    def blind(self, purpose: str, text: str) -> bytes:
        """A keyed 32-byte digest to look a personal field up by; of the oldest root: it stays."""
        key = self.derive("blind:" + purpose, len(self.roots) - 1)
        return hmac.digest(key, text.encode(), hashlib.sha256)
