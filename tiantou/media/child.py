"""The parent's side of the children: started, fed, read, and killed whenever they misbehave."""

import asyncio
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable

from tiantou.media.children.frames import HEAD, Frame, pack, unpack_head
from tiantou.media.codecs import BadMedia

log = logging.getLogger("tiantou.media.child")

CHILD_S_MAX = 30
COVER_BYTES_MAX = 2 << 20
CLIP_BYTES_MAX = 32 << 20
BACKLOG_BYTES_MAX = 2 << 20


async def _start(name: str, *args: str) -> Process:
    module = f"tiantou.media.children.{name}"
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *args, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )


async def _kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


async def make_cover(media: bytes) -> bytes | None:
    """A JPEG of the first key frame of an init segment with its segment; None if none was made."""
    return await _made("cover_child", media, COVER_BYTES_MAX)


async def make_clip(media: bytes) -> bytes | None:
    """One plain MP4 of an init segment with its segments; None if none was made."""
    return await _made("clip_child", media, CLIP_BYTES_MAX)


async def _made(name: str, media: bytes, bytes_max: int) -> bytes | None:
    process = await _start(name)
    try:
        async with asyncio.timeout(CHILD_S_MAX):
            said, _ = await process.communicate(media)
    except TimeoutError:
        log.warning("a child took too long: %s", name)
        return None
    finally:
        await _kill(process)
    return said if process.returncode == 0 and 0 < len(said) <= bytes_max else None


class Converter:
    """A running child of a publisher: frames or container bytes in, frames out to `take`.

    `stopped` is called once when it ends by itself; after `close` it is not.
    """

    def __init__(
        self, process: Process, take: Callable[[Frame], None], stopped: Callable[[str], None]
    ) -> None:
        self._process, self._take, self._stopped = process, take, stopped
        self.last_out_us = 0
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def opus(
        cls, channels: int, take: Callable[[Frame], None], stopped: Callable[[str], None]
    ) -> "Converter":
        """Opus packets in as AUDIO_SAMPLE frames."""
        return cls(await _start("opus_child", str(channels)), take, stopped)

    @classmethod
    async def container(
        cls, take: Callable[[Frame], None], stopped: Callable[[str], None]
    ) -> "Converter":
        """A Matroska or WebM stream in."""
        return cls(await _start("demux_child"), take, stopped)

    def feed_frame(self, frame: Frame) -> None:
        """Queues a frame. Raises BadMedia if the child has fallen too far behind."""
        self._write(pack(frame))

    async def feed_bytes(self, data: bytes) -> None:
        """Queues bytes and waits while the child has enough. Raises BadMedia if it is gone."""
        self._write(data)
        assert self._process.stdin is not None
        try:
            await self._process.stdin.drain()
        except ConnectionError:
            raise BadMedia("the stream cannot be read") from None

    def _write(self, data: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        if stdin.transport.is_closing():
            raise BadMedia("the stream cannot be read")
        if stdin.transport.get_write_buffer_size() > BACKLOG_BYTES_MAX:
            raise BadMedia("the stream is read too slowly")
        stdin.write(data)

    async def close(self) -> None:
        """Kills the child."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await _kill(self._process)

    async def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        reason = "the stream cannot be read"
        try:
            while True:
                size, frame = unpack_head(await stdout.readexactly(HEAD.size))
                frame = frame._replace(payload=await stdout.readexactly(size))
                self.last_out_us = frame.dts_us
                self._take(frame)
        except asyncio.IncompleteReadError:
            pass
        except ValueError as error:
            reason = str(error)
        self._stopped(reason)
