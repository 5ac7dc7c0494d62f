"""A person's phone: sealed at rest, found by its blind index."""

from tiantou.core.keys import Keys
from tiantou.core.problems import InvalidFields
from tiantou.kit import text

PURPOSE = "accounts.phone"


def read(field: str, given: str) -> str:
    """11 digits. Raises InvalidFields naming `field`."""
    try:
        return text.phone(given)
    except ValueError:
        raise InvalidFields.one(field, "phone") from None


def index(keys: Keys, digits: str) -> bytes:
    """What the number is found by."""
    return keys.blind(PURPOSE, digits)


def seal(keys: Keys, digits: str) -> bytes:
    """What is stored."""
    return keys.encrypt(PURPOSE, digits)


def unseal(keys: Keys, sealed: bytes) -> str:
    """The number again."""
    return keys.decrypt(PURPOSE, sealed)


def masked(keys: Keys, sealed: bytes | None) -> str:
    """The number with its middle hidden; empty if there is none."""
    return "" if sealed is None else text.masked_phone(unseal(keys, sealed))
