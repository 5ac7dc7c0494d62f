"""The desk of the media process: lets publishers in, knows the channels, follows the database.

What the database says is looked at every second; what the stream does is told to it as news.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from tiantou.core.db import Database
from tiantou.core.keys import BadToken, Keys
from tiantou.kit import clock
from tiantou.media import broadcast_sql as sql
from tiantou.media import signals
from tiantou.media.broadcast_sql import Watched
from tiantou.media.channel import Channel, Feed
from tiantou.media.covers import Covers
from tiantou.media.limits import Limits
from tiantou.media.machines import BROADCAST
from tiantou.media.news import News
from tiantou.media.packager import SOUND_WAIT_S, Segment
from tiantou.media.recording import Recording, RecordingClosed
from tiantou.media.sealing import lay_chapters, seal
from tiantou.media.tokens import Refused, read_publish_token

log = logging.getLogger("tiantou.media.desk")

ADMIT_S_MAX = 6
LINGER_S = 60
MEASURE_EVERY_S = 5
DRAIN_S_MAX = 30
FOLDERS_MAX = 4_096


class Desk:
    """One per process."""

    def __init__(self, database: Database, keys: Keys, root: Path, limits: Limits) -> None:
        self.keys, self.root, self.limits = keys, root, limits
        self.channels: dict[UUID, Channel] = {}
        self.blocked: frozenset[UUID] = frozenset()
        self.news = News(database, limits.facts_max)
        self._database = database
        self._covers = Covers(limits)
        self._opening = asyncio.Lock()
        self._sealing: dict[UUID, asyncio.Task[None]] = {}
        self._folders: dict[UUID, Path] = {}
        self._measured_at = 0.0
        self._first_look = True

    async def admit(
        self,
        broadcast_id: UUID,
        token: str,
        kick: Callable[[], None],
        expected: frozenset[str],
        sound_wait_s: float = SOUND_WAIT_S,
    ) -> Feed:
        """Lets a publisher in by his key. Raises Refused with a reason for the log."""
        try:
            said = read_publish_token(self.keys, token)
        except BadToken as error:
            raise Refused(f"key {error.reason}") from None
        if said.broadcast_id != broadcast_id:
            raise Refused("key of another broadcast")
        folder = await self._check(broadcast_id, said.generation, said.hash)
        on_air = sum(channel.feed is not None for channel in self.channels.values())
        if on_air >= self.limits.publishers_max:
            raise Refused("too many publishers")
        channel = await self._open(broadcast_id, folder)
        if broadcast_id in self._sealing or channel.window.ended:
            raise Refused("broadcast over")
        if channel.writer.full:
            raise Refused("the recording cannot be written")
        log.info("publisher admitted: %s", broadcast_id)
        return channel.attach(said.generation, kick, expected, sound_wait_s)

    async def folder(self, broadcast_id: UUID) -> Path | None:
        """Where a recording lies; None if there is none (or the database is away and it is new)."""
        known = self._folders.get(broadcast_id)
        if known is None:
            async with self._database.begin() as tx:
                row = await sql.seen(tx, broadcast_id)
            if row is None or row.state in ("disposing", "disposed"):
                return None
            if len(self._folders) >= FOLDERS_MAX:
                self._folders.clear()
            known = self._folders[broadcast_id] = self.root / row.folder
        return known

    async def run(self) -> None:
        """Looks at the database every second, for ever."""
        away = False
        while True:
            try:
                await self.look()
                if away:
                    log.info("the database is back")
                away = False
            except Exception as error:
                if not away:
                    log.warning("the database cannot be looked at (%s)", type(error).__name__)
                away = True
            for channel in self.channels.values():
                channel.hub.drop_stuck(self.limits.flv_stuck_s_max)
            await asyncio.sleep(self.limits.look_every_s)

    async def close(self) -> None:
        """Lets everybody go and leaves the recordings open for the next process."""
        for channel in self.channels.values():
            channel.kick()
            channel.hub.end()
        for channel in self.channels.values():
            await channel.writer.close(DRAIN_S_MAX)
            channel.recording.release()
        await self._covers.close()
        for task in self._sealing.values():
            task.cancel()

    async def look(self) -> None:
        """Brings the channels in line with the rows."""
        now = clock.now()
        before = now - timedelta(seconds=self.limits.grace_s)
        async with self._database.begin() as tx:
            rows = await sql.watched(tx)
            alone = await sql.left_alone(tx, before)
            if time.monotonic() - self._measured_at >= MEASURE_EVERY_S:
                self._measured_at = time.monotonic()
                flowing = [one for one in self.channels.values() if one.feed is not None]
                await sql.measured(tx, [(one.id, *one.measured()) for one in flowing], now)
        self.blocked = frozenset(row.id for row in rows if row.blocked)
        for row in rows:
            await self._follow(row)
        for broadcast_id in alone:
            channel = self.channels.get(broadcast_id)
            if channel is None or channel.feed is None:
                self.news.tell("grace over", signals.grace_over(broadcast_id, now, before))
        self._first_look = False

    async def _follow(self, row: Watched) -> None:
        channel = self.channels.get(row.id)
        feed = channel.feed if channel is not None else None
        if channel is not None and feed is not None:
            stale = feed.generation < row.key_generation
            if row.blocked or stale:
                channel.kick()
        if row.state == "ending":
            if row.id not in self._sealing:
                self._sealing[row.id] = asyncio.create_task(self._seal(row))
            return
        if channel is None and BROADCAST.can(row.state, "grace_over"):
            await self._open(row.id, self.root / row.folder)
        elif row.state == "on_air" and self._first_look and channel is None:
            await self._open(row.id, self.root / row.folder)
            self.news.tell("lost", signals.lost(row.id, clock.now(), self.limits.grace_s))
        if row.chapters_new:
            folder = self.root / row.folder
            await asyncio.to_thread(lay_chapters, folder, row.started_at, row.chapters)
            self.news.tell("chapters", signals.chapters_laid(row.id, row.chapters))

    async def _check(self, broadcast_id: UUID, generation: int, digest: bytes) -> Path:
        """The row's word on a key, waiting a little for a database that is away."""
        until = time.monotonic() + ADMIT_S_MAX
        while True:
            try:
                async with self._database.begin() as tx:
                    row = await sql.seen(tx, broadcast_id)
                break
            except Exception as error:
                if time.monotonic() > until:
                    raise Refused("the key cannot be checked now") from error
                await asyncio.sleep(0.3)
        if row is None:
            raise Refused("no such broadcast")
        if not BROADCAST.can(row.state, "end"):
            raise Refused("broadcast over")
        if row.blocked:
            raise Refused("broadcast blocked")
        if row.key_generation != generation or row.key_hash != digest:
            raise Refused("key replaced by a newer one")
        if row.key_expires_at is None or row.key_expires_at <= clock.now():
            raise Refused("key expired")
        return self.root / row.folder

    async def _open(self, broadcast_id: UUID, folder: Path) -> Channel:
        async with self._opening:
            channel = self.channels.get(broadcast_id)
            if channel is None:
                try:
                    recording = await asyncio.to_thread(Recording, folder)
                except RecordingClosed:
                    raise Refused("broadcast over") from None
                except OSError as error:
                    raise Refused(f"the recording cannot be written: {error.strerror}") from None
                made = Channel(
                    broadcast_id, recording, self.limits, self._signal, self._segment_made
                )
                channel = self.channels[broadcast_id] = made
                self._folders[broadcast_id] = folder
            return channel

    def _signal(self, broadcast_id: UUID, flows: bool) -> None:
        now = clock.now()
        if flows:
            self.news.tell("flowing", signals.flowing(broadcast_id, now))
        else:
            self.news.tell("lost", signals.lost(broadcast_id, now, self.limits.grace_s))
        log.info("signal %s: %s", "flows" if flows else "lost", broadcast_id)

    def _segment_made(self, channel: Channel, segment: Segment) -> None:
        self._covers.offer(channel, segment)

    async def _seal(self, row: Watched) -> None:
        try:
            await self._seal_once(row)
        except Exception:
            log.exception("a recording could not be sealed: %s", row.id)
            await asyncio.sleep(5)
        finally:
            del self._sealing[row.id]

    async def _seal_once(self, row: Watched) -> None:
        folder = self.root / row.folder
        channel = self.channels.get(row.id)
        if channel is not None and not channel.window.ended:
            channel.end()
            await channel.writer.close(DRAIN_S_MAX)
            channel.recording.release()
            asyncio.get_running_loop().call_later(LINGER_S, self.channels.pop, row.id, None)
        root_hash, duration_ms = await asyncio.to_thread(seal, folder, self.keys)
        chapters = await asyncio.to_thread(lay_chapters, folder, row.started_at, row.chapters)
        if root_hash is not None:
            await self._covers.last(folder)
        self.news.tell(
            "sealed", signals.sealed(row.id, clock.now(), duration_ms, root_hash, chapters)
        )
        await self.news.drain(DRAIN_S_MAX)
        log.info("recording sealed: %s", row.id)
