"""Samples to parts and segments: parts of 0.4 s, segments of about 2 s that begin at key frames.

Pure: it writes nothing and waits for nothing; what it made goes to its `Sink`.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from tiantou.kit import clock
from tiantou.media.codecs import AAC_FRAME_SAMPLES, AUDIO, VIDEO, BadMedia, Sample, Track
from tiantou.media.fmp4 import Run, Unit, fragment, init_segment
from tiantou.media.timeline import Timeline

PART_US, PART_SLACK_US = 400_000, 5_000
SEGMENT_US, SEGMENT_SLACK_US = 2_000_000, 300_000
TARGET_S = 4
SEGMENT_US_MAX = TARGET_S * 1_000_000
SOUND_WAIT_S, SOUND_GONE_S = 0.3, 1.0
PICTURE_GONE_US = 1_000_000
AAC_FRAME_US = 22_000
RATE_WINDOW_S = 5


@dataclass(frozen=True, slots=True)
class Part:
    """A fragment of picture and sound, and the same sound alone (empty if there was none)."""

    duration_us: int
    independent: bool
    data: bytes
    sound: bytes


@dataclass(slots=True)
class Segment:
    """Parts in a row: number, start on the recording's clock, wall clock, its init segment."""

    number: int
    start_us: int
    wall: datetime
    init: int
    break_before: bool
    duration_us: int = 0
    closed: bool = False
    parts: list[Part] = field(default_factory=list)
    silent: bool = False

    def data(self) -> bytes:
        """Picture and sound."""
        return b"".join(part.data for part in self.parts)

    def sound(self) -> bytes:
        """The sound alone."""
        return b"".join(part.sound for part in self.parts)


@dataclass(frozen=True)
class Resume:
    """Where a recording on disk ended."""

    segment: int = 0
    init: int = 0
    end_us: int = 0


class Sink(Protocol):
    """Where the packager's work goes."""

    def init_made(self, number: int, both: bytes, sound: bytes | None, scale: int) -> None:
        """An init segment that the segments to come name; `scale`: ticks a second of its lead."""
        ...

    def part_made(self, segment: Segment, part: Part) -> None:
        """A part of an open segment; the segment is new with its first part."""
        ...

    def segment_made(self, segment: Segment) -> None:
        """A segment was closed."""
        ...


@dataclass(frozen=True, slots=True)
class _Mark:
    start_us: int
    end_us: int
    final: bool
    since: float


class Packager:
    """One broadcast's. `placed` sees every sample at once, for viewers who need no parts."""

    def __init__(
        self,
        sink: Sink,
        resume: Resume,
        placed: Callable[[Sample], None],
        kbps_max: int,
        pixels_max: int,
    ) -> None:
        self.timeline = Timeline(self._jumped)
        self.timeline.end_us = resume.end_us
        self.kbps = self.fps_x10 = 0
        self._sink, self._placed = sink, placed
        self._kbps_max, self._pixels_max = kbps_max, pixels_max
        self._number, self._init = resume.segment, resume.init
        self._any = resume.segment > 0
        self._break = self._any
        self._init_tracks: tuple[Track, ...] | None = None
        self._open: Segment | None = None
        self._sequence = resume.segment * 64 + 1
        self._window = [time.monotonic(), 0.0, 0.0]
        self._sound_wait_s = SOUND_WAIT_S
        self._clear()

    def _clear(self) -> None:
        self._queued: dict[str, deque[Sample]] = {VIDEO: deque(), AUDIO: deque()}
        self._marks: deque[_Mark] = deque()
        self._part_start: int | None = None
        self._segment_start = 0
        self._lead_last = 0
        self._picture_gone = False
        self._sound_seen = time.monotonic()

    def begin(self, expected: frozenset[str], sound_wait_s: float = SOUND_WAIT_S) -> None:
        """A publisher begins: what was open is closed, the recording goes on after a break.

        `sound_wait_s` is how long a part waits for its sound; MP4 fragments bring it last.
        """
        self.flush()
        self._sound_wait_s = sound_wait_s
        self.timeline.restart(expected)
        self._break, self._init_tracks = self._any, None

    def set_track(self, track: Track) -> bool:
        """Says whether the track is new or changed. Raises BadMedia over the size limit."""
        if track.width * track.height > self._pixels_max:
            raise BadMedia(f"a picture of {track.width} x {track.height} is over the limit")
        before = self.timeline.tracks.get(track.kind)
        if before == track:
            return False
        self.flush()
        self._break = self._any
        self.timeline.tracks[track.kind] = track
        self._init_tracks = None
        return True

    def push(self, sample: Sample) -> None:
        """Takes one sample of the publisher. Raises BadMedia over the rate limit."""
        self._measure(sample)
        for one in self.timeline.push(sample):
            self._placed(one)
            if one.kind == self.timeline.lead:
                self._mark(one)
            else:
                self._sound_seen = time.monotonic()
                self._mark_by_sound(one)
            self._queued[one.kind].append(one)
        if self._marks:
            self._cut_due()

    def flush(self) -> None:
        """Cuts everything that is queued and closes the segment."""
        if self._part_start is not None:
            ends = [self._end_of(kind) for kind in (VIDEO, AUDIO) if self._queued[kind]]
            end = ends[0] if ends else 0
            if end > self._part_start:
                self._marks.append(_Mark(self._part_start, end, True, 0))
        while self._marks:
            self._cut(self._marks.popleft())
        self._close()
        self._clear()

    def _end_of(self, kind: str) -> int:
        queue = self._queued[kind]
        step = queue[-1].dts_us - queue[-2].dts_us if len(queue) > 1 else 0
        return queue[-1].dts_us + (step if 0 < step < PART_US else 40_000)

    def _jumped(self) -> None:
        self.flush()
        self._break = self._any

    def _measure(self, sample: Sample) -> None:
        window = self._window
        window[1] += len(sample.data)
        window[2] += sample.kind == VIDEO
        passed = time.monotonic() - window[0]
        if passed < RATE_WINDOW_S:
            if window[1] * 8 > self._kbps_max * 1000 * RATE_WINDOW_S * 2:
                raise BadMedia("the bit rate is over the limit")
            return
        self.kbps = round(window[1] * 8 / 1000 / passed)
        self.fps_x10 = round(window[2] * 10 / passed)
        self._window = [time.monotonic(), 0.0, 0.0]
        if self.kbps > self._kbps_max:
            raise BadMedia(f"{self.kbps} kbit/s are over the limit")

    def _mark(self, sample: Sample) -> None:
        now = sample.dts_us
        if self._part_start is None:
            self._part_start = self._segment_start = self._lead_last = now
            return
        step, self._lead_last = now - self._lead_last, now
        in_segment = now - self._segment_start
        back = sample.key and self._picture_gone
        whole = sample.key and in_segment >= SEGMENT_US - SEGMENT_SLACK_US
        if whole or back or in_segment + step > SEGMENT_US_MAX:
            self._put_mark(now, True)
        elif now - self._part_start + step > PART_US + PART_SLACK_US:
            self._put_mark(now, False)
        if sample.key:
            self._picture_gone = False

    def _mark_by_sound(self, sample: Sample) -> None:
        """While the picture gives way on a bad line, the sound goes on alone."""
        now = sample.dts_us
        if self._part_start is None or now - self._lead_last < PICTURE_GONE_US:
            return
        self._picture_gone = True
        if now - self._part_start >= PART_US - AAC_FRAME_US:
            self._put_mark(now, now - self._segment_start >= SEGMENT_US)

    def _put_mark(self, end_us: int, final: bool) -> None:
        assert self._part_start is not None
        self._marks.append(_Mark(self._part_start, end_us, final, time.monotonic()))
        self._part_start = end_us
        if final:
            self._segment_start = end_us

    def _cut_due(self) -> None:
        now = time.monotonic()
        sound = self._queued[AUDIO]
        waits = self.timeline.lead == VIDEO and AUDIO in self.timeline.tracks
        waits = waits and now - self._sound_seen < SOUND_GONE_S + self._sound_wait_s
        while self._marks:
            mark = self._marks[0]
            reached = bool(sound) and sound[-1].dts_us >= mark.end_us
            if waits and not reached and now - mark.since < self._sound_wait_s:
                return
            self._marks.popleft()
            self._cut(mark)

    def _cut(self, mark: _Mark) -> None:
        runs = [run for kind in (VIDEO, AUDIO) if (run := self._take(kind, mark.end_us))]
        if runs and mark.end_us > mark.start_us:
            segment = self._open or self._opened(mark.start_us)
            sound = [run for run in runs if run.track.kind == AUDIO]
            lead = runs[0]
            part = Part(
                mark.end_us - mark.start_us,
                lead.track.kind == self.timeline.lead and lead.units[0].key,
                fragment(self._sequence, runs),
                fragment(self._sequence, sound) if sound else b"",
            )
            self._sequence += 1
            segment.parts.append(part)
            segment.duration_us += part.duration_us
            self._sink.part_made(segment, part)
        self.timeline.end_us = max(self.timeline.end_us, mark.end_us)
        if mark.final:
            self._close()

    def _take(self, kind: str, end_us: int) -> Run | None:
        queue, track = self._queued[kind], self.timeline.tracks.get(kind)
        taken: list[Sample] = []
        while queue and queue[0].dts_us < end_us:
            taken.append(queue.popleft())
        if not taken or track is None:
            return None
        scale = track.timescale
        ticks = [(one.dts_us * scale + 500_000) // 1_000_000 for one in taken]
        if kind == VIDEO:
            ticks.append(max(ticks[-1] + 1, (end_us * scale + 500_000) // 1_000_000))
        elif queue:
            ticks.append((queue[0].dts_us * scale + 500_000) // 1_000_000)
        else:
            ticks.append(ticks[-1] + AAC_FRAME_SAMPLES)
        units = [
            Unit(max(1, after - at), one.cts_us * scale // 1_000_000, one.key, one.data)
            for one, at, after in zip(taken, ticks, ticks[1:], strict=False)
        ]
        return Run(track, ticks[0], units)

    def _opened(self, start_us: int) -> Segment:
        tracks = tuple(t for k in (VIDEO, AUDIO) if (t := self.timeline.tracks.get(k)))
        if self._init_tracks != tracks:
            if self._init_tracks is not None:
                self._break = self._any
            sound = [track for track in tracks if track.kind == AUDIO]
            self._init_tracks = tracks
            alone = init_segment(sound) if sound else None
            self._sink.init_made(self._init, init_segment(tracks), alone, tracks[0].timescale)
            self._init += 1
        silent = AUDIO not in self.timeline.tracks
        # a segment is opened when its first part is whole: it began that much earlier
        wall = clock.now() - timedelta(microseconds=max(0, self._lead_last - start_us))
        self._open = Segment(
            self._number, start_us, wall, self._init - 1, self._break, silent=silent
        )
        self._break, self._any = False, True
        self._number += 1
        return self._open

    def _close(self) -> None:
        segment, self._open = self._open, None
        if segment is not None:
            segment.closed = True
            self._sink.segment_made(segment)
