"""`tiantou up`: everything, in order, until it is told to stop."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import segno

import tiantou
from tiantou.core import instance
from tiantou.core.db import Database, open_database
from tiantou.core.keys import Keys
from tiantou.kit.mendable import Mendable
from tiantou.migrations.run import migrate, newest
from tiantou.settings import Facts, Settings, refusals
from tiantou.up import authority, edge, lock, nats, orphans, plan, postgres
from tiantou.up.children import (
    Children,
    adopt_grandchildren,
    begin,
    end_strays,
    stop_all,
)
from tiantou.up.dev import restart_on_change, web_child
from tiantou.up.keyring import keys
from tiantou.up.log import Log
from tiantou.up.rebasing import carry_on
from tiantou.up.revision import holds_demo_rows, revision_of


class Refused(Mendable):
    """This instance must not start. The message lists why."""


@dataclass(frozen=True)
class Options:
    """What the command line adds to the settings."""

    fair: bool = False
    dev: bool = False


def log_path(home: Path) -> Path:
    """The one log."""
    return home / "log" / "tiantou.log"


async def up(settings: Settings, options: Options, log: Log) -> None:
    """Runs until SIGINT, SIGTERM or SIGHUP; nothing is left running however it ends.

    Raises HomeTaken, PortTaken, NoPostgres, NoProgram, SecretUnsafe, StartFailed, Refused, each
    with words for the person at the terminal.
    """
    home = settings.place
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = home / "run" / "children.json"
    children = Children(log, record)
    stop = asyncio.Event()
    with lock.hold(home, "up"), _signals(stop, children):
        for name in await orphans.end(record):
            log.say(f"  ended {name}, left over from an up that was killed")
        _must_not_refuse(settings, Facts(demo_rows=False))
        if options.fair and not settings.demo:
            raise Refused("--demo writes a fair of invented shops: not into a production database")
        doorway = plan.open_doorway(settings)
        try:
            adopt_grandchildren()
            starting = asyncio.create_task(_start(settings, options, children, doorway, home))
            await _until(stop, starting, children)
        finally:
            starting.cancel()
            with contextlib.suppress(BaseException):
                await starting
            if children.kept:
                log.say("Stopping …")
            await stop_all(children)
            await end_strays(children)
            doorway.close()


async def _until(stop: asyncio.Event, starting: asyncio.Task[None], children: Children) -> None:
    """Waits for the word to stop. Raises whatever made starting or keeping impossible."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping, starting}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        starting.result()
        keepers = {kept.keeper for kept in children.kept if kept.keeper}
        await asyncio.wait({stopping, *keepers}, return_when=asyncio.FIRST_COMPLETED)
        for keeper in keepers:
            if keeper.done():
                keeper.result()
    stopping.cancel()


@contextlib.contextmanager
def _signals(stop: asyncio.Event, children: Children) -> Iterator[None]:
    """The first signal stops in order; one more, after a moment, kills."""
    loop = asyncio.get_running_loop()
    first: list[float] = []

    def told() -> None:
        now = time.monotonic()
        if not first:
            first.append(now)
            stop.set()
        elif now - first[0] > 1:
            for kept in children.kept:
                if kept.process:
                    kept.process.send(signal.SIGKILL)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, told)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def _start(
    settings: Settings, options: Options, children: Children, doorway: plan.Doorway, home: Path
) -> None:
    """Starts everything, in order, and tells the address."""
    began = time.monotonic()
    own_keys = keys(settings)
    database_url, bus = await asyncio.gather(
        _database(settings, children, home), _bus(settings, children, home, own_keys)
    )
    await _newest_schema(settings, database_url, children.log)
    env = plan.environment(settings, doorway, home, database_url, bus)
    started = [begin(children, child) for child in plan.processes(settings, doorway, env)]
    if doorway.plain:
        started.append(begin(children, edge.child(plan.edge_plan(settings, doorway, home))))
    await asyncio.gather(*started)
    children.log.say(f"  api, worker, edge ready ({time.monotonic() - began:.1f} s)")
    if options.dev:
        if web := web_child(Path(tiantou.__file__).parents[1], env):
            await begin(children, web)
        children.watcher = asyncio.create_task(restart_on_change(children))
    if options.fair:
        await begin(children, plan.fair(env, home))
    _tell(settings, doorway, home, children.log, time.monotonic() - began)


async def _database(settings: Settings, children: Children, home: Path) -> str:
    """The database's address, its server started if it is ours."""
    log, began = children.log, time.monotonic()
    if settings.database_url:
        await external_database(settings.database_url)
        return settings.database_url
    cluster = await postgres.cluster(home, settings.pg_user)
    if not cluster.data.exists():
        log.say("  making a database, once …")
    await postgres.prepare(cluster)
    await begin(children, postgres.child(cluster))
    await postgres.make_database(cluster)
    log.say(f"  database ready ({time.monotonic() - began:.1f} s)")
    return cluster.dsn()


async def _bus(
    settings: Settings, children: Children, home: Path, own_keys: Keys
) -> tuple[str, str]:
    """The bus's address and token, its server started if it is ours."""
    if settings.nats_url:
        return settings.nats_url, settings.nats_token.get_secret_value()
    child, url = nats.child(home, own_keys)
    await begin(children, child)
    return url, nats.token(own_keys)


async def external_database(dsn: str) -> None:
    """Checks an operator's own server. Raises Refused."""
    version = await postgres.server_version(dsn)
    if version is None:
        raise Refused("the database of TIANTOU_DATABASE_URL does not answer: is it started?")
    if version < postgres.MAJOR:
        raise Refused(f"the database is PostgreSQL {version}; {postgres.MAJOR} or later is needed")


async def _newest_schema(settings: Settings, dsn: str, log: Log) -> None:
    """Migrates, and checks that this database may run in this mode."""
    began = time.monotonic()
    async with opened(dsn) as database:
        async with database.begin() as tx:
            present = await revision_of(tx)
        if present != newest():
            # Only then are every module's tables needed in this process.
            await migrate(database.engine)
        async with database.begin() as tx:
            ever_demo, fair = await instance.past(tx)
            demo_rows = fair or (not settings.demo and await holds_demo_rows(tx))
            _must_not_refuse(settings, Facts(ever_demo, demo_rows))
            await instance.note_start(tx, settings.demo)
        if carried := await carry_on(settings, dsn, database):
            log.say(f"  the database was restored: {carried} deliveries go on from here")
    if time.monotonic() - began > 1:
        log.say(f"  schema ready ({time.monotonic() - began:.1f} s)")


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[Database]:
    """A small pool for `up` itself."""
    database = open_database(dsn, pool_size=2, name="tiantou up")
    try:
        yield database
    finally:
        await database.close()


def _must_not_refuse(settings: Settings, facts: Facts) -> None:
    reasons = refusals(settings, facts)
    if reasons:
        raise Refused("\n".join(["production refuses to start:", *(f"  - {r}" for r in reasons)]))


def _tell(settings: Settings, doorway: plan.Doorway, home: Path, log: Log, took_s: float) -> None:
    """The end of starting: one address."""
    url = plan.addresses(settings, doorway)[0]
    if doorway.secure:
        for row in _squares(url):
            log.say(row)
        if not settings.domain and doorway.plain:
            host = plan.public_names(settings)[0]
            page = edge.address(host, doorway.plain.port, "http") + "/ca"
            log.say(f"  A phone that has not been here trusts this at {page}")
            log.say(f"  Certificate: {authority.fingerprint(home)}")
    log.say(f"  Everything runs ({took_s:.1f} s). Ctrl-C stops it. Log: {log.path}")
    log.say(f"  {url}")


def _squares(url: str) -> list[str]:
    """A QR code of half blocks, its quiet zone drawn along."""
    rows = [list(row) for row in segno.make(url, error="l").matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    blocks = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["  " + "".join(blocks[a, b] for a, b in zip(*pair, strict=True)) for pair in pairs]
