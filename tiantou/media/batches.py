"""The browser publisher's messages: a hello in JSON, then binary batches of records.

A record: type (1 byte), flags (1; bit 0 key frame), timestamp µs (8, signed), size (4), bytes;
big-endian. See docs/reference/publish-protocol.md.
"""

import base64
import binascii
import struct
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from tiantou.media.codecs import BadMedia

RECORD = struct.Struct(">BBqI")
VIDEO_SAMPLE, AUDIO_SAMPLE, CONTAINER, VIDEO_CONFIG = 1, 2, 3, 4
KEY = 1
HELLO_CHARS_MAX = 16_384
RECORDS_MAX = 2_000
WEBCODECS, MEDIARECORDER = "webcodecs", "mediarecorder"


class HelloVideo(msgspec.Struct, frozen=True):
    """The picture to come; `description` is the avcC record in base64, if known already."""

    codec: str
    width: int = 0
    height: int = 0
    description: str | None = None


class HelloAudio(msgspec.Struct, frozen=True):
    """The sound to come: `opus`, or `mp4a.40.2` with its AudioSpecificConfig in base64."""

    codec: str
    rate: int = 48_000
    channels: int = 1
    description: str | None = None


class Hello(msgspec.Struct, frozen=True):
    """The first message."""

    key: str
    kind: str
    video: HelloVideo | None = None
    audio: HelloAudio | None = None


class Record(NamedTuple):
    """One record of a batch."""

    type: int
    key: bool
    at_us: int
    data: bytes


def read_hello(text: str) -> Hello:
    """Raises BadMedia."""
    if len(text) > HELLO_CHARS_MAX:
        raise BadMedia("the hello is too long")
    try:
        hello = msgspec.json.decode(text, type=Hello)
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise BadMedia("not a hello") from None
    if hello.kind not in (WEBCODECS, MEDIARECORDER) or not (hello.video or hello.audio):
        raise BadMedia("neither picture nor sound")
    if hello.video and not hello.video.codec.startswith(("avc1", "avc3")):
        raise BadMedia("only H.264 is taken")
    if hello.audio and hello.audio.codec not in ("opus", "mp4a.40.2"):
        raise BadMedia("only Opus and AAC are taken")
    if hello.audio and hello.audio.channels not in (1, 2):
        raise BadMedia("only mono and stereo are taken")
    return hello


def from_base64(text: str) -> bytes:
    """Raises BadMedia."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadMedia("not base64") from None


def read_batch(raw: bytes) -> Iterator[Record]:
    """The records of a message. Raises BadMedia."""
    at, count = 0, 0
    while at < len(raw):
        if at + RECORD.size > len(raw) or count >= RECORDS_MAX:
            raise BadMedia("a batch cut short, or too long")
        kind, flags, stamp, size = RECORD.unpack_from(raw, at)
        at += RECORD.size
        if at + size > len(raw):
            raise BadMedia("a record ends outside its batch")
        if not -(1 << 52) < stamp < 1 << 52:
            raise BadMedia("an impossible timestamp")
        yield Record(kind, bool(flags & KEY), stamp, raw[at : at + size])
        at += size
        count += 1
