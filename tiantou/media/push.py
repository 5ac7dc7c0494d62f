"""An RTMP publisher: pushes an FLV film in real time, round and round, as an encoder would.

For the demo, for tests, and to try another server.
"""

import asyncio
import os
import struct
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from tiantou.media import amf, flv
from tiantou.media.chunks import ChunkReader, message

CHUNK = 60_000
ANSWER_S_MAX = 10
MESSAGE_BYTES_MAX = 1 << 20
PORT = 1935
_SET_CHUNK, _COMMAND = 1, 20


class PublishRefused(Exception):
    """The server does not take the stream. Carries the server's code."""


class Pusher:
    """A connected publisher; make one with `connect`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._chunks = ChunkReader(MESSAGE_BYTES_MAX)
        self._inbox: list[list[amf.Value]] = []
        self._listening: asyncio.Task[str] | None = None

    @classmethod
    async def connect(cls, url: str, stream_key: str) -> "Pusher":
        """Publishes to `rtmp://host[:port]/app`. Raises PublishRefused, OSError, TimeoutError."""
        parts = urlsplit(url)
        app = parts.path.strip("/")
        async with asyncio.timeout(ANSWER_S_MAX):
            streams = await asyncio.open_connection(parts.hostname, parts.port or PORT)
            made = cls(*streams)
            try:
                await made._shake_hands()
                await made._publish(url, app, stream_key)
            except BaseException:
                made._writer.transport.abort()
                raise
        made._listening = asyncio.create_task(made._listen())
        return made

    async def send(self, tag: flv.Tag) -> None:
        """One message. Raises PublishRefused once the server has sent the publisher away."""
        if self._listening is not None and self._listening.done():
            raise PublishRefused(self._listening.result())
        stream = 6 if tag.kind == flv.TAG_VIDEO else 4
        self._writer.write(message(stream, tag.kind, tag.body, 1, tag.at_ms, CHUNK))
        await self._writer.drain()

    async def close(self) -> None:
        """Says that the stream ends, and leaves."""
        with suppress(OSError):
            self._command("deleteStream", 0.0, None, 1.0)
            await self._writer.drain()
        self.abort()

    def abort(self) -> None:
        """Is gone at once, as on a cut line."""
        if self._listening is not None:
            self._listening.cancel()
        self._writer.transport.abort()

    async def _shake_hands(self) -> None:
        self._writer.write(b"\x03" + struct.pack(">II", 0, 0) + os.urandom(1528))
        answer = await self._reader.readexactly(1 + 1536 * 2)
        self._writer.write(answer[1:1537])

    async def _publish(self, url: str, app: str, stream_key: str) -> None:
        self._writer.write(message(2, _SET_CHUNK, struct.pack(">I", CHUNK)))
        about: amf.Value = {"app": app, "type": "nonprivate", "tcUrl": url}
        self._command("connect", 1.0, about)
        await self._until("_result")
        self._command("createStream", 2.0, None)
        await self._until("_result")
        self._command("publish", 3.0, None, stream_key, "live", stream=1)
        status = (await self._until("onStatus"))[3]
        code = str(status.get("code")) if isinstance(status, dict) else "unknown"
        if code != "NetStream.Publish.Start":
            raise PublishRefused(code)

    def _command(self, name: str, number: float, *rest: amf.Value, stream: int = 0) -> None:
        body = amf.encode(name, number, *rest)
        self._writer.write(message(3, _COMMAND, body, stream, 0, CHUNK))

    async def _until(self, name: str) -> list[amf.Value]:
        while True:
            while self._inbox:
                values = self._inbox.pop(0)
                if values and values[0] == name:
                    return values
            data = await self._reader.read(65_536)
            if not data:
                raise PublishRefused("the server closed the connection")
            self._take(data)

    def _take(self, data: bytes) -> None:
        for kind, _, body in self._chunks.feed(data):
            if kind == _SET_CHUNK:
                self._chunks.chunk_bytes = max(1, int.from_bytes(body[:4], "big"))
            elif kind == _COMMAND:
                self._inbox.append(amf.decode(body))

    async def _listen(self) -> str:
        try:
            status = (await self._until("onStatus"))[3]
        except (PublishRefused, OSError):
            return "the server closed the connection"
        return str(status.get("code")) if isinstance(status, dict) else "unknown"


def film_of(path: Path) -> list[flv.Tag]:
    """The tags of an FLV file (blocks). Raises BadMedia, OSError."""
    with path.open("rb") as file:
        return [tag for tag in flv.read_file(file) if tag.kind != flv.TAG_SCRIPT]


async def push(pusher: Pusher, film: Sequence[flv.Tag], stop: asyncio.Event) -> None:
    """Sends a film in real time until `stop`, looping with timestamps that go on.

    Raises PublishRefused, OSError.
    """
    heads = [tag for tag in film if len(tag.body) > 1 and tag.body[1] == 0]
    body = [tag for tag in film if len(tag.body) <= 1 or tag.body[1] != 0]
    if not body:
        raise PublishRefused("a film without pictures and sound")
    for tag in heads:
        await pusher.send(tag)
    length_ms = _length_ms(body)
    first_ms, begun, round_ms = body[0].at_ms, time.monotonic(), 0
    while True:
        for tag in body:
            at_ms = tag.at_ms - first_ms + round_ms
            wait_s = begun + at_ms / 1000 - time.monotonic()
            if wait_s > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), wait_s)
            if stop.is_set():
                return
            await pusher.send(flv.Tag(tag.kind, at_ms, tag.body))
        round_ms += length_ms


def _length_ms(body: Sequence[flv.Tag]) -> int:
    """How long a round lasts: to the end of its last picture (or sound)."""
    for kind in (flv.TAG_VIDEO, flv.TAG_AUDIO):
        stamps = sorted(tag.at_ms for tag in body if tag.kind == kind)
        if len(stamps) > 1:
            step = round((stamps[-1] - stamps[0]) / (len(stamps) - 1))
            return stamps[-1] - body[0].at_ms + max(1, step)
    return body[-1].at_ms - body[0].at_ms + 40


async def push_for_ever(
    url: str, stream_key: str, film: Sequence[flv.Tag], stop: asyncio.Event, wait_s: float = 1.0
) -> None:
    """Pushes and comes back after every loss, until `stop` or a refusal of the key."""
    while not stop.is_set():
        try:
            pusher = await Pusher.connect(url, stream_key)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait_s)
            continue
        try:
            await push(pusher, film, stop)
        except (PublishRefused, OSError):
            await asyncio.sleep(wait_s)
        finally:
            await pusher.close()
