"""Keyset paging: an opaque cursor that names the last row seen."""

import base64
import json
from datetime import datetime
from uuid import UUID

LIMIT_DEFAULT = 30
LIMIT_MAX = 100


def pack(*values: object) -> str:
    """An opaque cursor of the last row's sort values (strings, integers)."""
    raw = json.dumps(values, separators=(",", ":"), default=str).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unpack(cursor: str, count: int) -> list[str | int]:
    """The `count` values of a cursor. Raises ValueError if it is not one of ours."""
    if len(cursor) > 400:
        raise ValueError("not a cursor")
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    values = json.loads(raw)
    if not isinstance(values, list) or len(values) != count:
        raise ValueError("not a cursor")
    if not all(isinstance(value, str | int) for value in values):
        raise ValueError("not a cursor")
    return values


def moment_and_id(cursor: str) -> tuple[datetime, UUID]:
    """The moment and id that `pack(moment.isoformat(), str(id))` made. Raises ValueError."""
    moment, name = unpack(cursor, 2)
    return datetime.fromisoformat(str(moment)), UUID(str(name))
