"""The worker: brings facts to reactions, runs timers and ticks, keeps partitions ahead."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tiantou import parts
from tiantou.core import delivery, limits, once, partitions, timers
from tiantou.core.db import Database
from tiantou.core.delivery import Consumer, Reaction
from tiantou.core.rebase import rebase
from tiantou.core.wake import Wake
from tiantou.kit import clock
from tiantou.settings import Settings

IDLE_S = 1.0
SOON_S = 0.02
TROUBLE_S = 1.0

log = logging.getLogger("tiantou.worker")


@dataclass(frozen=True)
class Tick:
    """Something done again and again, `every_s` seconds after it last ended."""

    name: str
    every_s: float
    run: Callable[[], Awaitable[object]]


async def _forever(name: str, once_: Callable[[], Awaitable[None]]) -> None:
    me = asyncio.current_task()
    # A connection that breaks in the moment of a cancellation raises its own error instead.
    while me is not None and not me.cancelling():
        try:
            await once_()
        except Exception as error:
            log.warning("%s: %r", name, error)
            await asyncio.sleep(TROUBLE_S)


def _consume(database: Database, consumer: Consumer, wake: Wake) -> Callable[[], Awaitable[None]]:
    ring = wake.listen()
    pause_s = IDLE_S

    async def turn() -> None:
        nonlocal pause_s
        if ring.is_set():
            pause_s = SOON_S
            ring.clear()
        found = 0
        for source in consumer.sources():
            found += await delivery.deliver(database, consumer, source)
        if found:
            return
        # The fact that rang may stand behind an older transaction, whose end rings no bell.
        if pause_s < IDLE_S and not await delivery.held_back(database, consumer):
            pause_s = IDLE_S
        await _either(ring, pause_s)
        pause_s = min(IDLE_S, pause_s * 2)

    return turn


async def _either(ring: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(ring.wait(), seconds)
    except TimeoutError:
        return


def _tick(tick: Tick) -> Callable[[], Awaitable[None]]:
    async def turn() -> None:
        await tick.run()
        await asyncio.sleep(tick.every_s)

    return turn


def _retry(database: Database, consumer: Consumer) -> Tick:
    by_name = {one.name: one for some in consumer.reactions.values() for one in some}
    return Tick(f"retry {consumer.name}", 0.25, lambda: delivery.retry(database, by_name))


def _own_ticks(database: Database, handlers: dict[str, timers.Due]) -> list[Tick]:
    async def forget() -> None:
        before, gone = clock.now() - timedelta(hours=once.KEEP_HOURS), once.FORGET_MAX
        while gone == once.FORGET_MAX:
            async with database.begin() as tx:
                gone = await once.forget(tx, before)
        await limits.forget(database)

    async def keep_partitions() -> None:
        await partitions.make_ahead(database.engine)
        await partitions.drop_old(database.engine)

    return [
        Tick("timers", 0.5, lambda: timers.run_due(database, handlers)),
        Tick("forget", 600, forget),
        Tick("partitions", 3600, keep_partitions),
    ]


async def run(settings: Settings) -> None:
    """The worker's process: works until it is told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with parts.open_parts(settings, "tiantou worker") as made:
        await partitions.make_ahead(made.database.engine)
        await parts.listen(made)
        parts.refresh_after_silence(made)
        ticks = [Tick(*one) for one in parts.ticks(made)]
        working = asyncio.create_task(
            work(made.database, parts.reactions(made), parts.timers(made), ticks)
        )
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        stopping.cancel()


async def work(
    database: Database,
    reactions: Sequence[Reaction],
    handlers: dict[str, timers.Due],
    ticks: Sequence[Tick],
) -> None:
    """Works until cancelled."""
    everybody = delivery.consumers(reactions)
    carried = await rebase(database, everybody)
    if carried:
        log.warning("the database was restored: %d facts were carried over", carried)
    await delivery.park_orphans(database, reactions)
    wake = Wake(database.dsn)
    async with asyncio.TaskGroup() as group:
        group.create_task(wake.run())
        for consumer in everybody:
            turn = _consume(database, consumer, wake)
            group.create_task(_forever(f"consumer {consumer.name}", turn))
        again = [_retry(database, consumer) for consumer in everybody]
        for tick in [*again, *_own_ticks(database, handlers), *ticks]:
            group.create_task(_forever(tick.name, _tick(tick)))
