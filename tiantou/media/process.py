"""The media process: what `tiantou media` runs."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from tiantou.core.db import open_database
from tiantou.core.keys import Keys
from tiantou.media.codecs import AUDIO, VIDEO
from tiantou.media.desk import Desk
from tiantou.media.limits import Limits
from tiantou.media.rtmp import RtmpConnection, Sink
from tiantou.media.server import HttpServer
from tiantou.media.tokens import Refused

log = logging.getLogger("tiantou.media")

APP = "live"
POOL_SIZE = 4
LAST_WORDS_S_MAX = 3.0


def read_stream_name(name: str) -> tuple[UUID, str]:
    """Broadcast and key of `<broadcast>?key=<key>`. Raises Refused."""
    head, _, query = name.partition("?")
    key = dict(part.partition("=")[::2] for part in query.split("&")).get("key", "")
    try:
        return UUID(head.strip("/")), key
    except ValueError:
        raise Refused("not a broadcast") from None


async def run(
    *,
    dsn: str,
    keys: Keys,
    root: Path,
    http: socket.socket,
    rtmp: socket.socket | Sequence[socket.socket],
    limits: Limits | None = None,
    ready: Callable[[], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serves until `stop` is set or the task is cancelled. The sockets come bound.

    `root` holds the recordings; `ready` is called once both servers take connections.
    """
    limits = limits or Limits()
    stop = stop or asyncio.Event()
    await asyncio.to_thread(root.mkdir, parents=True, exist_ok=True)
    database = open_database(dsn, POOL_SIZE, "tiantou-media")
    desk = Desk(database, keys, root, limits)

    async def admit(app: str, stream: str, kick: Callable[[], None]) -> Sink:
        if app.strip("/") != APP:
            raise Refused("another application than live")
        broadcast_id, key = read_stream_name(stream)
        return await desk.admit(broadcast_id, key, kick, frozenset({VIDEO, AUDIO}))

    loop = asyncio.get_running_loop()

    def connection() -> RtmpConnection:
        return RtmpConnection(admit, limits.message_bytes_max, limits.silence_s_max)

    ingest = [rtmp] if isinstance(rtmp, socket.socket) else rtmp
    rtmp_servers = [await loop.create_server(connection, sock=one) for one in ingest]
    http_server = HttpServer(desk, limits)
    tasks = [
        asyncio.create_task(desk.news.run()),
        asyncio.create_task(desk.run()),
        asyncio.create_task(http_server.run(http)),
    ]
    stopping = asyncio.create_task(stop.wait())
    if ready is not None:
        ready()
    log.info("media serves")
    try:
        done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            task.result()
    finally:
        stopping.cancel()
        for server in rtmp_servers:
            server.close()
        await desk.close()
        http_server.stop()
        await desk.news.drain(LAST_WORDS_S_MAX)
        await asyncio.gather(tasks[2], return_exceptions=True)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()
