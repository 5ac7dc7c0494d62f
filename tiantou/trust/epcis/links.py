"""How the events of an organization hang together: each bears the hash of all before it.

Only the standard library: this is read by strangers too.
"""

import hashlib
import json
from typing import Any


def canonical(event: dict[str, Any]) -> bytes:
    """The one spelling of an event: sorted names, no blanks, UTF-8."""
    text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def first_link(org: str) -> bytes:
    """What stands before the first event of an organization."""
    return hashlib.sha256(b"tiantou trace " + org.encode()).digest()


def next_link(before: bytes, event: dict[str, Any]) -> bytes:
    """The hash of an event and of all before it."""
    return hashlib.sha256(before + canonical(event)).digest()


def root_text(org: str, day: str, events: int, link: bytes) -> bytes:
    """What is signed at the end of a day: so many events in all, and the last one's link."""
    return f"tiantou trace root\n{org}\n{day}\n{events}\n{link.hex()}\n".encode()
