"""Brings a recording to disk, in order and off the event loop; waits out a full disk."""

import asyncio
import logging
from collections.abc import Callable

log = logging.getLogger("tiantou.media.writer")

RETRY_S = 1.0


class Writer:
    """One recording's queue of writes."""

    def __init__(self, backlog_max: int) -> None:
        self._backlog_max = backlog_max
        self._jobs: asyncio.Queue[Callable[[], None]] = asyncio.Queue()
        self._task = asyncio.create_task(self._run())

    @property
    def full(self) -> bool:
        """Whether the disk has not kept up: then no more may be taken from the publisher."""
        return self._jobs.qsize() >= self._backlog_max

    def put(self, job: Callable[[], None]) -> None:
        """Queues a write."""
        self._jobs.put_nowait(job)

    async def drain(self) -> None:
        """Waits until everything queued is on disk."""
        await self._jobs.join()

    async def close(self, patience_s: float) -> None:
        """Drains for a while, then stops."""
        try:
            async with asyncio.timeout(patience_s):
                await self.drain()
        except TimeoutError:
            log.error("a recording was left with writes undone")
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            job = await self._jobs.get()
            await self._do(job)
            self._jobs.task_done()

    async def _do(self, job: Callable[[], None]) -> None:
        while True:
            try:
                await asyncio.to_thread(job)
                return
            except OSError as error:
                log.error("a recording cannot be written: %s", error.strerror)
                await asyncio.sleep(RETRY_S)
