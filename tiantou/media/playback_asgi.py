"""What viewers get: playlists, parts, segments, FLV, covers, replays; the path holds the key."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs
from uuid import UUID

from tiantou.core.keys import BadToken
from tiantou.kit import clock
from tiantou.media import asgi, tokens
from tiantou.media.asgi import FOREVER, JPEG, NEVER, PLAYLIST, SEGMENT, Receive, Scope, Send
from tiantou.media.channel import Channel
from tiantou.media.clips import CLIP, Clips
from tiantou.media.covers import COVER
from tiantou.media.desk import Desk
from tiantou.media.playlists import chapters_vtt
from tiantou.media.replays import Replays
from tiantou.media.tokens import LIVE, check_play_token

BLOCK_S_MAX = 6.0
AHEAD_MAX = 2
LIVE_LISTS = {
    "index.m3u8": "index",
    "hls.m3u8": "hls",
    "live.m3u8": "live",
    "audio.m3u8": "audio",
    "hls-live.m3u8": "hls-live",
    "hls-audio.m3u8": "hls-audio",
}


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class Playback:
    """GET and HEAD of `/live/{broadcast}/{token}/{name}`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._replays = Replays()
        self._clips = Clips()
        self._flv_readers = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        asked = asgi.split(scope["path"])
        if asked is None:
            return await asgi.refuse(send, 404, "not found")
        if scope["method"] not in ("GET", "HEAD"):
            return await asgi.refuse(send, 405, "only GET")
        broadcast_id, token, name = asked
        if token.startswith(tokens.CLIP):
            return await self._clip(scope, send, broadcast_id, token, name)
        try:
            kind = check_play_token(self._desk.keys, broadcast_id, token, clock.now())
        except BadToken as error:
            status = 410 if error.reason == "expired" else 403
            return await asgi.refuse(send, status, "this address is not valid")
        if broadcast_id in self._desk.blocked:
            return await asgi.refuse(send, 403, "stopped for now")
        channel = self._desk.channels.get(broadcast_id)
        if name in LIVE_LISTS and kind == LIVE:
            return await self._list(scope, send, channel, LIVE_LISTS[name])
        if name == "live.flv" and kind == LIVE:
            return await self._flv(scope, receive, send, channel)
        if channel is not None and _is_segment(name):
            if await self._from_memory(send, channel, name):
                return None
        elif channel is not None and name.endswith(".m4s") and kind == LIVE:
            return await self._part(send, channel, name.removesuffix(".m4s"))
        return await self._from_disk(scope, send, broadcast_id, name, kind)

    async def _clip(
        self, scope: Scope, send: Send, broadcast_id: UUID, token: str, name: str
    ) -> None:
        try:
            wanted = tokens.check_clip_token(self._desk.keys, broadcast_id, token, clock.now())
        except BadToken as error:
            status = 410 if error.reason == "expired" else 403
            return await asgi.refuse(send, status, "this address is not valid")
        folder = await self._desk.folder(broadcast_id)
        if name != CLIP or folder is None:
            return await asgi.refuse(send, 404, "not found")
        if broadcast_id in self._desk.blocked:
            return await asgi.refuse(send, 403, "stopped for now")
        return await self._clips.answer(scope, send, folder, wanted)

    async def _list(self, scope: Scope, send: Send, channel: Channel | None, name: str) -> None:
        if channel is None or channel.window.empty:
            return await asgi.refuse(send, 404, "not on air")
        window, cache = channel.window, "max-age=1"
        query = parse_qs(scope["query_string"].decode("latin-1")) if scope["query_string"] else {}
        if "_HLS_msn" in query and not name.startswith("hls"):
            number = _number(query["_HLS_msn"][0])
            index = _number(query["_HLS_part"][0]) if "_HLS_part" in query else None
            if number is None or number > window.next_number + AHEAD_MAX:
                return await asgi.refuse(send, 400, "too far ahead")
            found = await window.wait(number, index, BLOCK_S_MAX)
            cache = "max-age=6" if found else NEVER
        zipped = "gzip" in asgi.header(scope, b"accept-encoding")
        more = [(b"vary", b"accept-encoding")]
        if zipped:
            more.append((b"content-encoding", b"gzip"))
        return await asgi.answer(send, 200, window.playlist(name, zipped), PLAYLIST, cache, *more)

    async def _part(self, send: Send, channel: Channel, stem: str) -> None:
        window = channel.window
        sound_only = stem.startswith("ap")
        first, _, second = stem.removeprefix("a").removeprefix("p").partition(".")
        number, index = _number(first), _number(second)
        if number is None or index is None or number > window.next_number:
            return await asgi.refuse(send, 404, "no such part")
        await window.wait(number, index, BLOCK_S_MAX)
        part = window.part(number, index)
        data = b"" if part is None else part.sound if sound_only else part.data
        if not data:
            return await asgi.refuse(send, 404, "no such part")
        return await asgi.answer(send, 200, data, SEGMENT, "private, max-age=60")

    async def _from_memory(self, send: Send, channel: Channel, name: str) -> bool:
        """Answers from the window if it can; a segment still growing is waited for, never torn."""
        window, sound_only = channel.window, name.startswith("a")
        stem = name.rpartition(".")[0].removeprefix("a")
        if stem.startswith("init"):
            header = window.inits.get(int(stem[4:]), (None, None))[sound_only]
            if header is not None:
                await asgi.answer(send, 200, header, SEGMENT, FOREVER)
            return header is not None
        number = int(stem.removeprefix("s"))
        if number > window.next_number or not await window.wait(number, None, BLOCK_S_MAX):
            await asgi.refuse(send, 404, "no such segment")
            return True
        segment = window.find(number)
        if segment is None:
            return False
        data = segment.sound() if sound_only else segment.data()
        await asgi.answer(send, 200, data, SEGMENT, FOREVER)
        return True

    async def _from_disk(
        self, scope: Scope, send: Send, broadcast_id: UUID, name: str, kind: str
    ) -> None:
        folder = await self._desk.folder(broadcast_id)
        if folder is None:
            return await asgi.refuse(send, 404, "not found")
        if name == COVER:
            return await self._file(send, folder / name, JPEG, "private, max-age=60")
        if _is_segment(name):
            return await self._file(send, folder / name, SEGMENT, FOREVER)
        if kind == LIVE:
            return await asgi.refuse(send, 404, "not found")
        if name in ("replay.m3u8", "replay-audio.m3u8"):
            zipped = "gzip" in asgi.header(scope, b"accept-encoding")
            text = await self._replays.playlist(folder, "audio" in name, zipped)
            if text is None:
                return await asgi.refuse(send, 404, "no recording")
            more = [(b"vary", b"accept-encoding")]
            if zipped:
                more.append((b"content-encoding", b"gzip"))
            return await asgi.answer(send, 200, text, PLAYLIST, "private, max-age=60", *more)
        if name in ("chapters.json", "chapters.vtt"):
            found = await self._replays.chapters(folder)
            cache = "private, max-age=10"
            if name.endswith("json"):
                return await asgi.answer(send, 200, found[0], "application/json", cache)
            text = chapters_vtt(found[1]).encode()
            return await asgi.answer(send, 200, text, "text/vtt; charset=utf-8", cache)
        return await asgi.refuse(send, 404, "not found")

    async def _file(self, send: Send, path: Path, media_type: str, cache: str) -> None:
        data = await asyncio.to_thread(_read, path)
        if data is None:
            return await asgi.refuse(send, 404, "not found")
        return await asgi.answer(send, 200, data, media_type, cache)

    async def _flv(
        self, scope: Scope, receive: Receive, send: Send, channel: Channel | None
    ) -> None:
        if channel is None or channel.window.ended:
            return await asgi.refuse(send, 404, "not on air")
        if scope["method"] == "HEAD":
            return await asgi.answer(send, 200, b"", "video/x-flv", NEVER)
        if self._flv_readers >= self._desk.limits.flv_readers_max:
            return await asgi.refuse(send, 503, "too many viewers")
        reader = channel.hub.join()
        self._flv_readers += 1
        left = asyncio.create_task(_until_gone(receive, reader.end))
        try:
            start = {"type": "http.response.start", "status": 200}
            await send({**start, "headers": asgi.headers("video/x-flv", NEVER)})
            while data := await reader.take():
                await send({"type": "http.response.body", "body": data, "more_body": True})
                if reader.ended:
                    break
            await send({"type": "http.response.body", "body": b""})
        finally:
            left.cancel()
            channel.hub.leave(reader)
            self._flv_readers -= 1


async def _until_gone(receive: Receive, end: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    end()


def _is_segment(name: str) -> bool:
    stem, _, kind = name.rpartition(".")
    if kind == "m4s":
        return stem[:1] in ("s", "a") and _number(stem[1:]) is not None
    return kind == "mp4" and _number(stem.removeprefix("a").removeprefix("init")) is not None
