"""The listener, on picows: WebSocket and streams on one port, each let in by the door."""

import asyncio
import logging
import socket

from picows import (
    WSListener,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from tiantou.gateway.connection import Connection, tune
from tiantou.gateway.door import Door, Refused
from tiantou.gateway.sse import Stream, StreamHead, pass_for_upgrade

FRAME_BYTES_MAX = 1_024
HANDSHAKE_S_MAX = 10
BACKLOG = 4_096


def _refuse(refused: Refused) -> WSUpgradeResponseWithListener:
    made = WSUpgradeResponse.create_error_response(
        refused.status, refused.reason.encode(), {"Cache-Control": "no-store", **refused.headers}
    )
    return WSUpgradeResponseWithListener(made, None)


def _meet(door: Door, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener | WSListener:
    if request.path == b"/healthz":
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_ok_response(b"ok\n"), None)
    headers = request.headers
    # Firefox sends "keep-alive, Upgrade"; the library wants the one word.
    if "upgrade" in headers.get("connection", "").lower().replace(" ", "").split(","):
        headers["Connection"] = "Upgrade"
    admitted = door.admit(request.path.decode("latin-1"), headers)
    if isinstance(admitted, Refused):
        return _refuse(admitted)
    if not admitted.streams:
        return Connection(door, admitted)
    pass_for_upgrade(request)
    return WSUpgradeResponseWithListener(StreamHead(headers.get("origin")), Stream(door, admitted))


async def serve(listener: socket.socket, door: Door) -> asyncio.Server:
    """Accepts viewers on a bound socket."""
    # The library logs malformed input as errors, line by line; it is the sender's own affair.
    silent = logging.getLogger("tiantou.gateway.picows")
    silent.setLevel(logging.CRITICAL)
    tune(listener)
    return await ws_create_server(
        lambda request: _meet(door, request),
        sock=listener,
        backlog=BACKLOG,
        websocket_handshake_timeout=HANDSHAKE_S_MAX,
        logger_name=silent,
        enable_auto_ping=False,
        enable_auto_pong=False,
        max_frame_size=FRAME_BYTES_MAX,
        read_buffer_init_size=FRAME_BYTES_MAX,
    )
