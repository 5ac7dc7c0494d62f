"""Identifiers: UUIDv7 inside, short checked Crockford base32 numbers for people."""

import hashlib
import os
import secrets
import threading
import time
from uuid import UUID, SafeUUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ = {c: i for i, c in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]
_CHECK = ALPHABET + "*~$=U"

_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562, version 7), strictly increasing within one process."""
    return uuid7s(1)[0]


def uuid7s(count: int) -> list[UUID]:
    """Several of them, each greater than the one before: the system is asked for time and
    randomness once.
    """
    global _last
    drawn = os.urandom(10 * count)
    made = []
    with _lock:
        now = time.time_ns() // 1_000_000 << 12
        for at in range(0, len(drawn), 10):
            some = int.from_bytes(drawn[at : at + 10])
            _last = stamp = max(now | some >> 64 & 0x7FF, _last + 1)
            ms, seq = stamp >> 12, stamp & 0xFFF
            made.append(_uuid(ms << 80 | 7 << 76 | seq << 64 | 2 << 62 | some & (1 << 62) - 1))
    return made


def _uuid(number: int) -> UUID:
    """A UUID of a number that is one for sure: its own constructor checks four times as long."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", number)
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def digest(raw: bytes) -> UUID:
    """The name of some bytes: the same bytes have the same one (16 bytes of BLAKE2b)."""
    return _uuid(int.from_bytes(hashlib.blake2b(raw, digest_size=16).digest()))


def short(number: int) -> str:
    """Crockford base32 of a non-negative number with its mod-37 check sign.

    Check signs that are not letters are avoided by callers that draw numbers: see `draw`.
    """
    if number < 0:
        raise ValueError("a short number is not negative")
    digits, rest = "", number
    while rest >= 32:
        digits = _PAIRS[rest & 1023] + digits
        rest >>= 10
    digits = (ALPHABET[rest] if rest else "") + digits
    return (digits.lstrip("0") or "0") + _CHECK[number % 37]


def draw(length: int = 10) -> str:
    """A random public code of `length` digits and a check sign, all of them letters or figures."""
    while True:
        number = secrets.randbits(5 * length)
        if number % 37 < 32:
            return short(number).rjust(length + 1, "0")


def read_short(text: str) -> int:
    """The number of a code as people type it: any case, O for 0, I and L for 1, hyphens and spaces.

    Raises ValueError if a sign is unknown or the check sign is wrong.
    """
    clean = text.strip().upper().replace("-", "").replace(" ", "")
    if len(clean) < 2:
        raise ValueError("a code has at least two signs")
    number = 0
    for sign in clean[:-1]:
        if sign not in _READ:
            raise ValueError(f"no such sign: {sign}")
        number = number * 32 + _READ[sign]
    check = _CHECK[number % 37]
    given = clean[-1]
    if given != check and (given not in _READ or ALPHABET[_READ[given]] != check):
        raise ValueError("the check sign does not fit")
    return number
