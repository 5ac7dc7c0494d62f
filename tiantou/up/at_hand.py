"""The database for an operator's tool: of the running `up`, or started for the moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO

from tiantou.kit.mendable import Mendable
from tiantou.settings import Settings
from tiantou.up import lock, orphans, postgres
from tiantou.up.children import Children, begin, stop_all
from tiantou.up.log import Log


class NoDatabase(Mendable):
    """The running instance's database does not answer. The message says what to do."""


@asynccontextmanager
async def at_hand(settings: Settings, what: str, alone: bool = False) -> AsyncIterator[str]:
    """The address of this instance's database while the block runs.

    With `alone` nothing else may be running: HomeTaken if something does.
    """
    home = settings.place
    if settings.database_url:
        yield settings.database_url
        return
    if not alone and lock.taken(home):
        made = await postgres.cluster(home, settings.pg_user)
        if not await postgres.reachable(made.dsn()):
            raise NoDatabase("the running instance's database does not answer yet: try again soon")
        yield made.dsn()
        return
    with lock.hold(home, what):
        async with started(settings) as dsn:
            yield dsn


@asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[str]:
    """The embedded server, started for the block; the caller holds the home."""
    home = settings.place
    log = Log(home / "log" / "tiantou.log", terminal=StringIO())
    record = home / "run" / "children.json"
    children = Children(log, record)
    await orphans.end(record)
    try:
        made = await postgres.cluster(home, settings.pg_user)
        await postgres.prepare(made)
        await begin(children, postgres.child(made))
        await postgres.make_database(made)
        yield made.dsn()
    finally:
        await stop_all(children)
        log.close()
