"""Whom a parcel goes to, sealed as one: an address keeps it ready, so an order only copies it."""

from typing import NamedTuple

import msgspec

from tiantou.core.keys import Keys

PURPOSE = "trade.recipient"
"""Orders were sealed under this name before addresses were."""


class Destination(NamedTuple):
    """A person at a door; the division stands readable beside it."""

    recipient: str
    phone: str
    detail: str


def seal(keys: Keys, to: Destination) -> bytes:
    """Encrypted for storage."""
    return keys.encrypt(PURPOSE, msgspec.json.encode(to._asdict()).decode())


def unseal(keys: Keys, sealed: bytes) -> Destination:
    """Opened. Raises BadToken."""
    said = msgspec.json.decode(keys.decrypt(PURPOSE, sealed))
    return Destination(said["recipient"], said["phone"], said["detail"])
