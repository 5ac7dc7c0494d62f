"""What the database must be told: in order, tried again while it is away, bounded."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from tiantou.core.db import Database, Tx

log = logging.getLogger("tiantou.media.news")

Job = Callable[[Tx], Awaitable[None]]

WAIT_S_MIN, WAIT_S_MAX = 0.2, 5.0
TRIES_MAX = 500


class News:
    """One transaction per job. A live stream never waits for it."""

    def __init__(self, database: Database, jobs_max: int) -> None:
        self._database, self._jobs_max = database, jobs_max
        self._jobs: deque[tuple[str, Job]] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def tell(self, what: str, job: Job) -> None:
        """Queues a job; `what` names it in the log. Over the bound the oldest is given up, loudly:
        the state it would have written is found again at the next start.
        """
        if len(self._jobs) >= self._jobs_max:
            given_up, _ = self._jobs.popleft()
            log.error("the database was away too long, given up: %s", given_up)
        self._jobs.append((what, job))
        self._idle.clear()
        self._wake.set()

    async def drain(self, patience_s: float) -> bool:
        """Waits until all is told; False when patience ended first."""
        try:
            async with asyncio.timeout(patience_s):
                await self._idle.wait()
            return True
        except TimeoutError:
            return False

    async def run(self) -> None:
        """Tells, for ever."""
        while True:
            while self._jobs:
                what, job = self._jobs[0]
                await self._try(what, job)
                if self._jobs and self._jobs[0][1] is job:
                    self._jobs.popleft()
            self._idle.set()
            self._wake.clear()
            await self._wake.wait()

    async def _try(self, what: str, job: Job) -> None:
        wait_s = WAIT_S_MIN
        for _ in range(TRIES_MAX):
            try:
                async with self._database.begin() as tx:
                    await job(tx)
                return
            except Exception as error:
                log.warning("not told yet: %s (%s)", what, type(error).__name__)
                await asyncio.sleep(wait_s)
                wait_s = min(WAIT_S_MAX, wait_s * 2)
        log.error("never told: %s", what)
