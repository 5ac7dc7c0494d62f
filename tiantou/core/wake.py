"""The worker is woken by NOTIFY when facts were committed."""

import asyncio
import logging

import asyncpg

from tiantou.core.outbox import WAKE

TROUBLE_S = 1.0
ALIVE_EVERY_S = 5.0

log = logging.getLogger("tiantou.facts")


class Wake:
    """Woken by NOTIFY when facts were committed; listens on a connection of its own."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._waiting: set[asyncio.Event] = set()

    def listen(self) -> asyncio.Event:
        """An event of one's own, set at every wake."""
        event = asyncio.Event()
        self._waiting.add(event)
        return event

    def _ring(self, *_: object) -> None:
        for event in self._waiting:
            event.set()

    async def run(self) -> None:
        """Listens until cancelled; a lost connection is made anew."""
        me = asyncio.current_task()
        # A connection that breaks in the moment of a cancellation raises its own error instead.
        while me is not None and not me.cancelling():
            try:
                connection = await asyncpg.connect(self._dsn, timeout=10)
                try:
                    await connection.add_listener(WAKE, self._ring)
                    self._ring()
                    while not connection.is_closed():
                        await asyncio.sleep(ALIVE_EVERY_S)
                        await connection.execute("select 1")
                finally:
                    await connection.close(timeout=2)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("not listening for facts: %r", error)
                await asyncio.sleep(TROUBLE_S)
