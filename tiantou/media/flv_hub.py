"""HTTP-FLV: every sample at once to every reader; a slow reader skips to the next key frame."""

import asyncio
import time
from collections import deque

from tiantou.media import flv
from tiantou.media.codecs import AUDIO, VIDEO, Sample, Track

START_BYTES_MAX = 2 << 20


class Reader:
    """One viewer's queue."""

    def __init__(self, backlog_bytes_max: int) -> None:
        self._backlog_bytes_max = backlog_bytes_max
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        self._ready = asyncio.Event()
        self._skips = False
        self.ended = False
        self.taken_at = time.monotonic()

    def put(self, data: bytes, key: bool) -> None:
        """Queues a tag; drops until the next `key` once the reader is too far behind."""
        if self._skips and not key:
            return
        self._skips = False
        if self._bytes + len(data) > self._backlog_bytes_max:
            self._queue.clear()
            self._bytes, self._skips = 0, True
            return
        self._queue.append(data)
        self._bytes += len(data)
        self._ready.set()

    def wait_for_key(self) -> None:
        """Nothing but a key frame, or what comes with one, makes sense to the reader now."""
        self._skips = True

    @property
    def behind(self) -> bool:
        """Whether something waits for the reader."""
        return bool(self._queue) or self._skips

    def end(self) -> None:
        """Lets the reader go after what is queued."""
        self.ended = True
        self._ready.set()

    async def take(self) -> bytes:
        """What is queued, b"" at the end."""
        self.taken_at = time.monotonic()
        while not self._queue and not self.ended:
            self._ready.clear()
            await self._ready.wait()
        data = b"".join(self._queue)
        self._queue.clear()
        self._bytes = 0
        return data


class FlvHub:
    """The readers of one broadcast, and what a new one needs: headers and the newest GOP."""

    def __init__(self, backlog_bytes_max: int) -> None:
        self._backlog_bytes_max = backlog_bytes_max
        self.readers: set[Reader] = set()
        self._tracks: dict[str, Track] = {}
        self._start: list[Sample] = []
        self._start_bytes = 0
        self._at_ms = 0

    def join(self) -> Reader:
        """A new reader, who begins at the last key frame, or waits for the next one."""
        reader = Reader(self._backlog_bytes_max)
        reader.put(flv.HEADER, True)
        for kind in (VIDEO, AUDIO):
            if kind in self._tracks:
                reader.put(flv.header_tag(self._tracks[kind], self._at_ms), True)
        for sample in self._start:
            reader.put(flv.sample_tag(sample), False)
        if not self._start:
            reader.wait_for_key()
        self.readers.add(reader)
        return reader

    def leave(self, reader: Reader) -> None:
        """A reader is gone."""
        self.readers.discard(reader)

    def begin(self) -> None:
        """A publisher begins: what he sends does not go on from the last GOP."""
        self._start, self._start_bytes = [], 0
        self._tracks = {}

    def track(self, track: Track) -> None:
        """A new configuration, told to everybody."""
        self._tracks[track.kind] = track
        for reader in self.readers:
            reader.put(flv.header_tag(track, self._at_ms), True)

    def sample(self, sample: Sample) -> None:
        """A sample, to everybody."""
        self._at_ms = sample.dts_us // 1000
        key = sample.key and (sample.kind == VIDEO or VIDEO not in self._tracks)
        if key:
            self._start, self._start_bytes = [], 0
        if key or self._start:
            self._start.append(sample)
            self._start_bytes += len(sample.data)
        if self._start_bytes > START_BYTES_MAX:
            self._start, self._start_bytes = [], 0
        if not self.readers:
            return
        data = flv.sample_tag(sample)
        for reader in self.readers:
            reader.put(data, key)

    def drop_stuck(self, stuck_s_max: int) -> None:
        """Ends readers who have taken nothing for too long though there was something."""
        limit = time.monotonic() - stuck_s_max
        for reader in [one for one in self.readers if one.behind and one.taken_at < limit]:
            reader.end()
            self.readers.discard(reader)

    def end(self) -> None:
        """Lets everybody go."""
        for reader in self.readers:
            reader.end()
        self.readers.clear()
