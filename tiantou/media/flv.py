"""FLV: tags out to viewers, tags in from files; the bodies are RTMP's messages too."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from tiantou.media.codecs import AUDIO, VIDEO, BadMedia, Sample, Track, audio_track, video_track

HEADER = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
TAG_AUDIO, TAG_VIDEO, TAG_SCRIPT = 8, 9, 18
_AVC, _AAC = 7, 10


class Tag(NamedTuple):
    """A message: kind, milliseconds, body."""

    kind: int
    at_ms: int
    body: bytes


def tag(kind: int, at_ms: int, body: bytes) -> bytes:
    """A tag of a file or of an HTTP stream."""
    at_ms &= 0xFFFFFFFF
    head = bytes([kind]) + len(body).to_bytes(3, "big") + (at_ms & 0xFFFFFF).to_bytes(3, "big")
    return b"".join(
        [head, bytes([at_ms >> 24]), b"\0\0\0", body, (len(body) + 11).to_bytes(4, "big")]
    )


def header_tag(track: Track, at_ms: int) -> bytes:
    """The tag that announces a track's configuration."""
    if track.kind == VIDEO:
        return tag(TAG_VIDEO, at_ms, b"\x17\0\0\0\0" + track.config)
    return tag(TAG_AUDIO, at_ms, b"\xaf\0" + track.config)


def sample_tag(sample: Sample) -> bytes:
    """A sample's tag."""
    at_ms = sample.dts_us // 1000
    if sample.kind == AUDIO:
        return tag(TAG_AUDIO, at_ms, b"\xaf\x01" + sample.data)
    offset = (sample.cts_us // 1000 & 0xFFFFFF).to_bytes(3, "big")
    head = b"\x17\x01" if sample.key else b"\x27\x01"
    return tag(TAG_VIDEO, at_ms, head + offset + sample.data)


def read_video(at_ms: int, body: bytes) -> Track | Sample | None:
    """What a picture message says. Raises BadMedia for anything but H.264."""
    if len(body) < 5:
        return None
    if body[0] & 0x80 or body[0] & 15 != _AVC:
        raise BadMedia("only H.264 is taken")
    if body[1] == 0:
        return video_track(body[5:])
    if body[1] != 1 or len(body) == 5:
        return None
    offset = int.from_bytes(body[2:5], "big")
    offset -= (offset & 0x800000) << 1
    return Sample(VIDEO, at_ms * 1000, offset * 1000, body[0] >> 4 == 1, body[5:])


def read_audio(at_ms: int, body: bytes) -> Track | Sample | None:
    """What a sound message says. Raises BadMedia for anything but AAC."""
    if len(body) < 2:
        return None
    if body[0] >> 4 != _AAC:
        raise BadMedia("only AAC is taken")
    if body[1] == 0:
        return audio_track(body[2:])
    if len(body) == 2:
        return None
    return Sample(AUDIO, at_ms * 1000, 0, True, body[2:])


def read_file(file: BinaryIO) -> Iterator[Tag]:
    """The tags of an FLV file. Raises BadMedia if it is none."""
    head = file.read(9)
    if head[:3] != b"FLV":
        raise BadMedia("not an FLV file")
    file.seek(int.from_bytes(head[5:9], "big") + 4)
    while len(head := file.read(11)) == 11:
        size = int.from_bytes(head[1:4], "big")
        body = file.read(size)
        if len(body) != size or len(file.read(4)) != 4:
            return
        at_ms = int.from_bytes(head[4:7], "big") | head[7] << 24
        yield Tag(head[0] & 31, at_ms, body)
