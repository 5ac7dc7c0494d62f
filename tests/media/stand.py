"""A running media process for tests, within this process, and what tests do with it."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.kit import clock, ids
from tiantou.media import face
from tiantou.media.flv import Tag
from tiantou.media.limits import Limits
from tiantou.media.process import run
from tiantou.media.push import Pusher, push

QUICK = Limits(look_every_s=0.1, disk_free_bytes_min=1)


def bound() -> socket.socket:
    """A listening socket on a free port."""
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen(128)
    return made


async def until(check: Callable[[], Awaitable[Any]], seconds: float = 20) -> Any:
    """Asks again and again until the answer is true; gives it."""
    async with asyncio.timeout(seconds):
        while True:
            if found := await check():
                return found
            await asyncio.sleep(0.05)


@dataclass
class Stand:
    """The addresses of a running media process and the rows behind it."""

    database: Database
    keys: Keys
    root: Path
    http_port: int
    rtmp_port: int
    client: httpx.AsyncClient
    pushers: list[Pusher] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def base(self) -> str:
        """The origin."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def rtmp(self) -> str:
        """The server an encoder is given."""
        return f"rtmp://127.0.0.1:{self.rtmp_port}/live"

    async def opened(
        self, ttl_s: int = 3600, *, rehearses: bool = False
    ) -> tuple[UUID, face.PublishKey]:
        """A broadcast and its key."""
        broadcast_id = ids.uuid7()
        async with self.database.begin() as tx:
            keep = clock.now() + timedelta(days=1096)
            await face.open_broadcast(tx, broadcast_id, keep, rehearses=rehearses)
            return broadcast_id, await face.issue_key(tx, self.keys, broadcast_id, ttl_s)

    async def push(self, key: face.PublishKey, film: list[Tag]) -> Pusher:
        """Publishes a film round and round until the test ends or aborts the pusher."""
        pusher = await Pusher.connect(self.rtmp, key.stream_key)
        self.pushers.append(pusher)

        async def go() -> None:
            try:
                await push(pusher, film, asyncio.Event())
            except Exception:
                pusher.abort()

        self.tasks.append(asyncio.create_task(go()))
        return pusher

    def play(self, broadcast_id: UUID) -> face.Playback:
        """A viewer's addresses."""
        return face.playback(self.keys, broadcast_id, self.base, clock.now())

    async def get(self, url: str) -> httpx.Response:
        """A viewer's request."""
        return await self.client.get(url, timeout=15)

    async def live_list(self, broadcast_id: UUID, segments: int = 1) -> str:
        """The low-latency playlist once it has this many closed segments."""
        url = self.play(broadcast_id).llhls_url.replace("index.m3u8", "live.m3u8")

        async def look() -> str:
            answer = await self.get(url)
            enough = answer.status_code == 200 and answer.text.count("#EXTINF") >= segments
            return answer.text if enough else ""

        return str(await until(look))

    async def facts(self, broadcast_id: UUID) -> list[str]:
        """The kinds of the facts of a broadcast, in order."""
        async with self.database.begin() as tx:
            rows = await tx.execute(
                text("select kind from media.outbox where key = :key order by xid, id"),
                {"key": str(broadcast_id)},
            )
            return [row[0].removeprefix("media.") for row in rows]

    async def told(self, broadcast_id: UUID, kind: str, times: int = 1) -> list[str]:
        """Waits for a fact."""

        async def look() -> list[str]:
            found = await self.facts(broadcast_id)
            return found if found.count(kind) >= times else []

        return list(await until(look))

    async def end(self, broadcast_id: UUID) -> Path:
        """Ends a broadcast and waits until it is sealed; gives its folder."""
        async with self.database.begin() as tx:
            await face.end_broadcast(tx, broadcast_id)
        await self.told(broadcast_id, "broadcast-closed")
        return self.folder(broadcast_id)

    def folder(self, broadcast_id: UUID) -> Path:
        """Where the recording lies."""
        (found,) = self.root.glob(f"*/*/{broadcast_id}")
        return found

    async def let_go(self) -> None:
        """Ends what the test left publishing."""
        for task in self.tasks:
            task.cancel()
        for pusher in self.pushers:
            pusher.abort()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@asynccontextmanager
async def standing(
    database: Database, dsn: str, keys: Keys, root: Path, limits: Limits = QUICK
) -> AsyncIterator[Stand]:
    """A media process with an in-process stop."""
    http, rtmp = bound(), bound()
    ports = http.getsockname()[1], rtmp.getsockname()[1]
    ready, stop = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(
        run(
            dsn=dsn,
            keys=keys,
            root=root,
            http=http,
            rtmp=rtmp,
            limits=limits,
            ready=ready.set,
            stop=stop,
        )
    )
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
    async with httpx.AsyncClient() as client:
        stand = Stand(database, keys, root, *ports, client)
        try:
            yield stand
        finally:
            await stand.let_go()
            stop.set()
            await serving


def uris(playlist: str) -> list[str]:
    """The segment names of a playlist, in order."""
    return re.findall(r"^[a-z]\d+\.m4s$", playlist, re.MULTILINE)
