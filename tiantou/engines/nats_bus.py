"""The bus over NATS core. At most once: while the connection is down a message is dropped, not kept
for later, because a late value would overwrite a newer one; `request` says NoAnswer.

The client library gives a connection up for good on some of the server's farewells; a keeper then
opens a new one with the same subscriptions, so that a bus ends only by `close`.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription as NatsSubscription
from nats.errors import Error, SlowConsumerError

from tiantou.core.bus import PAYLOAD_BYTES_MAX, Bus, Handler, NoAnswer, Subscription

RETRY_S = 0.2
CONNECT_S_MAX = 2
PING_S = 10
REQUESTS_AT_ONCE_MAX = 256

log = logging.getLogger(__name__)


class _Listener:
    """What is to be listened to, on whichever connection is the present one."""

    def __init__(self, bus: "NatsBus", subject: str, handler: Handler, group: str) -> None:
        self.subject, self.group = subject, group
        self._bus, self._handler = bus, handler
        self._room = asyncio.Semaphore(REQUESTS_AT_ONCE_MAX)
        self._running: set[asyncio.Task[None]] = set()
        self.handle: NatsSubscription | None = None

    async def hear(self, message: Msg) -> None:
        """Messages one after the other; requests side by side, so that a slow one holds up none."""
        if not message.reply:
            await self._call(message)
            return
        await self._room.acquire()
        task = asyncio.create_task(self._answer(message))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(self, message: Msg) -> None:
        try:
            said = await self._call(message)
            if said is not None:
                with contextlib.suppress(Error, OSError):
                    await message.respond(said)
        finally:
            self._room.release()

    async def _call(self, message: Msg) -> bytes | None:
        try:
            return await self._handler(message.subject, message.data)
        except Exception:
            log.exception("bus: a listener of %s failed", self.subject)
            return None

    async def close(self) -> None:
        """Ends the subscription; what is being handled is finished."""
        self._bus.forget(self)
        if self.handle is not None:
            with contextlib.suppress(Error, OSError):
                await self.handle.unsubscribe()


class NatsBus:
    """A Bus over a NATS server; made by `open_nats`."""

    def __init__(self, url: str, token: str, name: str) -> None:
        self._url, self._token, self._name = url, token, name
        self._listeners: list[_Listener] = []
        self._calls: list[Callable[[], Awaitable[None]]] = []
        self._client: Client | None = None
        self._lost = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connects, as long as it takes. Cancel to give up."""
        await self._connect()
        self._keeper = asyncio.create_task(self._keep())

    async def _connect(self) -> None:
        self._lost.clear()
        options: dict[str, Any] = {
            "token": self._token or None,
            "name": self._name,
            "error_cb": self._on_error,
            "reconnected_cb": self._on_reconnected,
            "closed_cb": self._on_closed,
            "max_reconnect_attempts": -1,
            "reconnect_time_wait": RETRY_S,
            "connect_timeout": CONNECT_S_MAX,
            "ping_interval": PING_S,
        }
        client = await nats.connect(self._url, **options)
        try:
            for one in self._listeners:
                one.handle = await client.subscribe(one.subject, queue=one.group, cb=one.hear)
            await _settle(client)
        except BaseException:
            await client.close()
            raise
        self._client = client

    async def _keep(self) -> None:
        while True:
            await self._lost.wait()
            self._client = None
            log.warning("bus: the server ended the connection; opening another")
            while self._client is None:
                try:
                    await self._connect()
                except (Error, OSError, TimeoutError):
                    await asyncio.sleep(RETRY_S)
            await self._tell()

    async def _on_error(self, error: Exception) -> None:
        log.debug("bus: %s", type(error).__name__)
        if isinstance(error, SlowConsumerError):
            log.warning("bus: a slow listener of %s lost messages", error.subject)
            self._tell_soon()

    async def _on_reconnected(self) -> None:
        log.info("bus: connected again")
        self._tell_soon()

    async def _on_closed(self) -> None:
        self._lost.set()

    def _tell_soon(self) -> None:
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        for call in self._calls:
            try:
                await call()
            except Exception:
                log.exception("bus: a call after the reconnect failed")

    async def publish(self, subject: str, payload: bytes) -> None:
        """Sends to whoever listens now. Raises ValueError over PAYLOAD_BYTES_MAX."""
        _check(payload)
        client = self._client
        if client is not None and client.is_connected:
            with contextlib.suppress(Error, OSError):
                await client.publish(subject, payload)

    async def request(self, subject: str, payload: bytes, timeout_s: float = 2.0) -> bytes:
        """One answer. Raises NoAnswer, ValueError over PAYLOAD_BYTES_MAX."""
        _check(payload)
        client = self._client
        if client is None or not client.is_connected:
            raise NoAnswer(subject)
        try:
            return (await client.request(subject, payload, timeout=timeout_s)).data
        except (Error, OSError, TimeoutError):
            raise NoAnswer(subject) from None

    async def subscribe(self, subject: str, handler: Handler, group: str = "") -> Subscription:
        """Calls `handler(subject, payload)`; in force at the server when this returns.

        While the connection is down it takes effect with the next one.
        """
        made = _Listener(self, subject, handler, group)
        self._listeners.append(made)
        client = self._client
        if client is not None and not client.is_closed:
            with contextlib.suppress(Error, OSError, TimeoutError):
                made.handle = await client.subscribe(subject, queue=group, cb=made.hear)
                if client.is_connected:
                    await _settle(client)
        return made

    def forget(self, listener: _Listener) -> None:
        """Takes a listener off the list of what is subscribed anew."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def on_reconnect(self, call: Callable[[], Awaitable[None]]) -> None:
        """`call` runs after every lost and regained connection, and after lost messages."""
        self._calls.append(call)

    async def close(self) -> None:
        """Sends what is pending and leaves."""
        for task in (self._keeper, self._telling):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        client, self._client = self._client, None
        if client is not None and not client.is_closed:
            with contextlib.suppress(Error, OSError, TimeoutError):
                if client.is_connected:
                    await _settle(client)
            await client.close()


async def _settle(client: Client) -> None:
    """Returns when the server has read all that was sent.

    Twice, because the library writes its PING ahead of what is pending.
    """
    await client.flush(CONNECT_S_MAX)
    await client.flush(CONNECT_S_MAX)


def _check(payload: bytes) -> None:
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise ValueError(f"a message has at most {PAYLOAD_BYTES_MAX} bytes")


async def open_nats(url: str, token: str = "", name: str = "tiantou") -> NatsBus:
    """A connected bus; waits for the server as long as it takes."""
    bus = NatsBus(url, token, name)
    await bus.open()
    return bus


def port(bus: NatsBus) -> Bus:
    """Checked when compiled: this is a Bus."""
    return bus
