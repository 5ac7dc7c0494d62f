"""A whole gateway on a free port, with the bus in memory, and clients of two kinds."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.gateway.follower import Follower
from tiantou.core.bus import Bus
from tiantou.core.join_ticket import mint
from tiantou.core.keys import Keys
from tiantou.engines.memory_bus import MemoryBus
from tiantou.gateway.limits import Limits
from tiantou.gateway.process import run

HOST, ORIGIN = "rooms.test", "https://rooms.test"


def bound() -> socket.socket:
    """A socket on a free port of loopback."""
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    return made


@dataclass
class Gateway:
    """A running gateway and its bus. `state` is what the API would answer for any topic."""

    bus: Bus
    keys: Keys
    port: int
    stop: asyncio.Event
    running: asyncio.Task[None] | None = None
    state: dict[str, Any] = field(default_factory=dict)
    asked: int = 0

    def target(self, topic: str, key: str, person: int = 0, at: str = "", sse: str = "") -> str:
        """A path with a fresh ticket."""
        return f"/rt/v1/{topic}{sse}?t={quote(mint(self.keys, topic, key, person))}{at}"

    def ws(self, target: str, **more: Any) -> connect:
        """A WebSocket client for a target."""
        where: dict[str, Any] = {} if "sock" in more else {"host": "127.0.0.1", "port": self.port}
        return connect(
            f"ws://{more.pop('name', HOST)}{target}",
            **where,
            additional_headers=more.pop("headers", {}),
            compression=None,
            proxy=None,
            ping_interval=None,
            **more,
        )

    def join(self, topic: str, key: str, person: int = 0, at: str = "", **more: Any) -> connect:
        """A WebSocket client with a fresh ticket."""
        return self.ws(self.target(topic, key, person, at), **more)

    async def tell(self, topic: str, fact: str, event: dict[str, Any]) -> dict[str, Any]:
        """An event by request, as the API's reactions do it."""
        payload = json.dumps({"id": fact, "ev": event}).encode()
        answer = await self.bus.request(f"room.{topic}.ev", payload)
        said: dict[str, Any] = json.loads(answer)
        return said

    async def say(self, topic: str, word: str, **members: Any) -> None:
        """A message that may be lost."""
        await self.bus.publish(f"room.{topic}.{word}", json.dumps(members).encode())

    async def answer(self, _: str, __: bytes) -> bytes | None:
        """The API's answer to a question for a snapshot."""
        self.asked += 1
        return json.dumps(self.state).encode() if self.state else None

    async def heard(self, subject: str) -> "asyncio.Queue[dict[str, Any]]":
        """What the gateway publishes."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

        async def hear(_: str, payload: bytes) -> None:
            queue.put_nowait(json.loads(payload))

        await self.bus.subscribe(subject, hear)
        return queue


@asynccontextmanager
async def gateway_on(bus: Bus, keys: Keys, **limits: Any) -> AsyncIterator[Gateway]:
    """Runs a gateway until the block ends."""
    listener = bound()
    ready, stop = asyncio.Event(), asyncio.Event()
    made = Gateway(bus, keys, listener.getsockname()[1], stop)
    made.state = {"state": {"pinned": None}, "chat": [], "seq": []}
    await bus.subscribe("rooms.snapshot", made.answer, group="api")
    made.running = asyncio.create_task(
        run(
            bus,
            keys,
            listener,
            hosts=[HOST, "::1"],
            origins=[ORIGIN],
            limits=Limits(**{"drain_s": 1.0, **limits}),
            ready=ready.set,
            stop=stop,
        )
    )
    try:
        await asyncio.wait_for(ready.wait(), 20)
        yield made
    finally:
        stop.set()
        await asyncio.wait_for(made.running, 20)


@pytest.fixture
async def gateway(keys: Keys) -> AsyncIterator[Gateway]:
    """A gateway with the limits of production."""
    bus = MemoryBus()
    async with gateway_on(bus, keys) as made:
        yield made
    await bus.close()


async def until(
    follower: Follower, client: ClientConnection, enough: Callable[[Follower], object]
) -> None:
    """Follows a client's frames until there is enough, within 20 s."""
    async with asyncio.timeout(20):
        while not enough(follower):
            follower.take(await client.recv())


@asynccontextmanager
async def stream(gateway: Gateway, target: str, **more: Any) -> AsyncIterator[httpx.Response]:
    """An SSE response."""
    headers = {"Host": HOST, **more.pop("headers", {})}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=20) as client,
        client.stream(
            "GET", f"http://127.0.0.1:{gateway.port}{target}", headers=headers
        ) as response,
    ):
        yield response
