"""The same frames as Server-Sent Events, for proxies that break WebSocket: a small ASGI app."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tiantou.gateway.door import Admitted, Door, Refused
from tiantou.gateway.wire import sse_bye

CLOSE_WAIT_S = 5.0
CHUNK_BYTES_MAX = 16 * 1024

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Stream:
    """One viewer's stream; what the server does not take yet is its backlog."""

    streams = True

    def __init__(self, admitted: Admitted) -> None:
        self.key, self.person_no = admitted.ticket.viewer_key, admitted.ticket.person_no
        self.lags_since = 0.0
        self._chunks: deque[bytes] = deque()
        self._waits = 0
        self._more = asyncio.Event()
        self.ended = asyncio.Event()

    def size(self) -> int:
        """Bytes that wait."""
        return self._waits

    def write(self, chunk: bytes, /) -> None:
        """Queues bytes."""
        if not self.ended.is_set():
            self._chunks.append(chunk)
            self._waits += len(chunk)
            self._more.set()

    def close(self, code: int, reason: str = "") -> None:
        """Says why behind what still waits, and ends."""
        self.write(sse_bye(code, reason))
        self.ended.set()

    async def pour(self, send: Send) -> None:
        """Sends until closed and empty."""
        while not (self.ended.is_set() and not self._chunks):
            await self._more.wait()
            self._more.clear()
            while self._chunks:
                chunk = self._chunks.popleft()
                while self._chunks and len(chunk) < CHUNK_BYTES_MAX:
                    chunk += self._chunks.popleft()
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                self._waits -= len(chunk)


def app(door: Door) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {key.decode("latin-1"): raw.decode("latin-1") for key, raw in scope["headers"]}
        peer = (scope.get("client") or ("",))[0]
        if scope["path"] == "/healthz":
            await _say(send, Refused(200, "ok"))
            return
        if scope["method"] != "GET":
            await _say(send, Refused(405, "GET only"))
            return
        address = door.address(peer, headers.get("x-forwarded-for"))
        if not door.enter(address):
            await _say(send, Refused(503, "too many from this address"))
            return
        try:
            target = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
            admitted = door.admit(target, headers, sse=True)
            if isinstance(admitted, Refused):
                await _say(send, admitted)
            else:
                await _stream(door, admitted, headers.get("origin"), receive, send)
        finally:
            door.exit(address)

    return handle


async def _stream(
    door: Door, admitted: Admitted, origin: str | None, receive: Receive, send: Send
) -> None:
    head = {"content-type": "text/event-stream", "x-accel-buffering": "no"}
    if origin is not None:
        head |= {"access-control-allow-origin": origin, "vary": "origin"}
    await _start(send, 200, head)
    viewer = Stream(admitted)
    door.hall.join(viewer, admitted.topic, admitted.epoch, admitted.offset)
    pouring = asyncio.create_task(viewer.pour(send))
    gone = asyncio.create_task(_gone(receive))
    ended = asyncio.create_task(viewer.ended.wait())
    try:
        await asyncio.wait((pouring, gone, ended), return_when=asyncio.FIRST_COMPLETED)
        if ended.done() and not gone.done():
            both = (pouring, gone)
            await asyncio.wait(both, timeout=CLOSE_WAIT_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        door.hall.leave(viewer, admitted.topic)
        viewer.ended.set()
        for task in (pouring, gone, ended):
            task.cancel()
        await asyncio.gather(pouring, gone, ended, return_exceptions=True)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _start(send: Send, status: int, headers: dict[str, str]) -> None:
    pairs = [(b"cache-control", b"no-store")]
    pairs += [(key.lower().encode(), value.encode()) for key, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})


async def _say(send: Send, said: Refused) -> None:
    await _start(send, said.status, {"content-type": "text/plain; charset=utf-8", **said.headers})
    await send({"type": "http.response.body", "body": said.reason.encode()})
