"""The composition root: settings become engines, facts meet their reactions."""

import asyncio
import signal
import socket
from collections.abc import Sequence
from importlib import import_module

import uvloop

from tiantou.core import secret
from tiantou.core.db import Database, Tx, open_database
from tiantou.core.delivery import Consumer
from tiantou.core.keys import Keys
from tiantou.settings import Settings


def database(settings: Settings, name: str) -> Database:
    """The database of this process. Raises ValueError without an address."""
    if not settings.database_url:
        raise ValueError("no database: run `tiantou up`, or set TIANTOU_DATABASE_URL")
    return open_database(settings.database_url, settings.database_pool, name)


def keys(settings: Settings) -> Keys:
    """The keys of this instance; a root secret is made if there is none. Raises SecretUnsafe."""
    given = settings.root_secret.get_secret_value()
    return secret.keys(settings.place, given, settings.root_secret_before.get_secret_value())


def every_consumer() -> Sequence[Consumer]:
    """Who takes facts, for the worker and for re-basing after a restore."""
    return ()


def run_gateway(settings: Settings, listener: socket.socket, sse: socket.socket) -> None:
    """The gateway's process, to its end."""
    process = import_module("tiantou.gateway.process")
    engine = import_module("tiantou.engines.nats_bus")

    async def serve() -> None:
        token = settings.nats_token.get_secret_value()
        bus = await engine.open_nats(settings.nats_url, token, "tiantou gateway")
        try:
            hosts, origins = settings.known_hosts, settings.public_urls
            await process.run(bus, keys(settings), listener, sse, hosts=hosts, origins=origins)
        finally:
            await bus.close()

    uvloop.run(serve())


def run_media(settings: Settings, http: socket.socket, rtmp: socket.socket) -> None:
    """Media's process, to its end."""
    process = import_module("tiantou.media.process")

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        root, dsn = settings.place / "media", settings.database_url
        await process.run(dsn=dsn, keys=keys(settings), root=root, http=http, rtmp=rtmp, stop=stop)

    uvloop.run(serve())


def run_fair(settings: Settings) -> None:
    """The demo's process, to its end."""
    import_module("tiantou.demo.process").run(settings)


async def operator_link(tx: Tx, keys: Keys, phone: str) -> str:
    """The token of a link that makes its bearer an operator, once."""
    face = import_module("tiantou.accounts.face")
    return str(await face.operator_link(tx, keys, phone))
