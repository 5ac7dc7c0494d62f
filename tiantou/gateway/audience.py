"""The viewers of one topic on this gateway: who is here, and a frame to each as he can take it.

A viewer's backlog decides: little, the full frame; some, the frame without chat; too much, or some
for too long, and he is closed with 4008 and resumes.
"""

from collections import deque
from collections.abc import Iterator
from typing import Protocol

from tiantou.gateway.limits import Limits
from tiantou.gateway.wire import Parcel

SLICE_VIEWERS = 512
LAGGING, BANNED, ENDED, RESTARTING, FULL, POLICY = 4008, 4003, 4010, 1012, 1013, 1008


class Viewer(Protocol):
    """One connection."""

    key: str
    person_no: int
    streams: bool
    lags_since: float

    def size(self) -> int:
        """Bytes written that have not left."""
        ...

    def write(self, data: bytes, /) -> object:
        """Takes bytes; never waits."""
        ...

    def close(self, code: int, reason: str = "") -> None:
        """Says why, and ends the connection; the audience forgets him at once."""
        ...


class Audience:
    """Viewers who have been greeted, and those who wait for it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.viewers: dict[Viewer, None] = {}
        self.waiting: dict[Viewer, float] = {}
        self.peak = 0
        self._keys: dict[str, int] = {}
        self._people: dict[int, set[Viewer]] = {}
        self._seen: set[str] = set()
        self._fresh: deque[tuple[float, str]] = deque()

    def __len__(self) -> int:
        return len(self.viewers) + len(self.waiting)

    @property
    def count(self) -> int:
        """Distinct viewers: a reconnect or a second tab is not a new one."""
        return len(self._keys)

    def join(self, viewer: Viewer, now: float) -> None:
        """Counts a viewer in; he gets nothing before `greet`."""
        self.waiting[viewer] = now
        self._keys[viewer.key] = self._keys.get(viewer.key, 0) + 1
        if viewer.person_no:
            self._people.setdefault(viewer.person_no, set()).add(viewer)
        if viewer.key not in self._seen:
            self._fresh.append((now, viewer.key))
        self.peak = max(self.peak, self.count)

    def greet(self, viewer: Viewer, first: Parcel) -> None:
        """Sends a viewer his first frame; from now on he gets every frame."""
        if self.waiting.pop(viewer, None) is not None:
            self.viewers[viewer] = None
            viewer.write(first.sse if viewer.streams else first.ws)

    def leave(self, viewer: Viewer) -> bool:
        """Counts a viewer out; False if he was not here."""
        here = self.waiting.pop(viewer, None) is not None or viewer in self.viewers
        if not here:
            return False
        self.viewers.pop(viewer, None)
        left = self._keys[viewer.key] - 1
        if left:
            self._keys[viewer.key] = left
        else:
            del self._keys[viewer.key]
        if viewer.person_no:
            same = self._people[viewer.person_no]
            same.discard(viewer)
            if not same:
                del self._people[viewer.person_no]
        return True

    def fan(self, full: Parcel, lite: Parcel | None, now: float) -> Iterator[None]:
        """Writes a frame to everybody greeted; yields after every SLICE_VIEWERS of them."""
        soft, hard = self._limits.lite_backlog_bytes, self._limits.close_backlog_bytes
        whole = full.ws
        for place, viewer in enumerate(list(self.viewers), 1):
            waits = viewer.size()
            if waits < soft:
                viewer.lags_since = 0.0
                viewer.write(full.sse if viewer.streams else whole)
            elif waits > hard or self._lags_long(viewer, now):
                self.close(viewer, LAGGING, "lagging")
            elif lite is not None:
                viewer.write(lite.sse if viewer.streams else lite.ws)
            if not place % SLICE_VIEWERS:
                yield

    def _lags_long(self, viewer: Viewer, now: float) -> bool:
        if not viewer.lags_since:
            viewer.lags_since = now
        return now - viewer.lags_since > self._limits.lagging_s_max

    def whisper(self, person_no: int, frame: Parcel) -> None:
        """A frame to one person's connections, if they can take it."""
        for viewer in self._people.get(person_no, ()):
            if viewer in self.viewers and viewer.size() < self._limits.lite_backlog_bytes:
                viewer.write(frame.sse if viewer.streams else frame.ws)

    def close(self, viewer: Viewer, code: int, reason: str) -> None:
        """Ends one connection."""
        if self.leave(viewer):
            viewer.close(code, reason)

    def expel(self, person_no: int | None, key: str | None) -> None:
        """Ends a banned person's connections."""
        gone = set(self._people.get(person_no or 0, ()))
        if key is not None:
            gone |= {v for v in (*self.viewers, *self.waiting) if v.key == key}
        for viewer in gone:
            self.close(viewer, BANNED, "banned")

    def take_seen(self, now: float) -> list[str]:
        """Viewer keys that have now been here long enough to count as a visit, each once."""
        made: list[str] = []
        while self._fresh and now - self._fresh[0][0] >= self._limits.seen_after_s:
            _, key = self._fresh.popleft()
            if key in self._keys and key not in self._seen:
                self._seen.add(key)
                made.append(key)
        return made

    def tell_seen_again(self, now: float) -> None:
        """Queues everybody present anew: what was told before may have been lost."""
        self._seen -= self._keys.keys()
        self._fresh = deque((now - self._limits.seen_after_s, key) for key in self._keys)
