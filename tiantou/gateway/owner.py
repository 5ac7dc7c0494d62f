"""The owner of rooms: takes what the bus brings, numbers it, cuts frames when they are due.

It knows no connection: frames go to a `Desk`, which reports what a fan-out cost. Today one process
owns every room and its own hall is the only desk; with several, a lease decides who owns a room and
the frames of a cut travel by the bus to every hall, as they are.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Callable
from random import SystemRandom
from typing import Protocol

import msgspec

from tiantou.core.bus import Bus, NoAnswer, Subscription
from tiantou.gateway import frames
from tiantou.gateway.limits import Bucket, Limits
from tiantou.gateway.room import Cut, Room

TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
EVENT_BYTES_MAX = 64 * 1024
RETRY_S_MIN, RETRY_S_MAX = 0.2, 5.0
SNAPSHOTS_AT_ONCE_MAX = 32
REFRESH_AFTER_S = 0.5
CLOSE_ENOUGH_S = 0.001

log = logging.getLogger(__name__)


class Desk(Protocol):
    """Where an owner's frames go."""

    def deliver(self, topic: str, cut: Cut) -> None:
        """Fans a frame out, and then calls `Owner.fanned`."""
        ...

    def ready(self, topic: str) -> None:
        """A snapshot has come in: those who wait can be greeted."""
        ...

    def viewers(self, topic: str) -> int:
        """Distinct viewers now."""
        ...


class Owner:
    """Rooms by topic, and the bus's end of them."""

    def __init__(self, bus: Bus, limits: Limits, clock: Callable[[], float]) -> None:
        self.rooms: dict[str, Room] = {}
        self._bus, self._limits, self._clock = bus, limits, clock
        share = limits.event_budget_share
        self._budget = Bucket(share, share, clock())
        self._random = SystemRandom()
        self._timers: dict[str, tuple[float, asyncio.TimerHandle]] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._asked = asyncio.Semaphore(SNAPSHOTS_AT_ONCE_MAX)
        self._subscriptions: list[Subscription] = []
        self._refreshing: asyncio.Task[None] | None = None
        self._desk: Desk | None = None

    async def start(self, desk: Desk) -> None:
        """Listens to every room's subjects."""
        self._desk = desk
        for word, handler in (
            ("ev", self._on_event),
            ("st", self._on_values),
            ("in", self._on_chat),
            ("entry", self._on_entry),
            ("likes", self._on_likes),
        ):
            self._subscriptions.append(await self._bus.subscribe(f"room.*.{word}", handler))
        self._subscriptions.append(await self._bus.subscribe("rooms.refresh", self._on_refresh))
        self._bus.on_reconnect(self._renew)

    async def stop(self) -> None:
        """Listens no more; cuts no more."""
        for one in self._subscriptions:
            await one.close()
        for _, handle in self._timers.values():
            handle.cancel()
        self._timers.clear()
        asking = [*self._asking.values(), *([self._refreshing] if self._refreshing else [])]
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def open(self, topic: str) -> Room | None:
        """The room of a topic, made if need be; None if there are too many or it has no name."""
        room = self.rooms.get(topic)
        if room is None:
            if len(self.rooms) >= self._limits.rooms_max or not TOPIC.fullmatch(topic):
                return None
            epoch = secrets.token_hex(4)
            room = Room(epoch, self._limits, self._budget, self._clock(), self._random)
            self.rooms[topic] = room
        return room

    def forget_idle(self) -> None:
        """Drops rooms without viewers that have not been heard of for long."""
        now = self._clock()
        for topic in [t for t, room in self.rooms.items() if room.idle(now)]:
            del self.rooms[topic]
            timer = self._timers.pop(topic, None)
            if timer:
                timer[1].cancel()

    # From the bus

    async def _on_event(self, subject: str, payload: bytes) -> bytes | None:
        topic = subject.split(".")[1]
        if len(payload) > EVENT_BYTES_MAX:
            return frames.encode(frames.EventRefused("too large"))
        try:
            event = frames.event_in.decode(payload)
            frames.event_head.decode(event.ev)
        except msgspec.DecodeError:
            log.warning("gateway: a malformed event for %s was refused", topic)
            return frames.encode(frames.EventRefused("malformed"))
        room = self.open(topic)
        if room is None:
            return None
        offset = room.event(event.id, bytes(event.ev), self._clock())
        self.kick(topic)
        return frames.encode(frames.EventAnswer(room.epoch, offset))

    def _heard(self, subject: str, take: Callable[[Room], None]) -> None:
        """Messages that may be lost: without a room nobody would see them."""
        topic = subject.split(".")[1]
        room = self.rooms.get(topic)
        if room is None:
            return
        try:
            take(room)
        except msgspec.DecodeError:
            log.warning("gateway: a malformed message on %s was dropped", subject)
            return
        room.touched_at = self._clock()
        self.kick(topic)

    async def _on_values(self, subject: str, payload: bytes) -> None:
        now = self._clock()
        self._heard(subject, lambda r: r.set_values(frames.values_in.decode(payload), now))

    async def _on_chat(self, subject: str, payload: bytes) -> None:
        self._heard(subject, lambda room: room.say(frames.chat_in.decode(payload)))

    async def _on_entry(self, subject: str, payload: bytes) -> None:
        self._heard(subject, lambda room: room.entered(frames.entry_in.decode(payload).u))

    async def _on_likes(self, subject: str, payload: bytes) -> None:
        self._heard(subject, lambda room: room.like(frames.likes_in.decode(payload).n))

    async def _on_refresh(self, _: str, __: bytes) -> None:
        # A publisher lost its connection, and with it values; several come back at about one time.
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._renew_soon())

    async def _renew_soon(self) -> None:
        await asyncio.sleep(REFRESH_AFTER_S)
        await self._renew()

    async def _renew(self) -> None:
        for topic, room in self.rooms.items():
            room.renew(secrets.token_hex(4))
            if room.viewers:
                self.ask_snapshot(topic, push=True)

    # Frames

    def kick(self, topic: str) -> None:
        """Cuts a frame now if one is due, else sets the clock for it."""
        room = self.rooms.get(topic)
        if room is None or self._desk is None:
            return
        now = self._clock()
        due = room.due(now)
        while due is not None and due <= now + CLOSE_ENOUGH_S:
            cut = room.cut(max(now, due))
            room.fan_begins(numbered=cut.numbered)
            self._desk.deliver(topic, cut)
            now = self._clock()
            due = room.due(now)
        self._wake(topic, due, now)

    def _wake(self, topic: str, due: float | None, now: float) -> None:
        timer = self._timers.get(topic)
        if timer is not None:
            if due is not None and timer[0] <= due:
                return
            timer[1].cancel()
            del self._timers[topic]
        if due is not None:
            handle = asyncio.get_running_loop().call_later(due - now, self._due, topic)
            self._timers[topic] = (due, handle)

    def _due(self, topic: str) -> None:
        self._timers.pop(topic, None)
        self.kick(topic)

    def fanned(self, topic: str, wall_s: float, cost_s: float, *, numbered: bool) -> None:
        """A desk has written a frame to its viewers."""
        room = self.rooms.get(topic)
        if room is not None:
            room.fan_ended(self._clock(), wall_s, cost_s, numbered=numbered)

    # Snapshots

    def ask_snapshot(self, topic: str, *, push: bool = False) -> None:
        """Asks the API processes for a room's state, one question at a time for a room."""
        if push:
            # An answer already under way may be from before the loss.
            running = self._asking.pop(topic, None)
            if running is not None:
                running.cancel()
        if topic not in self._asking:
            task = asyncio.create_task(self._ask(topic, push))
            self._asking[topic] = task
            task.add_done_callback(lambda done: self._answered(topic, done))

    def _answered(self, topic: str, done: asyncio.Task[None]) -> None:
        if self._asking.get(topic) is done:
            del self._asking[topic]

    async def _ask(self, topic: str, push: bool) -> None:
        pause = RETRY_S_MIN
        question = msgspec.json.encode({"topic": topic})
        while (room := self.rooms.get(topic)) is not None and self._desk is not None:
            async with self._asked:
                offset, asked_at = room.offset, self._clock()
                try:
                    answer = await self._bus.request("rooms.snapshot", question)
                    said = frames.snapshot_in.decode(answer)
                    room.take_snapshot(said, offset, asked_at, push=push)
                    self._desk.ready(topic)
                    self.kick(topic)
                    return
                except NoAnswer:
                    log.debug("gateway: no snapshot of %s yet", topic)
                except msgspec.DecodeError:
                    log.warning("gateway: a malformed snapshot of %s", topic)
            await asyncio.sleep(pause * (0.75 + self._random.random() / 2))
            pause = min(RETRY_S_MAX, pause * 2)
            if not self._desk.viewers(topic):
                return
