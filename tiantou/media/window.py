"""The live window: the newest segments in memory, their playlists, and those who wait for more."""

import asyncio
import gzip
from collections import deque

from tiantou.media.codecs import Track
from tiantou.media.packager import Part, Segment
from tiantou.media.playlists import WINDOW, View, master, media

SPARE = 3
WAITERS_MAX = 20_000


class LiveWindow:
    """What a live viewer may ask for now."""

    def __init__(self, earlier: list[Segment]) -> None:
        shown = earlier[-WINDOW:]
        self._segments: deque[Segment] = deque(shown)
        self._breaks = sum(segment.break_before for segment in earlier[: -len(shown) or None])
        self.next_number = earlier[-1].number + 1 if earlier else 0
        self.inits: dict[int, tuple[bytes, bytes | None]] = {}
        self.tracks: dict[str, Track] = {}
        self.kbps = 1_500
        self.ended = False
        self._lists: dict[tuple[str, bool], bytes] = {}
        self._changed = asyncio.Event()
        self._waiting = 0

    @property
    def open(self) -> Segment | None:
        """The segment that still grows."""
        last = self._segments[-1] if self._segments else None
        return last if last is not None and not last.closed else None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see yet."""
        return not self._segments

    def add(self, segment: Segment) -> None:
        """A segment has begun."""
        self._segments.append(segment)
        self.next_number = segment.number + 1
        while len(self._segments) > WINDOW + SPARE:
            gone = self._segments.popleft()
            self._breaks += gone.break_before
        first = self._segments[0].init
        for number in [number for number in self.inits if number < first]:
            del self.inits[number]

    def touch(self) -> None:
        """Something was added: lists are made anew, waiters look again."""
        self._lists.clear()
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def end(self) -> None:
        """Nothing will be added."""
        self.ended = True
        self.touch()

    def find(self, number: int) -> Segment | None:
        """A segment in memory."""
        for segment in self._segments:
            if segment.number == number and segment.parts:
                return segment
        return None

    def part(self, number: int, index: int) -> Part | None:
        """A part in memory."""
        segment = self.find(number)
        return segment.parts[index] if segment and index < len(segment.parts) else None

    def has(self, number: int, index: int | None) -> bool:
        """Whether the playlist tells of this part, or of this whole segment."""
        last = self._segments[-1] if self._segments else None
        if last is None:
            return False
        if number < last.number or (number == last.number and last.closed):
            return True
        return number == last.number and index is not None and len(last.parts) > index

    async def wait(self, number: int, index: int | None, patience_s: float) -> bool:
        """Waits until `has`; False when patience or the broadcast ended first."""
        if self._waiting >= WAITERS_MAX:
            return False
        self._waiting += 1
        try:
            async with asyncio.timeout(patience_s):
                while not self.has(number, index):
                    if self.ended:
                        return False
                    await self._changed.wait()
            return True
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1

    def playlist(self, name: str, zipped: bool) -> bytes:
        """`index`, `hls`, `live`, `audio`, `hls-live` or `hls-audio`, gzipped if asked."""
        found = self._lists.get((name, zipped))
        if found is None:
            plain = name.startswith("hls")
            if name in ("index", "hls"):
                text = master(self.tracks, self.kbps, plain)
            else:
                text = media(self._view(plain), name.endswith("audio"), plain)
            found = gzip.compress(text.encode(), 5) if zipped else text.encode()
            self._lists[name, zipped] = found
        return found

    def _view(self, plain: bool) -> View:
        segments = list(self._segments)
        if plain:
            segments = [segment for segment in segments if segment.closed]
        shown = segments[-WINDOW:]
        cut = segments[: len(segments) - len(shown)]
        breaks = self._breaks + sum(segment.break_before for segment in cut)
        breaks += bool(shown) and shown[0].break_before
        return View(shown, self.next_number, breaks, self.ended)
