"""Bytes on the wire: a frame is wrapped once and written to everybody as it is."""

from dataclasses import dataclass
from functools import cached_property

from tiantou.gateway import frames


def ws_text(payload: bytes) -> bytes:
    """An unmasked WebSocket text frame."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def ws_close(code: int, reason: str) -> bytes:
    """A WebSocket close frame; the reason is cut to what a control frame holds."""
    payload = code.to_bytes(2, "big") + reason.encode()[:123]
    return bytes((0x88, len(payload))) + payload


def ws_pong(payload: bytes) -> bytes:
    """The answer to a ping of at most 125 bytes."""
    return bytes((0x8A, len(payload))) + payload


def sse_data(payload: bytes) -> bytes:
    """An event of a stream; line breaks between JSON's tokens would end it early."""
    return b"data: " + payload.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n\n"


def sse_bye(code: int, reason: str) -> bytes:
    """The last event of a stream."""
    return b"event: bye\n" + sse_data(frames.encode(frames.Bye(code, reason)))


@dataclass(frozen=True)
class Parcel:
    """A frame, wrapped for each transport when first needed."""

    text: bytes

    @cached_property
    def ws(self) -> bytes:
        """As a WebSocket frame."""
        return ws_text(self.text)

    @cached_property
    def sse(self) -> bytes:
        """As an event of a stream."""
        return sse_data(self.text)
