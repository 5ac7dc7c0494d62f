"""The bus within one process, for tests: the same promises as NATS, no server."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable

from tiantou.core.bus import PAYLOAD_BYTES_MAX, Bus, Handler, NoAnswer, Subscription

PENDING_MAX = 65_536

log = logging.getLogger(__name__)


def matches(pattern: str, subject: str) -> bool:
    """Whether a subject falls under a pattern with `*` for one word and `>` for the rest."""
    wanted, words = pattern.split("."), subject.split(".")
    for place, word in enumerate(wanted):
        if word == ">":
            return len(words) > place
        if place >= len(words) or word not in ("*", words[place]):
            return False
    return len(wanted) == len(words)


class _Listener:
    """One subscription: messages are handled one after the other, requests side by side."""

    def __init__(self, bus: "MemoryBus", subject: str, handler: Handler, group: str) -> None:
        self.subject, self.group = subject, group
        self._bus, self._handler = bus, handler
        self._queue: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(PENDING_MAX)
        self._running: set[asyncio.Task[None]] = set()
        self._worker = asyncio.create_task(self._work())

    def give(self, subject: str, payload: bytes, answer: asyncio.Future[bytes] | None) -> None:
        if answer is not None:
            task = asyncio.create_task(self._answer(subject, payload, answer))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            return
        try:
            self._queue.put_nowait((subject, payload))
        except asyncio.QueueFull:
            log.warning("bus: a slow listener of %s lost a message", self.subject)

    async def _answer(self, subject: str, payload: bytes, answer: asyncio.Future[bytes]) -> None:
        said = await self._call(subject, payload)
        if said is not None and not answer.done():
            answer.set_result(said)

    async def _call(self, subject: str, payload: bytes) -> bytes | None:
        try:
            return await self._handler(subject, payload)
        except Exception:
            log.exception("bus: a listener of %s failed", self.subject)
            return None

    async def _work(self) -> None:
        while True:
            await self._call(*await self._queue.get())

    async def close(self) -> None:
        """Ends the subscription; what waits is dropped."""
        self._bus.forget(self)
        self._worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._worker


class MemoryBus:
    """A Bus of one process. `interrupt` and `resume` play a lost and regained connection."""

    def __init__(self) -> None:
        self._listeners: list[_Listener] = []
        self._calls: list[Callable[[], Awaitable[None]]] = []
        self._down = False
        self._turns = itertools.count()

    def _receivers(self, subject: str) -> list[_Listener]:
        hit = [one for one in self._listeners if matches(one.subject, subject)]
        alone = [one for one in hit if not one.group]
        groups: dict[str, list[_Listener]] = {}
        for one in hit:
            if one.group:
                groups.setdefault(one.group, []).append(one)
        turn = next(self._turns)
        return alone + [members[turn % len(members)] for members in groups.values()]

    async def publish(self, subject: str, payload: bytes) -> None:
        """Sends to whoever listens now. Raises ValueError over PAYLOAD_BYTES_MAX."""
        _check(payload)
        if not self._down:
            for one in self._receivers(subject):
                one.give(subject, payload, None)

    async def request(self, subject: str, payload: bytes, timeout_s: float = 2.0) -> bytes:
        """One answer. Raises NoAnswer, ValueError over PAYLOAD_BYTES_MAX."""
        _check(payload)
        receivers = [] if self._down else self._receivers(subject)
        if not receivers:
            raise NoAnswer(subject)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        for one in receivers:
            one.give(subject, payload, answer)
        try:
            return await asyncio.wait_for(answer, timeout_s)
        except TimeoutError:
            raise NoAnswer(subject) from None

    async def subscribe(self, subject: str, handler: Handler, group: str = "") -> Subscription:
        """Calls `handler(subject, payload)`; of the members of a `group` one gets each message."""
        made = _Listener(self, subject, handler, group)
        self._listeners.append(made)
        return made

    def forget(self, listener: _Listener) -> None:
        """Takes a listener off."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def on_reconnect(self, call: Callable[[], Awaitable[None]]) -> None:
        """`call` runs after every `resume`."""
        self._calls.append(call)

    def interrupt(self) -> None:
        """From now on nothing arrives."""
        self._down = True

    async def resume(self) -> None:
        """Things arrive again; those who asked are told."""
        self._down = False
        for call in self._calls:
            await call()

    async def close(self) -> None:
        """Ends every subscription."""
        for one in list(self._listeners):
            await one.close()


def _check(payload: bytes) -> None:
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise ValueError(f"a message has at most {PAYLOAD_BYTES_MAX} bytes")


def port(bus: MemoryBus) -> Bus:
    """Checked when compiled: this is a Bus."""
    return bus
