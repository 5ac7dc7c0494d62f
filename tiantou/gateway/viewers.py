"""WebSocket viewers, on picows: a pre-wrapped frame is written straight to the transport.

Viewers send nothing but ping, pong and close; anything else ends their own connection.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable

from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from tiantou.gateway.audience import FULL, POLICY
from tiantou.gateway.door import Admitted, Door
from tiantou.gateway.wire import ws_close, ws_pong

SEND_BUFFER_BYTES = 64 * 1024
FRAME_BYTES_MAX = 1_024
HANDSHAKE_S_MAX = 10
CLOSE_WAIT_S = 5.0
PINGS_MAX = 20
PINGS_PER_S = 10.0
BACKLOG = 4_096

log = logging.getLogger(__name__)


def tune(sock: socket.socket) -> None:
    """A small send buffer shows a backlog here instead of hiding it in the kernel; the dead are
    noticed by keep-alive.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (
            ("TCP_KEEPIDLE", 30),
            ("TCP_KEEPINTVL", 10),
            ("TCP_KEEPCNT", 3),
            ("TCP_USER_TIMEOUT", 30_000),
        ):
            with contextlib.suppress(AttributeError):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


class Connection(WSListener):
    """One viewer's WebSocket. Born at the door, in the hall once connected."""

    streams = False

    def __init__(self, door: Door, admitted: Admitted) -> None:
        self._door, self._admitted = door, admitted
        self.key, self.person_no = admitted.ticket.viewer_key, admitted.ticket.person_no
        self.lags_since = 0.0
        self._address = ""
        self._here = self._closing = False
        self._pings, self._pings_at = 0.0, 0.0

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Takes a place in the hall, unless the address has too many."""
        wire = transport.underlying_transport
        self._wire = wire
        # Bound methods: a fan-out calls both for every viewer.
        self.write: Callable[[bytes], object] = wire.write
        self.size: Callable[[], int] = wire.get_write_buffer_size
        tune(wire.get_extra_info("socket"))
        peer = wire.get_extra_info("peername")
        headers = transport.request.headers
        host = str(peer[0]) if peer else ""
        self._address = self._door.address(host, headers.get("x-forwarded-for"))
        if not self._door.enter(self._address):
            self.close(FULL, "too many from this address")
            return
        self._here = True
        asked = self._admitted
        self._door.hall.join(self, asked.topic, asked.epoch, asked.offset)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Answers pings; anything that says something is refused."""
        kind = frame.msg_type
        if kind == WSMsgType.PING and not self._closing:
            self._ping(frame)
        elif kind == WSMsgType.CLOSE:
            if not self._closing:
                self.write(ws_close(1000, ""))
            self._closing = True
            self._wire.close()
        elif kind != WSMsgType.PONG and not self._closing:
            self._leave_and_close(POLICY, "viewers only listen")

    def _ping(self, frame: WSFrame) -> None:
        now = asyncio.get_running_loop().time()
        self._pings = max(0.0, self._pings - (now - self._pings_at) * PINGS_PER_S / 10) + 1
        self._pings_at = now
        if self._pings > PINGS_MAX:
            self._leave_and_close(POLICY, "too many pings")
        elif self.size() < SEND_BUFFER_BYTES:
            self.write(ws_pong(frame.get_payload_as_bytes()))

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Leaves the hall, whoever ended it."""
        self._closing = True
        if self._here:
            self._here = False
            self._door.exit(self._address)
            self._door.hall.leave(self, self._admitted.topic)

    def _leave_and_close(self, code: int, reason: str) -> None:
        self._door.hall.dismiss(self, self._admitted.topic)
        self.close(code, reason)

    def close(self, code: int, reason: str = "") -> None:
        """Says why behind what still waits, and gives the other side a while to read it."""
        if self._closing:
            return
        self._closing = True
        self.write(ws_close(code, reason))
        asyncio.get_running_loop().call_later(CLOSE_WAIT_S, self._wire.abort)


def _refuse(status: int, reason: str, headers: dict[str, str]) -> WSUpgradeResponseWithListener:
    headers = {"Cache-Control": "no-store", **headers}
    made = WSUpgradeResponse.create_error_response(status, reason.encode(), headers)
    return WSUpgradeResponseWithListener(made, None)


async def serve(listener: socket.socket, door: Door) -> asyncio.Server:
    """Accepts viewers on a bound socket."""
    # The library logs malformed input as errors, line by line; it is the sender's own affair.
    silent = logging.getLogger("tiantou.gateway.picows")
    silent.setLevel(logging.CRITICAL)

    def meet(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener | WSListener:
        if request.path == b"/healthz":
            return WSUpgradeResponseWithListener(
                WSUpgradeResponse.create_ok_response(b"ok\n"), None
            )
        headers = request.headers
        # Firefox sends "keep-alive, Upgrade"; the library wants the one word.
        if "upgrade" in headers.get("connection", "").lower().replace(" ", "").split(","):
            headers["Connection"] = "Upgrade"
        if headers.get("upgrade", "").lower() != "websocket":
            return _refuse(426, "WebSocket only", {"Upgrade": "websocket"})
        admitted = door.admit(request.path.decode("latin-1"), headers, sse=False)
        if isinstance(admitted, Admitted):
            return Connection(door, admitted)
        return _refuse(admitted.status, admitted.reason, admitted.headers)

    return await ws_create_server(
        meet,
        sock=listener,
        backlog=BACKLOG,
        websocket_handshake_timeout=HANDSHAKE_S_MAX,
        logger_name=silent,
        enable_auto_ping=False,
        enable_auto_pong=False,
        max_frame_size=FRAME_BYTES_MAX,
        read_buffer_init_size=FRAME_BYTES_MAX,
    )
