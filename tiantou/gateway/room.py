"""One room's stream of frames: what is sequenced, what is dropped, when the next frame is cut.

Pure: no I/O, no clock of its own (`now` is monotonic seconds). It knows no viewers; whoever fans a
frame out reports how long that took, and the stream clocks itself by it.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from random import Random

from msgspec import Raw

from tiantou.gateway import frames
from tiantou.gateway.chat import Chat, Said
from tiantou.gateway.frames import ChatLine, EventHead, SnapshotIn
from tiantou.gateway.limits import Bucket, Limits

RING_EVENTS = 512
KNOWN_IDS_MAX = 4_096
RECENT_LINES = 50
VALUES_MAX = 2_000
VALUE_BYTES_MAX = 4_096
CATCH_UP_EVENTS_MAX = 64
COUNTERS = ("likes", "orders")


@dataclass(frozen=True)
class Event:
    """A numbered event, kept for those who come back."""

    offset: int
    id: str
    raw: bytes


@dataclass(frozen=True)
class Cut:
    """One frame on its way: `lite` is for viewers who lag (nothing, if it would be all chat)."""

    full: bytes
    lite: bytes | None
    numbered: bool
    own: list[tuple[int, bytes]] = field(default_factory=list)
    bans: list[EventHead] = field(default_factory=list)


@dataclass(frozen=True)
class _Known:
    """The last snapshot, with the offset and the instant at which it was asked for."""

    state: bytes
    chat: dict[int, bytes]
    seq: frozenset[str]
    offset: int
    asked_at: float


class Room:
    """A topic's stream. `budget` is shared by all rooms of the process: seconds of core time.

    `owes_snapshot`: somebody was greeted with an empty one; the real one goes to everybody.
    """

    def __init__(
        self, epoch: str, limits: Limits, budget: Bucket, now: float, random: Random
    ) -> None:
        self.epoch, self.offset, self.sent = epoch, 0, 0
        self.owes_snapshot = False
        self._lossy_runs = self._numbered_runs = False
        self.ended = False
        self.touched_at = now
        self.banned_people: set[int] = set()
        self.banned_keys: set[str] = set()
        self.viewers = 0
        self._limits, self._budget = limits, budget
        self._ring: deque[Event] = deque(maxlen=RING_EVENTS)
        self._ids: OrderedDict[str, int] = OrderedDict()
        self._pending: list[Event] = []
        self._bans: list[EventHead] = []
        self._chat = Chat(limits.chat_lines_per_s_max, now, random)
        self._recent: OrderedDict[int, bytes] = OrderedDict()
        self._values: dict[str, tuple[bytes, float]] = {}
        self._changed: set[str] = set()
        self._counts = {"likes": 0, "orders": 0}
        self._counts_changed = False
        self._entered: tuple[str, int] | None = None
        self._known: _Known | None = None
        self._push = False
        self._greeting: bytes | None = None
        self._cut_at = self._ended_at = self._counters_at = now - 1.0
        self._wall_s = self._event_wall_s = self._event_cost_s = 0.0

    # What comes in

    def event(self, fact: str, raw: bytes, now: float) -> int:
        """Numbers an event and queues it; the same id gets the same offset and goes out once."""
        self.touched_at = now
        known = self._ids.get(fact)
        if known is not None:
            return known
        self.offset += 1
        self._remember(fact, self.offset)
        made = Event(self.offset, fact, raw)
        self._ring.append(made)
        self._pending.append(made)
        self._act_on(frames.event_head.decode(raw))
        return self.offset

    def _remember(self, fact: str, offset: int) -> None:
        self._ids[fact] = offset
        while len(self._ids) > KNOWN_IDS_MAX:
            self._ids.popitem(last=False)

    def _act_on(self, head: EventHead) -> None:
        if head.t == "ban":
            if head.person_no is not None:
                self.banned_people.add(head.person_no)
            if head.viewer_key is not None:
                self.banned_keys.add(head.viewer_key)
            self._bans.append(head)
        elif head.t == "unban":
            self.banned_people.discard(head.person_no or 0)
            self.banned_keys.discard(head.viewer_key or "")
        elif head.t == "hide" and head.no is not None:
            self._chat.hide(head.no)
            self._recent.pop(head.no, None)
            if self._known is not None:
                self._known.chat.pop(head.no, None)
        elif head.t == "end":
            self.ended = True

    def say(self, line: ChatLine) -> None:
        """Queues a line of chat."""
        self._chat.say(Said(line.i, line.p or 0, line.u, frames.encode(line)))

    def set_values(self, values: dict[str, Raw], now: float) -> None:
        """Takes latest values; `likes` and `orders` are counters and travel with them."""
        for key, value in values.items():
            raw = bytes(value)
            if key in COUNTERS:
                self._count(key, raw)
            elif len(raw) <= VALUE_BYTES_MAX and (
                key in self._values or len(self._values) < VALUES_MAX
            ):
                self._values[key] = (raw, now)
                self._changed.add(key)

    def _count(self, key: str, raw: bytes) -> None:
        if not raw.isdigit() or len(raw) > 15:
            return
        # Likes shown before their total came in are in it; a total on its way never counts down.
        total = max(self._counts[key], int(raw)) if key == "likes" else int(raw)
        if total != self._counts[key]:
            self._counts[key], self._counts_changed = total, True

    def like(self, count: int) -> None:
        """Adds likes to what is shown until the next total."""
        if 0 < count <= 1_000_000:
            self._counts["likes"] += count
            self._counts_changed = True

    def entered(self, nickname: str) -> None:
        """Merges an entry with those since the last frame."""
        self._entered = (nickname[:40], (self._entered[1] if self._entered else 0) + 1)

    def present(self, viewers: int) -> None:
        """How many distinct viewers there are now."""
        if viewers != self.viewers:
            self.viewers, self._counts_changed = viewers, True

    # When the next frame is due

    def _tick_s(self) -> float:
        small = self.viewers < self._limits.small_room_viewers_max
        base = self._limits.tick_small_s if small else self._limits.tick_s
        return max(base, 2 * self._wall_s)

    def _may_at_once(self, now: float) -> bool:
        return self._budget.left(now) >= self._event_cost_s

    def due(self, now: float) -> float | None:
        """The instant of the next cut; None while a fan-out must be finished first."""
        if self._numbered_runs or (self._lossy_runs and self._push):
            return None
        times: list[float] = []
        if self._pending or self._push:
            if self._push or self._may_at_once(now):
                return now
            spacing = max(self._limits.event_spacing_s, self._event_wall_s)
            times.append(self._ended_at + spacing)
        if self._lossy_runs:
            return None
        if self._chat or self._changed:
            times.append(self._cut_at + self._tick_s())
        if self._counts_changed or self._entered:
            quiet = self._counters_at + self._limits.counters_every_s
            times.append(max(quiet, self._cut_at + self._tick_s()))
        if self.viewers:
            times.append(max(self._cut_at, self._ended_at) + self._limits.keep_alive_s)
        return max(now, min(times)) if times else None

    def cut(self, now: float) -> Cut:
        """The next frame. Events alone while the budget lasts, else with all that waits."""
        self._greeting = None
        events, self._pending = self._pending, []
        bans, self._bans = self._bans, []
        ev = b",".join(event.raw for event in events)
        if events:
            self.sent = events[-1].offset
        if self._push:
            self._push = False
            full = self._snapshot_frame(events)
            return Cut(full, full, True, bans=bans)
        head = b'{"o":%d' % self.sent + (b',"ev":[%b]' % ev if events else b"")
        ready = now >= self._cut_at + self._tick_s()
        if events and (self._lossy_runs or (not ready and self._may_at_once(now))):
            return Cut(head + b"}", head + b"}", True, bans=bans)
        self._cut_at = now
        chat, own = self._take_chat(now)
        values = self._take_values()
        tail = self._take_counters(now, alone=not (events or chat or values))
        lite = head + values + tail + b"}" if events or values or tail else None
        return Cut(head + chat + values + tail + b"}", lite, bool(events), own, bans)

    def _take_chat(self, now: float) -> tuple[bytes, list[tuple[int, bytes]]]:
        if not self._chat:
            return b"", []
        taken = self._chat.take(now)
        for line in taken.shown:
            self._recent[line.number] = line.raw
        while len(self._recent) > RECENT_LINES:
            self._recent.popitem(last=False)
        made = b',"c":[%b]' % b",".join(line.raw for line in taken.shown)
        if taken.left_out:
            made += b',"d":%d' % taken.left_out
        own = [(line.author, b'{"o":%d,"c":[%b]}' % (self.sent, line.raw)) for line in taken.own]
        return made, own

    def _take_values(self) -> bytes:
        if not self._changed:
            return b""
        keys, self._changed = self._changed, set()
        return b',"s":' + _object({key: self._values[key][0] for key in keys})

    def _take_counters(self, now: float, *, alone: bool) -> bytes:
        made = b""
        if alone and now < self._counters_at + self._limits.counters_every_s:
            return made
        if self._counts_changed:
            self._counts_changed = False
            made += b',"n":' + self._counters()
        if self._entered:
            made += b',"j":' + frames.encode(self._entered)
            self._entered = None
        if made:
            self._counters_at = now
        return made

    def _counters(self) -> bytes:
        return frames.encode((self.viewers, self._counts["likes"], self._counts["orders"]))

    def fan_begins(self, *, numbered: bool) -> None:
        """A frame is being written to viewers."""
        if numbered:
            self._numbered_runs = True
        else:
            self._lossy_runs = True

    def fan_ended(self, now: float, wall_s: float, cost_s: float, *, numbered: bool) -> None:
        """It is written: `wall_s` from first to last viewer, `cost_s` of them on the core."""
        self._ended_at, self._wall_s = now, wall_s
        if not numbered:
            self._lossy_runs = False
        else:
            self._numbered_runs = False
            self._event_wall_s, self._event_cost_s = wall_s, min(cost_s, 0.15)
            self._budget.spend(cost_s, now)

    # Those who come, and come back

    def wants_snapshot(self, now: float) -> bool:
        """Whether the next joiner would be better served by a fresh snapshot."""
        known = self._known
        return (
            known is None
            or now - known.asked_at > self._limits.snapshot_age_s_max
            or self.offset - known.offset > CATCH_UP_EVENTS_MAX
        )

    def has_snapshot(self) -> bool:
        """Whether a joiner can be served."""
        known = self._known
        if known is None:
            return False
        first = self._ring[0].offset if self._ring else self.offset + 1
        return known.offset >= first - 1

    def take_snapshot(self, said: SnapshotIn, offset: int, asked_at: float, *, push: bool) -> None:
        """Keeps an answer asked for at `offset`; with `push` all viewers get it."""
        if self._known is None and self.offset == 0:
            # Everybody in this epoch starts from this state, so what it shows is not sent again.
            for fact in said.seq[-KNOWN_IDS_MAX:]:
                self._remember(fact, 0)
        chat = {frames.line_number(raw): bytes(raw) for raw in said.chat}
        self._known = _Known(bytes(said.state), chat, frozenset(said.seq), offset, asked_at)
        self.banned_people.update(said.banned)
        self._greeting = None
        self._push = self._push or push or self.owes_snapshot
        self.owes_snapshot = False

    def greeting(self) -> bytes:
        """The first frame of a joiner; one text for all who come before the next frame is cut."""
        if self._greeting is None:
            self._greeting = self._snapshot_frame([])
        return self._greeting

    def _snapshot_frame(self, new: list[Event]) -> bytes:
        known = self._known or _Known(b"{}", {}, frozenset(), self.sent, -1e9)
        until = new[0].offset - 1 if new else self.sent
        catch_up = [
            event.raw
            for event in self._ring
            if known.offset < event.offset <= until and event.id not in known.seq
        ]
        lines = sorted((known.chat | self._recent).items())[-RECENT_LINES:]
        values = {key: raw for key, (raw, at) in self._values.items() if at >= known.asked_at}
        parts = [
            b'{"e":"%b","o":%d,"snap":{"state":%b,"chat":[%b],"ev":[%b]}'
            % (
                self.epoch.encode(),
                self.sent,
                known.state,
                b",".join(raw for _, raw in lines),
                b",".join(catch_up),
            )
        ]
        if new:
            parts.append(b',"ev":[%b]' % b",".join(event.raw for event in new))
        if values:
            parts.append(b',"s":' + _object(values))
        parts.append(b',"n":%b}' % self._counters())
        return b"".join(parts)

    def resume(self, epoch: str, offset: int) -> bytes | None:
        """What a viewer missed after `offset` of `epoch`; None if only a snapshot will do."""
        first = self._ring[0].offset if self._ring else self.offset + 1
        if epoch != self.epoch or not first - 1 <= offset <= self.sent:
            return None
        missed = [e.raw for e in self._ring if offset < e.offset <= self.sent]
        made = b'{"e":"%b","o":%d' % (self.epoch.encode(), self.sent)
        if missed:
            made += b',"ev":[%b]' % b",".join(missed)
        if self._recent:
            made += b',"c":[%b]' % b",".join(self._recent.values())
        if self._values:
            made += b',"s":' + _object({key: raw for key, (raw, _) in self._values.items()})
        return made + b',"n":%b}' % self._counters()

    def renew(self, epoch: str) -> None:
        """Begins a new epoch: messages may have been lost, so nobody resumes across this point."""
        self.epoch = epoch
        self._known = self._greeting = None
        self._values.clear()
        self._changed.clear()

    def idle(self, now: float) -> bool:
        """Whether it may be forgotten: nobody here, nothing heard for long."""
        limits = self._limits
        patience = limits.ended_room_idle_s_max if self.ended else limits.room_idle_s_max
        return not self.viewers and now - self.touched_at > patience


def _object(members: dict[str, bytes]) -> bytes:
    return b"{%b}" % b",".join(b"%b:%b" % (frames.encode(k), v) for k, v in members.items())
