"""The clock of a broadcast: publishers come and go with clocks of their own, the recording has one.

Times in µs. A publisher's first key frame is placed where the recording ended; sound from before it
is dropped; a jump of his clock is a discontinuity; AAC frames are set on their own grid, because
RTMP's millisecond stamps would make them crackle.
"""

import time
from collections.abc import Callable

from tiantou.media.codecs import AAC_FRAME_SAMPLES, AUDIO, VIDEO, Sample, Track

GATE_S_MAX = 1.0
HELD_MAX = 600
JUMP_US = 3_000_000
BACK_US = 1_000_000
SLACK_US = 40_000


class Timeline:
    """Places samples of the present publisher. `on_jump` ends what was placed, sets `end_us`."""

    def __init__(self, on_jump: Callable[[], None]) -> None:
        self.end_us = 0
        self.tracks: dict[str, Track] = {}
        self._on_jump = on_jump
        self.restart(frozenset({VIDEO, AUDIO}))

    def restart(self, expected: frozenset[str]) -> None:
        """A publisher begins; its `expected` tracks are waited for, GATE_S_MAX at most."""
        self.tracks = {}
        self._expected = expected
        self._held: list[Sample] = []
        self._held_since = 0.0
        self._gate_open = False
        self._anew()

    def _anew(self) -> None:
        self._offset: int | None = None
        self._last: dict[str, int] = {}
        self._sound_tick: int | None = None

    @property
    def lead(self) -> str:
        """The track that cuts parts: the picture, or the sound of a broadcast without one."""
        return VIDEO if VIDEO in self.tracks else AUDIO

    def push(self, sample: Sample) -> list[Sample]:
        """The samples that may now be used, on the broadcast's clock."""
        if self._gate_open:
            placed = self._place(sample)
            return [placed] if placed else []
        if not self._held:
            self._held_since = time.monotonic()
        self._held.append(sample)
        waited = time.monotonic() - self._held_since >= GATE_S_MAX or len(self._held) >= HELD_MAX
        if not (self._expected <= self.tracks.keys() or (waited and self.tracks)):
            if waited:
                self._held.pop(0)
            return []
        self._gate_open = True
        held, self._held = self._held, []
        return [placed for one in held if (placed := self._place(one))]

    def _place(self, sample: Sample) -> Sample | None:
        if sample.kind not in self.tracks:
            return None
        if self._jumps(sample):
            self._on_jump()
            self._anew()
        if self._offset is None:
            if sample.kind != self.lead or not sample.key:
                return None
            self._offset = self.end_us - sample.dts_us
        dts = sample.dts_us + self._offset
        if dts < self.end_us and sample.kind not in self._last:
            return None
        if sample.kind == AUDIO:
            return self._place_sound(sample, dts)
        last = self._last.get(VIDEO)
        if last is None and not sample.key:
            return None
        dts = dts if last is None else max(dts, last + 12)
        self._last[VIDEO] = dts
        return Sample(VIDEO, dts, sample.cts_us, sample.key, sample.data)

    def _jumps(self, sample: Sample) -> bool:
        """Forward is measured from whatever came last: the picture may have given way for long."""
        if self._offset is None or not self._last:
            return False
        dts = sample.dts_us + self._offset
        back = dts - self._last.get(sample.kind, dts)
        return back < -BACK_US or dts - max(self._last.values()) > JUMP_US

    def _place_sound(self, sample: Sample, dts: int) -> Sample | None:
        rate = self.tracks[AUDIO].timescale
        tick, seen = self._sound_tick, (dts * rate + 500_000) // 1_000_000
        slack = SLACK_US * rate // 1_000_000
        if tick is None or seen - tick > slack:
            tick = seen
        elif tick - seen > slack:
            return None
        self._sound_tick = tick + AAC_FRAME_SAMPLES
        placed = (tick * 1_000_000 + rate // 2) // rate
        self._last[AUDIO] = placed
        return Sample(AUDIO, placed, 0, True, sample.data)
