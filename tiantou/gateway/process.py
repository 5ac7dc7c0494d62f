"""The gateway as a process: a socket that is bound already, a bus, keys; until told to stop."""

import asyncio
import contextlib
import logging
import signal
import socket
import time
from collections.abc import Callable, Collection

from tiantou.core.bus import Bus
from tiantou.core.keys import Keys
from tiantou.gateway import viewers
from tiantou.gateway.door import Door
from tiantou.gateway.hall import Hall
from tiantou.gateway.limits import Limits
from tiantou.gateway.owner import Owner
from tiantou.gateway.tickets import Tickets
from tiantou.kit import clock

TELL_EVERY_S = 1.0

log = logging.getLogger(__name__)


async def run(
    bus: Bus,
    keys: Keys,
    listener: socket.socket,
    *,
    hosts: Collection[str],
    origins: Collection[str],
    edges: Collection[str] = ("127.0.0.1", "::1"),
    limits: Limits | None = None,
    ready: Callable[[], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serves until SIGTERM or SIGINT (or `stop`), then drains and returns.

    `listener` is bound, and closed at the end. `hosts` are names with or without a port, `origins`
    whole origins, `edges` addresses whose Forwarded-For is believed. `ready` is called once
    connections are accepted.
    """
    limits = limits or Limits()
    stop = stop or _stop_by_signal()
    now = time.monotonic
    owner = Owner(bus, limits, now)
    hall = Hall(bus, owner, limits, now)
    began_ms = int(clock.now().timestamp() * 1000)
    tickets = Tickets(keys, limits.tickets_remembered_max, began_ms)
    door = Door(hall, tickets, limits, now, hosts=hosts, origins=origins, edges=edges)
    await owner.start(hall)
    server = await viewers.serve(listener, door)
    telling = asyncio.create_task(_tell(hall))
    if ready is not None:
        ready()
    try:
        await stop.wait()
        server.close()
        await _drain(hall, limits)
    finally:
        telling.cancel()
        server.close()
        await owner.stop()
        await asyncio.gather(telling, return_exceptions=True)


def _stop_by_signal() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _tell(hall: Hall) -> None:
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        try:
            await hall.tell()
        except Exception:
            log.exception("gateway: the second's report failed")


async def _drain(hall: Hall, limits: Limits) -> None:
    await hall.drain()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limits.drain_s):
            await hall.empty.wait()
