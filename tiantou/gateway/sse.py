"""The same frames as Server-Sent Events, for proxies that break WebSocket: the same port, the same
transport, the same backlog.

The WebSocket library ends a connection after any answer but 101. So a stream is begun with an
answer that it takes for one and that reads `200 text/event-stream` on the wire; from then on bytes
are written straight to the transport, as to everybody else. The body ends with the connection.
"""

from http import HTTPStatus

from picows import WSFrame, WSTransport, WSUpgradeRequest, WSUpgradeResponse

from tiantou.gateway.connection import CLOSE_WAIT_S, Connection
from tiantou.gateway.wire import sse_bye


class StreamHead(WSUpgradeResponse):
    """The head of an endless answer; `origin` is that of the page which may read it."""

    def __init__(self, origin: str | None) -> None:
        self.version, self.status, self.body = b"HTTP/1.1", HTTPStatus.SWITCHING_PROTOCOLS, None
        self.headers = WSUpgradeResponse.create_101_response().headers
        self._lines = [
            "HTTP/1.1 200 OK",
            "Content-Type: text/event-stream",
            "Cache-Control: no-store",
            "X-Accel-Buffering: no",
            "Connection: close",
        ]
        if origin is not None:
            self._lines += [f"Access-Control-Allow-Origin: {origin}", "Vary: Origin"]

    def to_bytes(self) -> bytearray:
        """What goes out."""
        return bytearray("\r\n".join([*self._lines, "", ""]).encode("latin-1"))


def pass_for_upgrade(request: WSUpgradeRequest) -> None:
    """Fills in what the library looks for in a request before it lets it through."""
    request.headers["Upgrade"] = "websocket"
    request.headers["Connection"] = "Upgrade"
    request.headers["Sec-WebSocket-Version"] = "13"
    request.headers["Sec-WebSocket-Key"] = "dGlhbnRvdSBnYXRld2F5IQ=="


class Stream(Connection):
    """One viewer's stream. A request is all that its other side may send."""

    streams = True

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Whatever comes after the request ends it."""
        self.hang_up()

    def farewell(self, code: int, reason: str) -> None:
        """The last event, then the end of the connection behind what still waits."""
        self.write(sse_bye(code, reason))
        self.wire.close()
        self.loop.call_later(CLOSE_WAIT_S, self.wire.abort)
