"""RTMP's chunk stream: messages cut into interleaved chunks, read and written."""

import struct
from collections.abc import Generator
from dataclasses import dataclass, field

STREAMS_MAX = 64
CHUNK_OUT = 4096
_HEAD_BYTES = (11, 7, 3, 0)


class BadChunk(ValueError):
    """The peer does not speak RTMP, or sends more than he may."""


@dataclass(slots=True)
class _Stream:
    at_ms: int = 0
    step_ms: int = 0
    size: int = 0
    kind: int = 0
    extended: bool = False
    body: bytearray = field(default_factory=bytearray)


class ChunkReader:
    """Feeds bytes, yields (kind, milliseconds, body). The peer's chunk size is set by his messages.

    `message_bytes_max` may be raised once the peer is known.
    """

    def __init__(self, message_bytes_max: int) -> None:
        self.chunk_bytes = 128
        self.message_bytes_max = message_bytes_max
        self._streams: dict[int, _Stream] = {}
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Generator[tuple[int, int, bytes]]:
        """The messages that are now whole; a caller may stop early and feed on. Raises BadChunk."""
        self._buffer += data
        at = 0
        try:
            while (read := self._one(at)) is not None:
                at, message = read
                if message is not None:
                    yield message
        finally:
            del self._buffer[:at]

    def _one(self, start: int) -> tuple[int, tuple[int, int, bytes] | None] | None:
        raw, end = self._buffer, len(self._buffer)
        if start >= end:
            return None
        form, number, at = raw[start] >> 6, raw[start] & 63, start + 1
        if number < 2:
            wide = number + 1
            if at + wide > end:
                return None
            number = 64 + int.from_bytes(raw[at : at + wide], "little")
            at += wide
        head = _HEAD_BYTES[form]
        if at + head > end:
            return None
        stream = self._stream(number, form)
        stamp, size, kind, extended = 0, stream.size, stream.kind, stream.extended
        if form < 3:
            stamp = raw[at] << 16 | raw[at + 1] << 8 | raw[at + 2]
            extended = stamp == 0xFFFFFF
        if form < 2:
            size, kind = raw[at + 3] << 16 | raw[at + 4] << 8 | raw[at + 5], raw[at + 6]
            if size > self.message_bytes_max or stream.body:
                raise BadChunk("a message too large, or begun within another")
        at += head
        if extended:
            if at + 4 > end:
                return None
            if form < 3:
                (stamp,) = struct.unpack_from(">I", raw, at)
            at += 4
        take = min(self.chunk_bytes, size - len(stream.body))
        if at + take > end:
            return None
        self._stamp(stream, form, stamp)
        stream.size, stream.kind, stream.extended = size, kind, extended
        stream.body += raw[at : at + take]
        if len(stream.body) < size:
            return at + take, None
        body = bytes(stream.body)
        stream.body.clear()
        return at + take, (kind, stream.at_ms, body)

    def _stream(self, number: int, form: int) -> _Stream:
        stream = self._streams.get(number)
        if stream is None:
            if form > 1 or len(self._streams) >= STREAMS_MAX:
                raise BadChunk("a chunk of an unknown stream")
            stream = self._streams[number] = _Stream()
        return stream

    def _stamp(self, stream: _Stream, form: int, stamp: int) -> None:
        if form == 0:
            stream.at_ms, stream.step_ms = stamp, 0
        elif form < 3:
            stream.step_ms = stamp
            stream.at_ms = stream.at_ms + stamp & 0xFFFFFFFF
        elif not stream.body:
            stream.at_ms = stream.at_ms + stream.step_ms & 0xFFFFFFFF


def message(
    stream: int, kind: int, body: bytes, message_stream: int = 0, at_ms: int = 0, chunk: int = 0
) -> bytes:
    """A message in chunks of `chunk` (else CHUNK_OUT) bytes."""
    size = chunk or CHUNK_OUT
    late = at_ms >= 0xFFFFFF
    stamp = 0xFFFFFF if late else at_ms
    extended = struct.pack(">I", at_ms & 0xFFFFFFFF) if late else b""
    head = bytes([stream]) + stamp.to_bytes(3, "big") + len(body).to_bytes(3, "big")
    out = [head, bytes([kind]), struct.pack("<I", message_stream), extended, body[:size]]
    for at in range(size, len(body), size):
        out += [bytes([0xC0 | stream]), extended, body[at : at + size]]
    return b"".join(out)
