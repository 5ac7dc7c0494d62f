"""One-time codes by SMS: sent sparingly, stored as a keyed digest, good once, five tries in all."""

import hmac
import secrets
from datetime import datetime, timedelta

from tiantou.accounts import phones, sign_in_sql
from tiantou.accounts.ports import Sms, SmsFailed
from tiantou.accounts.problems import CodeExpired, SmsNotSent, WrongCode
from tiantou.core import limits
from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.core.problems import TooManyRequests
from tiantou.kit import clock

DIGITS = 6
TRIES_MAX = 5
LIFE = timedelta(minutes=10)
PAUSE = timedelta(seconds=60)
PER_NUMBER = ((5, 3600), (10, 86_400))
PER_ADDRESS = ((20, 3600), (60, 86_400))
TRIES_PER_ADDRESS = ((30, 600), (200, 86_400))
PURPOSE = "accounts.code"
TEMPLATE = "sign-in-code"


def _digest(keys: Keys, phone_index: bytes, code: str, generation: int = 0) -> bytes:
    return keys.mac(PURPOSE, phone_index + code.encode(), generation)


async def send_code(database: Database, keys: Keys, sms: Sms, phone: str, client_ip: str) -> None:
    """Sends a new code to a number (11 digits); the one before is no longer good.

    Raises TooManyRequests within the pause and over the limits, SmsNotSent if the port fails.
    """
    index = phones.index(keys, phone)
    async with database.beside() as tx:
        _refuse_within_pause(await sign_in_sql.sent_at(tx, index))
    await limits.spend(database, "sms.number", index.hex(), PER_NUMBER)
    await limits.spend(database, "sms.address", client_ip, PER_ADDRESS)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    async with database.beside() as tx:
        digest = _digest(keys, index, code)
        _refuse_within_pause(await sign_in_sql.put_code(tx, index, digest, LIFE, PAUSE))
    # committed before it is sent: a code on somebody's phone is always one that we know
    try:
        members = {"code": code, "minutes": int(LIFE.total_seconds()) // 60}
        await sms.send(phone, TEMPLATE, members, secrets.token_hex(8))
    except SmsFailed as error:
        async with database.beside() as tx:
            await sign_in_sql.drop_code(tx, index)
        raise SmsNotSent(retry_after_s=5) from error


def _refuse_within_pause(sent_at: datetime | None) -> None:
    """Raises TooManyRequests if the last code is younger than PAUSE."""
    left_s = (sent_at + PAUSE - clock.now()).total_seconds() if sent_at else 0.0
    if left_s > 0:
        raise TooManyRequests(limit="sms.pause", retry_after_s=int(left_s) + 1)


async def count_try(database: Database, client_ip: str) -> None:
    """Counts a try to sign in from an address. Raises TooManyRequests."""
    await limits.spend(database, "sign-in.address", client_ip, TRIES_PER_ADDRESS)


async def check_code(
    database: Database, keys: Keys, phone: str, code: str, client_ip: str
) -> tuple[bytes, bytes]:
    """Counts a try and compares; gives the number's index and the digest, to be spent at sign-in.

    The try is counted in a transaction of its own, before comparing, so that rivals who guess at
    once and requests that fail count as well. Raises CodeExpired, WrongCode, TooManyRequests.
    """
    await count_try(database, client_ip)
    index = phones.index(keys, phone)
    async with database.beside() as tx:
        found = await sign_in_sql.try_code(tx, index, TRIES_MAX)
    if found is None:
        raise CodeExpired()
    digest, tries = found
    right = [
        hmac.compare_digest(digest, _digest(keys, index, code, generation))
        for generation in range(len(keys.roots))
    ]
    if not any(right):
        raise WrongCode(tries_left=TRIES_MAX - tries)
    return index, digest
