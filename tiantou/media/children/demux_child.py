"""The child that reads what a MediaRecorder makes: a container in on stdin, frames out."""

import sys
from typing import Any, BinaryIO

from tiantou.media.children.frames import (
    AUDIO_CONFIG,
    AUDIO_SAMPLE,
    VIDEO_CONFIG,
    VIDEO_SAMPLE,
    Frame,
    write,
)
from tiantou.media.children.limits import confine
from tiantou.media.codecs import avcc_from_annexb

MEMORY_BYTES, CPU_S = 1 << 30, 3 * 3_600
REFUSED = 3


class _Pipe:
    """stdin as libav reads it: whatever is there, without waiting for a full block."""

    def __init__(self, file: BinaryIO) -> None:
        self._file: Any = file
        self._head: bytes = self._file.read(8)

    def container(self) -> str:
        """The container's name in libav: Safari's recorder makes MP4, the others Matroska."""
        return "mp4" if self._head[4:8] == b"ftyp" else "matroska"

    def read(self, size: int) -> bytes:
        """Up to `size` bytes."""
        head, self._head = self._head[:size], self._head[size:]
        return head or bytes(self._file.read1(size))


class _Picture:
    """Picture packets to AVCC samples, whether the container holds avcC or start codes."""

    def __init__(self, extradata: bytes) -> None:
        self._avcc = extradata if extradata[:1] == b"\x01" else None
        self._plain = self._avcc is not None
        if self._avcc is not None:
            write(sys.stdout.buffer, Frame(VIDEO_CONFIG, 0, 0, True, self._avcc))

    def feed(self, frame: Frame) -> None:
        """Sends a sample, its configuration before it where it is new."""
        if not self._plain:
            found, data = avcc_from_annexb(frame.payload)
            if found is not None and found != self._avcc:
                self._avcc = found
                write(sys.stdout.buffer, Frame(VIDEO_CONFIG, 0, 0, True, found))
            frame = frame._replace(payload=data)
        if self._avcc is not None and frame.payload:
            write(sys.stdout.buffer, frame)


def _us(packet: Any, stamp: int | None) -> int:
    return int((stamp or 0) * packet.time_base * 1_000_000)


def main() -> int:
    """Runs until its input ends; REFUSED if it is nothing that can be taken."""
    confine(MEMORY_BYTES, CPU_S)
    import av

    from tiantou.media.children.sound import OpusToAac

    options = {"probesize": "65536", "analyzeduration": "0", "fflags": "nobuffer"}
    pipe = _Pipe(sys.stdin.buffer)
    source: Any = pipe
    opened: Any = av.open(source, format=pipe.container(), options=options, buffer_size=4096)
    picture = next(iter(opened.streams.video), None)
    sound = next(iter(opened.streams.audio), None)
    if picture is None or picture.codec_context.name != "h264":
        return REFUSED
    pictures = _Picture(bytes(picture.codec_context.extradata or b""))
    opus = None
    if sound is not None and sound.codec_context.name == "opus":
        opus = OpusToAac(min(2, sound.codec_context.channels))
        write(sys.stdout.buffer, opus.config())
    elif sound is not None:
        if sound.codec_context.name != "aac":
            return REFUSED
        config = bytes(sound.codec_context.extradata or b"")
        write(sys.stdout.buffer, Frame(AUDIO_CONFIG, 0, 0, True, config))
    for packet in opened.demux():
        if not packet.size:
            continue
        at = _us(packet, packet.dts if packet.dts is not None else packet.pts)
        data = bytes(packet)
        if packet.stream is picture:
            offset = _us(packet, packet.pts) - at if packet.pts is not None else 0
            key = bool(packet.is_keyframe)
            pictures.feed(Frame(VIDEO_SAMPLE, at, offset, key, data))
        elif packet.stream is sound and opus is not None:
            for made in opus.feed(at, data):
                write(sys.stdout.buffer, made)
        elif packet.stream is sound:
            write(sys.stdout.buffer, Frame(AUDIO_SAMPLE, at, 0, True, data))
    return 0


if __name__ == "__main__":
    sys.exit(main())
