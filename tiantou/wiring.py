"""The composition root: settings become engines, facts meet their reactions."""

import socket
from collections.abc import Sequence
from importlib import import_module

import uvloop

from tiantou.core import secret
from tiantou.core.db import Database, Tx, open_database
from tiantou.core.delivery import Consumer
from tiantou.core.keys import Keys
from tiantou.engines import nats_bus
from tiantou.gateway import process as gateway
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


def run_gateway(settings: Settings, listener: socket.socket) -> None:
    """The gateway's process, to its end. Raises ValueError without an address of NATS."""
    if not settings.nats_url:
        raise ValueError("no bus: run `tiantou up`, or set TIANTOU_NATS_URL")
    made = keys(settings)

    async def serve() -> None:
        bus = await nats_bus.open_nats(settings.nats_url, name="tiantou gateway")
        try:
            await gateway.run(
                bus, made, listener, hosts=settings.known_hosts, origins=settings.public_urls
            )
        finally:
            await bus.close()

    uvloop.run(serve())


def run_media(settings: Settings, listener: socket.socket, rtmp: list[socket.socket]) -> None:
    """Media's process, to its end."""
    process = import_module("tiantou.media.process")
    process.run(listener, rtmp, database=database(settings, "tiantou media"), settings=settings)


def run_fair(settings: Settings) -> None:
    """The demo's process, to its end."""
    import_module("tiantou.demo.process").run(settings)


async def operator_link(tx: Tx, keys: Keys, phone: str) -> str:
    """The token of a link that makes its bearer an operator, once."""
    face = import_module("tiantou.accounts.face")
    return str(await face.operator_link(tx, keys, phone))
