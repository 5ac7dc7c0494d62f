"""The RTMP server: takes publishers, nothing else. H.264 and AAC, as every encoder sends them.

Before the key is checked a peer may send 64 kB of commands and no media; a peer that breaks a rule
loses his own connection only.
"""

import asyncio
import logging
import os
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Protocol, cast

from tiantou.media import amf, flv
from tiantou.media.chunks import ChunkReader, message
from tiantou.media.codecs import AUDIO, VIDEO, BadMedia, Sample, Track, check_avcc
from tiantou.media.tokens import Refused

log = logging.getLogger("tiantou.media.rtmp")

WINDOW_BYTES = 2_500_000
COMMAND_BYTES_MAX = 64 << 10
HELLO_S_MAX = 10
_SET_CHUNK, _ABORT, _ACK, _WINDOW, _PEER = 1, 2, 3, 5, 6
_AMF0_COMMAND, _AMF3_COMMAND = 20, 17
_BROKEN = (ValueError, IndexError, KeyError, TypeError, struct.error, OverflowError)


class Sink(Protocol):
    """Where an admitted publisher's media goes."""

    def track(self, track: Track) -> None:
        """A configuration. Raises BadMedia."""
        ...

    def sample(self, sample: Sample) -> None:
        """A sample. Raises BadMedia."""
        ...

    def gone(self, clean: bool) -> None:
        """The publisher left; `clean` if he said so."""
        ...


Admit = Callable[[str, str, Callable[[], None]], Awaitable[Sink]]


class RtmpConnection(asyncio.Protocol):
    """One publisher. `admit(app, stream_name, kick)` gives his sink or raises Refused."""

    def __init__(self, admit: Admit, message_bytes_max: int, silence_s_max: int) -> None:
        self._admit, self._silence_s_max = admit, silence_s_max
        self._message_bytes_max = message_bytes_max
        self._reader = ChunkReader(COMMAND_BYTES_MAX)
        self._hello = bytearray()
        self._steps = 0
        self._app = ""
        self._sink: Sink | None = None
        self._admission: asyncio.Task[None] | None = None
        self._last = time.monotonic()
        self._received = self._acked = 0
        self._has: set[str] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A peer connects."""
        # uvloop's transports are no subclasses of asyncio's
        self._transport = cast(asyncio.Transport, transport)
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(HELLO_S_MAX, self._tick)

    def connection_lost(self, exc: Exception | None) -> None:
        """A peer is gone."""
        self._timer.cancel()
        if self._admission is not None:
            self._admission.cancel()
        self._leave(clean=False)

    def data_received(self, data: bytes) -> None:
        """Bytes of the peer."""
        self._last = time.monotonic()
        self._received += len(data)
        try:
            self._take(data)
        except BadMedia as error:
            log.warning("publisher refused: %s", error)
            self._say_error("NetStream.Publish.Rejected", str(error))
        except _BROKEN as error:
            log.info("broken RTMP: %s", type(error).__name__)
            self._transport.abort()
        if self._received - self._acked >= WINDOW_BYTES // 2:
            self._acked = self._received
            self._send(2, _ACK, struct.pack(">I", self._received & 0xFFFFFFFF))

    def _tick(self) -> None:
        quiet = time.monotonic() - self._last
        if self._sink is None or quiet > self._silence_s_max:
            self._transport.abort()
            return
        self._timer = self._loop.call_later(self._silence_s_max / 3, self._tick)

    def _take(self, data: bytes) -> None:
        if self._steps < 2:
            self._hello += data
            data = self._shake_hands()
            if self._steps < 2:
                return
        if self._sink is None and self._received > COMMAND_BYTES_MAX * 2:
            raise ValueError("too much before the key")
        with closing(self._reader.feed(data)) as messages:
            for kind, at_ms, body in messages:
                self._message(kind, at_ms, body)
                if self._transport.is_closing() or self._waits():
                    return

    def _waits(self) -> bool:
        """Whether the key is being checked: what comes meanwhile stays unread."""
        return self._admission is not None and not self._admission.done() and self._sink is None

    def _shake_hands(self) -> bytes:
        hello = self._hello
        if hello and hello[0] != 3:
            raise ValueError("not RTMP")
        if self._steps == 0 and len(hello) >= 1537:
            mine = struct.pack(">II", 0, 0) + os.urandom(1528)
            self._transport.write(b"\x03" + mine + bytes(hello[1:1537]))
            self._steps = 1
        if self._steps == 1 and len(hello) >= 1537 + 1536:
            self._steps = 2
            rest = bytes(hello[1537 + 1536 :])
            hello.clear()
            return rest
        return b""

    def _message(self, kind: int, at_ms: int, body: bytes) -> None:
        if kind in (flv.TAG_VIDEO, flv.TAG_AUDIO):
            self._media(kind, at_ms, body)
        elif kind == _SET_CHUNK:
            self._reader.chunk_bytes = max(1, min(int.from_bytes(body[:4], "big"), 1 << 20))
        elif kind in (_AMF0_COMMAND, _AMF3_COMMAND):
            self._command(amf.decode(body[1:] if kind == _AMF3_COMMAND else body))

    def _media(self, kind: int, at_ms: int, body: bytes) -> None:
        if self._sink is None:
            raise ValueError("media before the key")
        one = (flv.read_video if kind == flv.TAG_VIDEO else flv.read_audio)(at_ms, body)
        if isinstance(one, Track):
            self._has.add(one.kind)
            self._sink.track(one)
        elif one is not None and one.kind in self._has:
            if one.kind == VIDEO:
                key = check_avcc(one.data)
                one = Sample(VIDEO, one.dts_us, one.cts_us, key or one.key, one.data)
            elif one.kind != AUDIO:
                return
            self._sink.sample(one)

    def _command(self, values: list[amf.Value]) -> None:
        name, number = values[0], values[1] if len(values) > 1 else 0
        if name == "connect":
            about = values[2] if len(values) > 2 else None
            self._app = str(about.get("app", "")) if isinstance(about, dict) else ""
            self._send(2, _WINDOW, struct.pack(">I", WINDOW_BYTES))
            self._send(2, _PEER, struct.pack(">IB", WINDOW_BYTES, 2))
            self._send(2, _SET_CHUNK, struct.pack(">I", 4096))
            server: amf.Value = {"fmsVer": "FMS/3,0,1,123", "capabilities": 31.0}
            code = "NetConnection.Connect.Success"
            about_us: amf.Value = {"level": "status", "code": code, "objectEncoding": 0.0}
            self._reply("_result", number, server, about_us)
        elif name == "createStream":
            self._reply("_result", number, None, 1.0)
        elif name == "publish" and self._admission is None:
            stream = str(values[3]) if len(values) > 3 else ""
            self._transport.pause_reading()
            self._admission = asyncio.create_task(self._publish(stream))
        elif name == "play":
            self._say_error("NetStream.Play.Failed", "this server takes publishers only")
        elif name in ("deleteStream", "FCUnpublish", "closeStream") and self._sink is not None:
            self._leave(clean=True)
            self._transport.close()

    async def _publish(self, stream: str) -> None:
        try:
            sink = await self._admit(self._app, stream, self._kick)
        except Refused as refused:
            log.warning("publisher refused: %s", refused)
            self._say_error("NetStream.Publish.BadName", "the key is not accepted")
            return
        if self._transport.is_closing():
            sink.gone(clean=False)
            return
        self._sink = sink
        self._reader.message_bytes_max = self._message_bytes_max
        self._status("status", "NetStream.Publish.Start", "on air")
        self._timer.cancel()
        self._tick()
        self._transport.resume_reading()
        self.data_received(b"")

    def _kick(self) -> None:
        self._sink = None
        self._say_error("NetStream.Publish.Rejected", "replaced, stopped or ended")

    def _leave(self, clean: bool) -> None:
        sink, self._sink = self._sink, None
        if sink is not None:
            sink.gone(clean)

    def _say_error(self, code: str, text: str) -> None:
        if self._transport.is_closing():
            return
        self._status("error", code, text)
        self._leave(clean=False)
        self._loop.call_later(0.2, self._transport.abort)
        if self._transport.is_reading():
            self._transport.pause_reading()

    def _status(self, level: str, code: str, text: str) -> None:
        about = {"level": level, "code": code, "description": text}
        self._send(5, _AMF0_COMMAND, amf.encode("onStatus", 0.0, None, about), 1)

    def _reply(self, name: str, number: amf.Value, *rest: amf.Value) -> None:
        self._send(3, _AMF0_COMMAND, amf.encode(name, number, *rest))

    def _send(self, stream: int, kind: int, body: bytes, message_stream: int = 0) -> None:
        if not self._transport.is_closing():
            self._transport.write(message(stream, kind, body, message_stream))
