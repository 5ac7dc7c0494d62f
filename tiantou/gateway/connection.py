"""One viewer's WebSocket: a pre-wrapped frame is written straight to the transport.

Viewers send nothing but ping, pong and close; anything else ends their own connection.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable

from picows import WSFrame, WSListener, WSMsgType, WSTransport

from tiantou.gateway.audience import FULL, POLICY
from tiantou.gateway.door import Admitted, Door
from tiantou.gateway.wire import ws_close, ws_pong

SEND_BUFFER_BYTES = 64 * 1024
CLOSE_WAIT_S = 5.0
PINGS_MAX = 20
PINGS_PER_S = 1.0


def tune(sock: socket.socket) -> None:
    """Options of a listener, which the sockets it accepts inherit.

    A small send buffer shows a backlog here instead of hiding it in the kernel; the dead are
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
        self.wire, self.loop = wire, asyncio.get_running_loop()
        # Bound methods: a fan-out calls both for every viewer.
        self.write: Callable[[bytes], object] = wire.write
        self.size: Callable[[], int] = wire.get_write_buffer_size
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
            self.wire.close()
        elif kind != WSMsgType.PONG and not self._closing:
            self._dismiss(POLICY, "viewers only listen")

    def _ping(self, frame: WSFrame) -> None:
        now = self.loop.time()
        self._pings = max(0.0, self._pings - (now - self._pings_at) * PINGS_PER_S) + 1
        self._pings_at = now
        if self._pings > PINGS_MAX:
            self._dismiss(POLICY, "too many pings")
        elif self.size() < SEND_BUFFER_BYTES:
            self.write(ws_pong(frame.get_payload_as_bytes()))

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Leaves the hall, whoever ended it."""
        self._closing = True
        if self._here:
            self._here = False
            self._door.exit(self._address)
            self._door.hall.leave(self, self._admitted.topic)

    def _dismiss(self, code: int, reason: str) -> None:
        self._door.hall.dismiss(self, self._admitted.topic)
        self.close(code, reason)

    def close(self, code: int, reason: str = "") -> None:
        """Says why and ends; once."""
        if not self._closing:
            self._closing = True
            self.farewell(code, reason)

    def farewell(self, code: int, reason: str) -> None:
        """The close frame behind what still waits, and a while for the other side to read it."""
        self.write(ws_close(code, reason))
        self.loop.call_later(CLOSE_WAIT_S, self.wire.abort)

    def hang_up(self) -> None:
        """Ends without a word."""
        self._closing = True
        self.wire.abort()
