"""Join tickets: the API mints one, the gateway opens one connection for it, with no I/O in between.

It stands in core because those who mint are floors below the gateway.
"""

import secrets

import msgspec

from tiantou.core.keys import BadToken, Keys
from tiantou.kit import clock

PURPOSE = "join"
TTL_S = 60
TTL_S_MAX = 120
KEY_CHARS_MAX = 64


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """Who may join which topic; person 0 is nobody signed in. `minted_ms` is Unix time."""

    nonce: str
    topic: str
    viewer_key: str
    person_no: int
    minted_ms: int


_decode = msgspec.json.Decoder(Ticket).decode


def mint(keys: Keys, topic: str, viewer_key: str, person_no: int, ttl_s: int = TTL_S) -> str:
    """A ticket for one connection. Raises ValueError over KEY_CHARS_MAX or TTL_S_MAX."""
    if ttl_s > TTL_S_MAX:
        raise ValueError(f"a ticket is good for at most {TTL_S_MAX} s")
    if not 1 <= len(viewer_key) <= KEY_CHARS_MAX or not 1 <= len(topic) <= KEY_CHARS_MAX:
        raise ValueError(f"a topic and a viewer key have at most {KEY_CHARS_MAX} characters")
    minted_ms = int(clock.now().timestamp() * 1000)
    made = Ticket(secrets.token_urlsafe(9), topic, viewer_key, person_no, minted_ms)
    return keys.sign(PURPOSE, msgspec.json.encode(made), ttl_s)


def read(keys: Keys, token: str) -> Ticket:
    """The ticket in a token. Raises BadToken."""
    content = keys.verify(PURPOSE, token)
    try:
        return _decode(content)
    except msgspec.DecodeError:
        raise BadToken("malformed") from None
