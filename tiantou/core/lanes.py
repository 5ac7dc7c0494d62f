"""Group commit: requests gather while one batch is in flight, and are answered together.

A lonely request waits for nobody. A lane is bounded; what does not fit is refused, not queued.

A batch takes half of those who wait and of those who were answered just now, for they ask again: so
one half is decided while the other is answered. Were all in one batch, the process would idle while
the database decides, and the database while the process answers.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from tiantou.core.problems import Busy

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")

BATCH_MAX = 512
QUEUE_MAX = 4096
# fewer than so many are not worth two batches
HALVED_FROM = 32


class Onward(NamedTuple, Generic[Answer]):
    """Said instead of an answer: another lane answers. `go` is given the asker's future."""

    go: Callable[[asyncio.Future[Answer]], None]


class Lane(Generic[Ask, Answer]):
    """One batch in flight; `run` takes up to `batch_max` asks and gives as many answers.

    An answer that is an exception is raised to its asker; one that is Onward sends him on, without
    waking him. If `run` itself raises, every asker of
    the batch gets that error: nothing is run again silently.
    """

    def __init__(
        self,
        run: Callable[
            [Sequence[Ask]], Awaitable[Sequence[Answer | Onward[Answer] | BaseException]]
        ],
        batch_max: int = BATCH_MAX,
        queue_max: int = QUEUE_MAX,
    ) -> None:
        self._run, self._batch_max, self._queue_max = run, batch_max, queue_max
        self._queue: deque[tuple[Ask, asyncio.Future[Answer]]] = deque()
        self._flight: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is in flight."""
        return not self._queue and self._flight is None

    async def settle(self) -> None:
        """Waits until the lane is idle."""
        while self._flight is not None:
            await asyncio.wait([self._flight])

    async def put(self, ask: Ask) -> Answer:
        """The answer to `ask`. Raises Busy if the lane is full, or what `run` gave or raised."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.take(ask, future)
        return await future

    def take(self, ask: Ask, future: asyncio.Future[Answer]) -> bool:
        """Answers `future` as `put` answers its caller; False if that was Busy, at once."""
        if len(self._queue) >= self._queue_max:
            future.set_exception(Busy(retry_after_s=1))
            return False
        self._queue.append((ask, future))
        if self._flight is None:
            self._flight = asyncio.create_task(self._fly())
        return True

    async def _fly(self) -> None:
        answered = 0
        try:
            while self._queue:
                half = max(HALVED_FROM, -(-(len(self._queue) + answered) // 2))
                answered = min(self._batch_max, len(self._queue), half)
                await self._answer([self._queue.popleft() for _ in range(answered)])
        finally:
            self._flight = None

    async def _answer(self, batch: list[tuple[Ask, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._run([ask for ask, _ in batch])
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Onward):
                answer.go(future)
            elif isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
