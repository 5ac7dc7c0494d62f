"""A broadcast that is on air or may come back: one publisher at a time, one recording."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from tiantou.media.codecs import BadMedia, Sample, Track
from tiantou.media.flv_hub import FlvHub
from tiantou.media.limits import Limits
from tiantou.media.packager import Packager, Part, Segment
from tiantou.media.playlists import segment_of
from tiantou.media.recording import Recording
from tiantou.media.window import LiveWindow
from tiantou.media.writer import Writer


class Feed:
    """A publisher's hold on a channel: the newest wins, the older one is kicked."""

    def __init__(self, channel: "Channel", generation: int, kick: Callable[[], None]) -> None:
        self._channel, self.generation, self.kick = channel, generation, kick

    def track(self, track: Track) -> None:
        """A configuration. Raises BadMedia."""
        self._mine().take_track(track)

    def sample(self, sample: Sample) -> None:
        """A sample. Raises BadMedia."""
        self._mine().take_sample(sample)

    def gone(self, clean: bool) -> None:
        """The publisher left."""
        if self._channel.feed is self:
            self._channel.detach()

    def _mine(self) -> "Channel":
        if self._channel.feed is not self:
            raise BadMedia("another publisher took over")
        return self._channel


class Channel:
    """The live side of a broadcast. `on_signal` hears True when media flows, False when it stops.

    `on_segment` hears of every closed segment.
    """

    def __init__(
        self,
        broadcast_id: UUID,
        recording: Recording,
        limits: Limits,
        on_signal: Callable[[UUID, bool], None],
        on_segment: Callable[["Channel", Segment], None],
    ) -> None:
        self.id = broadcast_id
        self.recording = recording
        self.feed: Feed | None = None
        self.covered_at = 0.0
        earlier = [segment_of(line) for line in recording.lines]
        self.window = LiveWindow(earlier)
        self.hub = FlvHub(limits.flv_backlog_bytes_max)
        self.writer = Writer(limits.write_backlog_max)
        self._on_signal, self._on_segment = on_signal, on_segment
        self._flowing = False
        resume = recording.resume()
        limit = limits.kbps_max, limits.pixels_max
        self._packager = Packager(self, resume, self._placed, *limit)

    @property
    def folder(self) -> Path:
        """Where the recording lies."""
        return self.recording.folder

    def measured(self) -> tuple[int, int]:
        """kbit/s and frames a second x 10."""
        return self._packager.kbps, self._packager.fps_x10

    def attach(
        self,
        generation: int,
        kick: Callable[[], None],
        expected: frozenset[str],
        sound_wait_s: float,
    ) -> Feed:
        """A publisher with a good key takes over."""
        before, self.feed = self.feed, Feed(self, generation, kick)
        if before is not None:
            before.kick()
        self._packager.begin(expected, sound_wait_s)
        self.hub.begin()
        return self.feed

    def detach(self) -> None:
        """The publisher is gone; the recording waits for him."""
        self.feed = None
        self._packager.flush()
        if self._flowing:
            self._flowing = False
            self._on_signal(self.id, False)

    def kick(self) -> None:
        """Sends the publisher away."""
        feed = self.feed
        if feed is not None:
            self.detach()
            feed.kick()

    def end(self) -> None:
        """Nothing will be added."""
        self.kick()
        self._packager.flush()
        self.window.end()
        self.hub.end()

    def take_track(self, track: Track) -> None:
        """A configuration of the present publisher. Raises BadMedia."""
        if self._packager.set_track(track):
            self.hub.track(track)

    def take_sample(self, sample: Sample) -> None:
        """A sample of the present publisher. Raises BadMedia; no picture without its record."""
        if self.writer.full:
            raise BadMedia("the recording cannot be written")
        self._packager.push(sample)

    def _placed(self, sample: Sample) -> None:
        if not self._flowing:
            self._flowing = True
            self._on_signal(self.id, True)
        self.hub.sample(sample)

    # what the packager made

    def init_made(self, number: int, both: bytes, sound: bytes | None, scale: int) -> None:
        """An init segment."""
        self.window.inits[number] = both, sound
        self.window.tracks = dict(self._packager.timeline.tracks)
        self._write(self.recording.write_init, number, both, sound, scale)

    def part_made(self, segment: Segment, part: Part) -> None:
        """A part, the first of its segment or a further one."""
        if len(segment.parts) == 1:
            self.window.add(segment)
        self.window.kbps = self._packager.kbps or self.window.kbps
        self.window.touch()
        self._write(self.recording.append, segment, part.data, part.sound)

    def segment_made(self, segment: Segment) -> None:
        """A whole segment."""
        self.window.touch()
        self._write(self.recording.close_segment, segment)
        self._on_segment(self, segment)

    def _write(self, call: Callable[..., None], *args: Any) -> None:
        self.writer.put(partial(call, *args))
