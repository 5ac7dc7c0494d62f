"""Covers of what is on air: from key frames, in children, a few at a time."""

import asyncio
import logging
import time
from pathlib import Path

from tiantou.media.channel import Channel
from tiantou.media.child import make_cover
from tiantou.media.limits import Limits
from tiantou.media.packager import Segment
from tiantou.media.recording import read_index, write_whole

log = logging.getLogger("tiantou.media.covers")

COVER = "cover.jpg"
QUEUE_MAX = 50


class Covers:
    """A new cover for a channel's first segment, and every `cover_every_s` after."""

    def __init__(self, limits: Limits) -> None:
        self._every_s = limits.cover_every_s
        self._slots = asyncio.Semaphore(limits.covers_at_once)
        self._tasks: set[asyncio.Task[None]] = set()

    def offer(self, channel: Channel, segment: Segment) -> None:
        """A whole segment; taken if a cover is due."""
        now = time.monotonic()
        due = not channel.covered_at or now - channel.covered_at >= self._every_s
        starts_whole = segment.parts and segment.parts[0].independent
        header = channel.window.inits.get(segment.init)
        if not due or not starts_whole or header is None or len(self._tasks) >= QUEUE_MAX:
            return
        channel.covered_at = now
        task = asyncio.create_task(self._make(channel.folder, header[0] + segment.data()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def last(self, folder: Path) -> None:
        """Sees to it that a finished recording has a cover."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if await asyncio.to_thread((folder / COVER).exists):
            return
        media = await asyncio.to_thread(_middle, folder)
        if media:
            await self._make(folder, media)

    async def close(self) -> None:
        """Gives up what is being made."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _make(self, folder: Path, media: bytes) -> None:
        async with self._slots:
            picture = await make_cover(media)
        if picture is not None:
            try:
                await asyncio.to_thread(write_whole, folder / COVER, picture)
            except OSError as error:
                log.warning("a cover cannot be written: %s", error.strerror)


def _middle(folder: Path) -> bytes:
    lines = [line for line in read_index(folder) if "n" in line]
    if not lines:
        return b""
    line = lines[len(lines) // 2]
    header = folder / f"init{line['init']}.mp4"
    return header.read_bytes() + (folder / f"s{line['n']}.m4s").read_bytes()
