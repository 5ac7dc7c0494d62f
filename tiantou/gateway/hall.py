"""The hall: this gateway's viewers by topic, and what is told about them once a second."""

import asyncio
import logging
from collections.abc import Callable, Iterator

import msgspec

from tiantou.core.bus import Bus
from tiantou.core.join_ticket import Ticket
from tiantou.gateway import frames
from tiantou.gateway.audience import ENDED, RESTARTING, Audience, Viewer
from tiantou.gateway.limits import Limits
from tiantou.gateway.owner import Owner
from tiantou.gateway.room import Cut
from tiantou.gateway.wire import Parcel

SEEN_KEYS_PER_MESSAGE_MAX = 2_000
ENDED_STAY_S = 900.0

log = logging.getLogger(__name__)


class Hall:
    """Audiences by topic; the desk of the process's own rooms."""

    def __init__(self, bus: Bus, owner: Owner, limits: Limits, clock: Callable[[], float]) -> None:
        self.audiences: dict[str, Audience] = {}
        self.addresses: dict[str, int] = {}
        self.count = 0
        self.draining = False
        self.empty = asyncio.Event()
        self._bus, self._owner, self._limits, self._clock = bus, owner, limits, clock
        self._told: dict[str, tuple[int, int]] = {}
        self._running: set[asyncio.Task[None]] = set()
        bus.on_reconnect(self._on_reconnect)

    # Viewers

    def room_for(self, topic: str, ticket: Ticket) -> str:
        """Why a ticket's bearer may not come in: `busy`, `full`, `banned`, or nothing."""
        room = self._owner.open(topic)
        if room is None or self.count >= self._limits.viewers_max or self.draining:
            return "busy"
        if ticket.person_no in room.banned_people or ticket.viewer_key in room.banned_keys:
            return "banned"
        audience = self.audiences.get(topic)
        if audience is not None and len(audience) >= self._limits.viewers_per_room_max:
            return "full"
        return ""

    def join(self, viewer: Viewer, topic: str, epoch: str, offset: int) -> None:
        """Lets a viewer in and greets him: what he missed, or the room as it is."""
        self.count += 1
        self.empty.clear()
        room = self._owner.open(topic)
        if room is None:
            viewer.close(RESTARTING, "busy")
            return
        now = self._clock()
        audience = self.audiences.get(topic)
        if audience is None:
            audience = self.audiences[topic] = Audience(self._limits)
        audience.join(viewer, now)
        room.touched_at = now
        room.present(audience.count)
        missed = room.resume(epoch, offset) if epoch else None
        if missed is not None:
            audience.greet(viewer, Parcel(missed))
        else:
            if room.wants_snapshot(now):
                self._owner.ask_snapshot(topic)
            if room.has_snapshot():
                audience.greet(viewer, Parcel(room.greeting()))
            else:
                loop = asyncio.get_running_loop()
                loop.call_later(self._limits.snapshot_wait_s, self._greet_bare, topic, viewer)
        self._owner.kick(topic)

    def leave(self, viewer: Viewer, topic: str) -> None:
        """Counts a viewer out, whoever ended the connection."""
        self.count -= 1
        if not self.count:
            self.empty.set()
        audience, room = self.audiences.get(topic), self._owner.rooms.get(topic)
        if audience is None:
            return
        audience.leave(viewer)
        if room is not None:
            room.touched_at = self._clock()
            room.present(audience.count)
            self._owner.kick(topic)

    def dismiss(self, viewer: Viewer, topic: str) -> None:
        """A viewer gets nothing more; `leave` follows when his connection has ended."""
        audience = self.audiences.get(topic)
        if audience is not None:
            audience.leave(viewer)

    def _greet_bare(self, topic: str, viewer: Viewer) -> None:
        audience, room = self.audiences.get(topic), self._owner.rooms.get(topic)
        if audience is None or room is None or viewer not in audience.waiting:
            return
        audience.greet(viewer, Parcel(room.greeting()))
        if not room.has_snapshot():
            room.owes_snapshot = True

    # The owner's desk

    def ready(self, topic: str) -> None:
        """Greets those who wait, with one text for all of them."""
        audience, room = self.audiences.get(topic), self._owner.rooms.get(topic)
        if audience is not None and room is not None and audience.waiting:
            first = Parcel(room.greeting())
            for viewer in list(audience.waiting):
                audience.greet(viewer, first)

    def viewers(self, topic: str) -> int:
        """Distinct viewers now."""
        audience = self.audiences.get(topic)
        return audience.count if audience else 0

    def deliver(self, topic: str, cut: Cut) -> None:
        """Fans a frame out: at once in a small room, in slices in a large one."""
        audience = self.audiences.get(topic)
        if audience is None:
            self._finish(topic, cut, 0.0, 0.0)
            return
        began = self._clock()
        steps = audience.fan(Parcel(cut.full), Parcel(cut.lite) if cut.lite else None, began)
        if next(steps, self) is self:
            spent = self._clock() - began
            self._finish(topic, cut, spent, spent)
            return
        task = asyncio.create_task(self._fan_on(topic, cut, steps, began))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _fan_on(self, topic: str, cut: Cut, steps: Iterator[None], began: float) -> None:
        cost = self._clock() - began
        going = True
        while going:
            await asyncio.sleep(0)
            at = self._clock()
            going = next(steps, self) is not self
            cost += self._clock() - at
        self._finish(topic, cut, self._clock() - began, cost)
        self._owner.kick(topic)

    def _finish(self, topic: str, cut: Cut, wall_s: float, cost_s: float) -> None:
        audience = self.audiences.get(topic)
        if audience is not None:
            for person, text in cut.own:
                audience.whisper(person, Parcel(text))
            for ban in cut.bans:
                audience.expel(ban.person_no, ban.viewer_key)
            room = self._owner.rooms.get(topic)
            if room is not None:
                room.present(audience.count)
        self._owner.fanned(topic, wall_s, cost_s, numbered=cut.numbered)

    # Once a second

    async def tell(self) -> None:
        """Publishes changed counts and new visits; closes and forgets what is over."""
        now = self._clock()
        for topic, audience in list(self.audiences.items()):
            counts = (audience.count, audience.peak)
            if self._told.get(topic, (0, 0)) != counts:
                self._told[topic] = counts
                await self._bus.publish(f"room.{topic}.n", frames.encode(frames.Viewers(*counts)))
            seen = audience.take_seen(now)
            for start in range(0, len(seen), SEEN_KEYS_PER_MESSAGE_MAX):
                batch = frames.Seen(seen[start : start + SEEN_KEYS_PER_MESSAGE_MAX])
                await self._bus.publish(f"room.{topic}.seen", frames.encode(batch))
            self._end(topic, audience, now)
        self._owner.forget_idle()
        for topic in [t for t in self.audiences if t not in self._owner.rooms]:
            del self.audiences[topic]
            self._told.pop(topic, None)

    def _end(self, topic: str, audience: Audience, now: float) -> None:
        room = self._owner.rooms.get(topic)
        if room is not None and room.ended and now - room.touched_at > ENDED_STAY_S:
            for viewer in [*audience.viewers, *audience.waiting]:
                audience.close(viewer, ENDED, "ended")

    async def _on_reconnect(self) -> None:
        self._told.clear()
        for audience in self.audiences.values():
            audience.tell_seen_again(self._clock())

    async def drain(self) -> None:
        """Sends everybody elsewhere: close 1012 with how long to spread the way back over."""
        self.draining = True
        if not self.count:
            self.empty.set()
        spread_ms = min(10_000, 1_000 + self.count)
        reason = msgspec.json.encode({"spread_ms": spread_ms}).decode()
        for audience in list(self.audiences.values()):
            for place, viewer in enumerate([*audience.viewers, *audience.waiting], 1):
                audience.close(viewer, RESTARTING, reason)
                if not place % 256:
                    await asyncio.sleep(0)
        log.info("gateway: drained, %d connections left", self.count)
