"""The HTTP server of media: uvicorn around a plain ASGI application, its socket handed in bound."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from tiantou.media import asgi
from tiantou.media.asgi import Receive, Scope, Send
from tiantou.media.desk import Desk
from tiantou.media.limits import Limits
from tiantou.media.playback_asgi import Playback
from tiantou.media.publish_asgi import Publishing

log = logging.getLogger("tiantou.media.http")

CLOSE_S_MAX = 3


class Application:
    """`/live/…` for viewers, `/in/…` for publishers, `/healthz`."""

    def __init__(self, desk: Desk) -> None:
        self._playback, self._publishing = Playback(desk), Publishing(desk)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what goes wrong is logged without the token and ends this request only."""
        path = scope.get("path", "")
        try:
            if scope["type"] == "websocket":
                await self._websocket(path, scope, receive, send)
            elif path == "/healthz":
                await asgi.answer(send, 200, b"ok\n", "text/plain", asgi.NEVER)
            else:
                await self._playback(scope, receive, send)
        except Exception:
            log.exception("failed: %s", asgi.shown(path))
            if scope["type"] == "http":
                await asgi.refuse(send, 500, "something went wrong on our side")

    async def _websocket(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if path.startswith("/in/"):
            await self._publishing(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 4404})


class _Server(uvicorn.Server):
    """Leaves the signals to the process that runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpServer:
    """Runs until `stop`."""

    def __init__(self, desk: Desk, limits: Limits) -> None:
        config = uvicorn.Config(
            Application(desk),
            http="httptools",
            ws="websockets-sansio",
            ws_max_size=limits.message_bytes_max,
            ws_max_queue=8,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=limits.connections_max,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=CLOSE_S_MAX,
        )
        self._server = _Server(config)

    async def run(self, listening: socket.socket) -> None:
        """Serves on a bound socket."""
        await self._server.serve([listening])

    def stop(self) -> None:
        """Ends `run` after what is under way, CLOSE_S_MAX at most."""
        self._server.should_exit = True
