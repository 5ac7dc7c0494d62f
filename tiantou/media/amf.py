"""AMF0, as far as RTMP's commands need it; bounded in depth and size."""

import struct
from collections.abc import Mapping, Sequence

Value = float | bool | str | None | Sequence["Value"] | Mapping[str, "Value"]

MEMBERS_MAX, ITEMS_MAX, DEPTH_MAX = 200, 1000, 8


def decode(raw: bytes) -> list[Value]:
    """All values of a command message. Raises ValueError, IndexError or struct.error."""
    at, out = 0, []
    while at < len(raw):
        value, at = _decode(raw, at, 0)
        out.append(value)
        if len(out) > ITEMS_MAX:
            raise ValueError("too many values")
    return out


def _decode(raw: bytes, at: int, depth: int) -> tuple[Value, int]:
    if depth > DEPTH_MAX:
        raise ValueError("values too deep")
    kind, at = raw[at], at + 1
    if kind == 0:
        return struct.unpack_from(">d", raw, at)[0], at + 8
    if kind == 1:
        return bool(raw[at]), at + 1
    if kind == 2:
        return _text(raw, at)
    if kind in (3, 8):
        return _members(raw, at + 4 if kind == 8 else at, depth)
    if kind in (5, 6):
        return None, at
    if kind == 10:
        (count,) = struct.unpack_from(">I", raw, at)
        if count > ITEMS_MAX:
            raise ValueError("an array too large")
        at, items = at + 4, []
        for _ in range(count):
            item, at = _decode(raw, at, depth + 1)
            items.append(item)
        return items, at
    raise ValueError(f"a value of unknown kind {kind}")


def _text(raw: bytes, at: int) -> tuple[str, int]:
    (size,) = struct.unpack_from(">H", raw, at)
    if at + 2 + size > len(raw):
        raise ValueError("a text cut short")
    return raw[at + 2 : at + 2 + size].decode("utf-8", "replace"), at + 2 + size


def _members(raw: bytes, at: int, depth: int) -> tuple[dict[str, Value], int]:
    out: dict[str, Value] = {}
    while True:
        name, at = _text(raw, at)
        if not name and raw[at] == 9:
            return out, at + 1
        out[name], at = _decode(raw, at, depth + 1)
        if len(out) > MEMBERS_MAX:
            raise ValueError("an object too large")


def encode(*values: Value) -> bytes:
    """The values of a command message."""
    out = bytearray()
    for value in values:
        if value is None:
            out += b"\x05"
        elif isinstance(value, bool):
            out += bytes([1, value])
        elif isinstance(value, int | float):
            out += b"\x00" + struct.pack(">d", value)
        elif isinstance(value, str):
            out += b"\x02" + _sized(value)
        elif isinstance(value, Mapping):
            out += b"\x03"
            for name, member in value.items():
                out += _sized(name) + encode(member)
            out += b"\x00\x00\x09"
        else:
            out += b"\x0a" + struct.pack(">I", len(value)) + encode(*value)
    return bytes(out)


def _sized(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw
