"""How parent and children talk: frames of size, kind, decoding time, composition offset, flags."""

import struct
from typing import BinaryIO, NamedTuple

HEAD = struct.Struct(">IBqiB")
VIDEO_CONFIG, AUDIO_CONFIG, VIDEO_SAMPLE, AUDIO_SAMPLE, CONTAINER = 1, 2, 3, 4, 5
PAYLOAD_BYTES_MAX = 8 << 20


class Frame(NamedTuple):
    """Times in µs; `key` for samples that can be decoded alone."""

    kind: int
    dts_us: int
    cts_us: int
    key: bool
    payload: bytes


def pack(frame: Frame) -> bytes:
    """The bytes of a frame."""
    head = HEAD.pack(len(frame.payload), frame.kind, frame.dts_us, frame.cts_us, frame.key)
    return head + frame.payload


def unpack_head(head: bytes) -> tuple[int, Frame]:
    """The payload's size and the frame without it. Raises ValueError if over the bound."""
    size, kind, dts_us, cts_us, key = HEAD.unpack(head)
    if size > PAYLOAD_BYTES_MAX:
        raise ValueError("a frame too large")
    return size, Frame(kind, dts_us, cts_us, bool(key), b"")


def read(file: BinaryIO) -> Frame | None:
    """The next frame of a blocking pipe, None at its end."""
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    size, frame = unpack_head(head)
    payload = file.read(size)
    return frame._replace(payload=payload) if len(payload) == size else None


def write(file: BinaryIO, frame: Frame) -> None:
    """Sends a frame at once."""
    file.write(pack(frame))
    file.flush()
