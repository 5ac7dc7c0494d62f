"""Opus in, AAC out: browsers make the one, iPhones before iOS 17 need the other."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av

from tiantou.media.children.frames import AUDIO_CONFIG, AUDIO_SAMPLE, Frame

RATE, FRAME = 48_000, 1_024
BITRATE = 96_000
GAP_US = 60_000


class OpusToAac:
    """A running conversion; gaps of the capture stay gaps."""

    def __init__(self, channels: int) -> None:
        layout = "stereo" if channels == 2 else "mono"
        self._decoder: Any = av.CodecContext.create("opus", "r")
        self._decoder.sample_rate, self._decoder.layout = RATE, layout
        self._encoder: Any = av.CodecContext.create("aac", "w")
        self._encoder.sample_rate, self._encoder.layout = RATE, layout
        self._encoder.format, self._encoder.bit_rate = "fltp", BITRATE
        self._encoder.time_base = Fraction(1, RATE)
        self._encoder.open()
        self._resampler = av.AudioResampler("fltp", layout, RATE, frame_size=FRAME)
        self._base_us: int | None = None
        self._taken = self._made = 0

    def config(self) -> Frame:
        """The AudioSpecificConfig."""
        return Frame(AUDIO_CONFIG, 0, 0, True, bytes(self._encoder.extradata))

    def feed(self, at_us: int, packet: bytes) -> Iterator[Frame]:
        """The AAC frames that this Opus packet completes."""
        here = self._taken * 1_000_000 // RATE
        if self._base_us is None or abs(at_us - self._base_us - here) > GAP_US:
            self._base_us, self._made = at_us, 0
            self._taken = 0
        for decoded in self._decoder.decode(av.Packet(packet)):
            decoded.pts = None
            self._taken += decoded.samples
            for even in self._resampler.resample(decoded):
                even.pts = None
                for coded in self._encoder.encode(even):
                    # the encoder's first frame is of what came before: one frame of priming
                    at = self._base_us + (self._made - 1) * FRAME * 1_000_000 // RATE
                    self._made += 1
                    yield Frame(AUDIO_SAMPLE, max(0, at), 0, True, bytes(coded))
