"""Processes as the command line starts them: settings become parts, and they run to their end."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from datetime import date
from importlib import import_module
from uuid import UUID

import uvloop

from tiantou import parts
from tiantou.accounts import face as accounts
from tiantou.core.db import Database, Tx
from tiantou.core.keys import Keys
from tiantou.gateway import process as gateway
from tiantou.media import process as media
from tiantou.media.limits import Limits
from tiantou.oversight import decide
from tiantou.settings import Settings
from tiantou.trade import audit as books
from tiantou.trade.ports import GatewayDown
from tiantou.trade.reconcile import run as reconcile_day
from tiantou.trade.reconcile_http import DIFFERENCES_SHOWN
from tiantou.trade.reconcile_sql import open_differences


def keys(settings: Settings) -> Keys:
    """The keys of this instance; a root secret is made if there is none. Raises SecretUnsafe."""
    return parts.open_keys(settings)


def run_gateway(settings: Settings, listener: socket.socket) -> None:
    """The gateway's process, to its end. Raises ValueError without an address of NATS."""
    if not settings.nats_url:
        raise ValueError("no bus: run `tiantou up`, or set TIANTOU_NATS_URL")

    async def serve() -> None:
        bus = await parts.open_bus(settings, "tiantou gateway")
        hosts, origins = settings.known_hosts, settings.public_urls
        try:
            await gateway.run(bus, keys(settings), listener, hosts=hosts, origins=origins)
        finally:
            await bus.close()

    uvloop.run(serve())


def run_media(settings: Settings, http: socket.socket, rtmp: socket.socket) -> None:
    """Media's process, to its end. Raises ValueError without a database."""
    if not settings.database_url:
        raise ValueError("no database: run `tiantou up`, or set TIANTOU_DATABASE_URL")

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        root, dsn = settings.place / "media", settings.database_url
        limits = Limits(grace_s=settings.media_grace_s)
        await media.run(
            dsn=dsn,
            keys=keys(settings),
            root=root,
            http=http,
            rtmp=rtmp,
            limits=limits,
            stop=stop,
        )

    uvloop.run(serve())


def run_fair(settings: Settings) -> None:
    """The demo's process, to its end."""
    import_module("tiantou.demo.process").run(settings)


async def operator_link(tx: Tx, keys: Keys, phone: str) -> str:
    """The token of a link that makes its bearer an operator, once."""
    return await accounts.operator_link(tx, keys, phone)


async def reconcile(
    settings: Settings, keys: Keys, database: Database, day: date
) -> AsyncIterator[str]:
    """Compares the bills of a day with our rows; says in words what came of each. Raises
    ValueError and KeyUnusable of a provider that is not set up.
    """
    for provider in parts.payments(settings, keys).all:
        try:
            done = await reconcile_day(database, provider, day)
        except GatewayDown as down:
            yield f"{provider.name} {day}: no answer: {down}"
            continue
        bill = "no bill, " if done.state == "no_bill" else ""
        yield f"{provider.name} {day}: {bill}{done.differences} differences"
        async with database.begin() as tx:
            for one in await open_differences(tx, DIFFERENCES_SHOWN):
                if (one.provider, one.day) == (provider.name, day):
                    yield f"  {one.what} {one.kind} {one.ref} {one.ours_fen} {one.theirs_fen}"


async def delete_recording(tx: Tx, session_id: UUID) -> None:
    """Hands a recording to the retention job. Raises KeptByLaw, NotFound, WrongState."""
    await decide.delete_recording(tx, None, session_id)


async def audit(database: Database) -> tuple[int, Sequence[str]]:
    """Recomputes the books and keeps what was found: the number of broken rules, and lines."""
    made = await books.run(database)
    return len(made.differences), books.lines(made)
