"""A browser publishes: `WebSocket /in/{broadcast}`; the key comes in the first message."""

import asyncio
import logging
from typing import Any
from uuid import UUID

import msgspec

from tiantou.media import asgi
from tiantou.media.asgi import Receive, Scope, Send
from tiantou.media.batches import (
    AUDIO_SAMPLE,
    CONTAINER,
    MEDIARECORDER,
    VIDEO_CONFIG,
    VIDEO_SAMPLE,
    Hello,
    Record,
    from_base64,
    read_batch,
    read_hello,
)
from tiantou.media.channel import Feed
from tiantou.media.child import Converter
from tiantou.media.children import frames
from tiantou.media.codecs import (
    AUDIO,
    VIDEO,
    BadMedia,
    Sample,
    audio_track,
    check_avcc,
    video_track,
)
from tiantou.media.desk import Desk
from tiantou.media.packager import SOUND_WAIT_S
from tiantou.media.tokens import Refused

log = logging.getLogger("tiantou.media.publish")

CONTAINER_SOUND_WAIT_S = 3.0
BAD, REFUSED, REPLACED = 4400, 4403, 4409


class _Publisher:
    """One browser's stream, from its hello to its end."""

    def __init__(self, hello: Hello, feed: Feed) -> None:
        self._hello, self._feed = hello, feed
        self._converter: Converter | None = None
        self._sound_us: tuple[int, int] | None = None
        self._has_picture = False
        self.received = 0
        self.broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def begin(self) -> None:
        """Tells the configurations that the hello holds, starts the child it needs."""
        video, audio = self._hello.video, self._hello.audio
        if self._hello.kind == MEDIARECORDER:
            self._converter = await Converter.container(self._made, self._broke)
            return
        if video is not None and video.description is not None:
            self._configure(from_base64(video.description))
        if audio is not None and audio.codec == "opus":
            self._converter = await Converter.opus(audio.channels, self._made, self._broke)
        elif audio is not None:
            self._feed.track(audio_track(from_base64(audio.description or "")))

    async def take(self, batch: bytes) -> None:
        """The records of one message. Raises BadMedia."""
        self.received += len(batch)
        for record in read_batch(batch):
            if record.type == CONTAINER and self._hello.kind == MEDIARECORDER and self._converter:
                await self._converter.feed_bytes(record.data)
            elif self._hello.kind == MEDIARECORDER:
                raise BadMedia("a record of another kind than the hello said")
            else:
                self._take_record(record)

    def queue_ms(self) -> int:
        """How far the conversion of sound is behind."""
        if self._converter is None or self._sound_us is None:
            return 0
        first, last = self._sound_us
        return max(0, last - max(first, self._converter.last_out_us)) // 1000

    async def close(self) -> None:
        """Ends the child."""
        if self._converter is not None:
            await self._converter.close()

    def _take_record(self, record: Record) -> None:
        if record.type == VIDEO_CONFIG:
            self._configure(record.data)
        elif record.type == VIDEO_SAMPLE:
            if self._has_picture:
                key = check_avcc(record.data)
                self._feed.sample(Sample(VIDEO, record.at_us, 0, key, record.data))
        elif record.type == AUDIO_SAMPLE and self._hello.audio is not None:
            first = record.at_us if self._sound_us is None else self._sound_us[0]
            self._sound_us = first, record.at_us
            if self._converter is not None:
                frame = frames.Frame(frames.AUDIO_SAMPLE, record.at_us, 0, True, record.data)
                self._converter.feed_frame(frame)
            else:
                self._feed.sample(Sample(AUDIO, record.at_us, 0, True, record.data))
        else:
            raise BadMedia("a record of an unknown kind")

    def _configure(self, avcc: bytes) -> None:
        self._feed.track(video_track(avcc))
        self._has_picture = True

    def _made(self, frame: frames.Frame) -> None:
        """A frame of the child, which is believed no more than the browser."""
        try:
            if frame.kind == frames.VIDEO_CONFIG:
                self._feed.track(video_track(frame.payload))
            elif frame.kind == frames.AUDIO_CONFIG:
                self._feed.track(audio_track(frame.payload))
            elif frame.kind == frames.VIDEO_SAMPLE:
                key = check_avcc(frame.payload)
                self._feed.sample(Sample(VIDEO, frame.dts_us, frame.cts_us, key, frame.payload))
            else:
                self._feed.sample(Sample(AUDIO, frame.dts_us, 0, True, frame.payload))
        except BadMedia as error:
            self._broke(str(error))

    def _broke(self, reason: str) -> None:
        if not self.broken.done():
            self.broken.set_result(reason)


class Publishing:
    """The WebSocket endpoint."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One publisher; whatever he sends ends his own connection at most."""
        broadcast_id = asgi.uuid_of(scope["path"].removeprefix("/in/"))
        await receive()
        if broadcast_id is None or self._open >= self._desk.limits.publishers_max * 2:
            await send({"type": "websocket.close", "code": REFUSED})
            return
        await send({"type": "websocket.accept"})
        self._open += 1
        code, reason = BAD, "the hello did not come"
        try:
            async with asyncio.timeout(self._desk.limits.hello_s_max):
                message = await receive()
            code, reason = await self._serve(broadcast_id, message, receive, send)
        except TimeoutError:
            pass
        except Refused as refused:
            log.warning("publisher refused: %s: %s", broadcast_id, refused)
            code, reason = REFUSED, "the key is not accepted"
        except BadMedia as error:
            log.warning("publisher closed: %s: %s", broadcast_id, error)
            code, reason = BAD, str(error)
        finally:
            self._open -= 1
        await _close(send, code, reason)

    async def _serve(
        self, broadcast_id: UUID, message: Any, receive: Receive, send: Send
    ) -> tuple[int, str]:
        text = message.get("text")
        if message["type"] != "websocket.receive" or text is None:
            raise BadMedia("the first message is the hello")
        hello = read_hello(text)
        expected = {VIDEO} if hello.video else set()
        expected |= {AUDIO} if hello.audio else set()
        kicked = asyncio.Event()
        wait_s = CONTAINER_SOUND_WAIT_S if hello.kind == MEDIARECORDER else SOUND_WAIT_S
        feed = await self._desk.admit(
            broadcast_id, hello.key, kicked.set, frozenset(expected), wait_s
        )
        publisher = _Publisher(hello, feed)
        clean = False
        try:
            await publisher.begin()
            await _say(send, {"ok": True, "grace_s": self._desk.limits.grace_s})
            clean = await self._pump(publisher, kicked, receive, send)
        finally:
            feed.gone(clean)
            await publisher.close()
        if kicked.is_set():
            return REPLACED, "replaced, stopped or ended"
        return 1000, "bye"

    async def _pump(
        self, publisher: _Publisher, kicked: asyncio.Event, receive: Receive, send: Send
    ) -> bool:
        """Takes batches until the end; says whether the browser said bye. Raises BadMedia."""
        stop = asyncio.create_task(kicked.wait())
        incoming = asyncio.create_task(receive())
        try:
            while True:
                waiting: set[asyncio.Future[Any]] = {incoming, stop, publisher.broken}
                await asyncio.wait(
                    waiting,
                    timeout=self._desk.limits.silence_s_max,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if kicked.is_set():
                    return False
                if publisher.broken.done():
                    raise BadMedia(publisher.broken.result())
                if not incoming.done():
                    raise BadMedia("nothing came for too long")
                message = incoming.result()
                if message["type"] == "websocket.disconnect":
                    return False
                batch = message.get("bytes")
                if batch is None:
                    return _is_bye(message.get("text") or "")
                incoming = asyncio.create_task(receive())
                await publisher.take(batch)
                await _say(send, {"ack": publisher.received, "queue_ms": publisher.queue_ms()})
        finally:
            stop.cancel()
            incoming.cancel()


def _is_bye(text: str) -> bool:
    if text != '{"bye":true}':
        raise BadMedia("a text that is not a bye")
    return True


async def _say(send: Send, what: dict[str, Any]) -> None:
    await send({"type": "websocket.send", "text": msgspec.json.encode(what).decode()})


async def _close(send: Send, code: int, reason: str) -> None:
    try:
        await send({"type": "websocket.close", "code": code, "reason": reason[:120]})
    except (RuntimeError, OSError):
        log.debug("already closed")
