"""Group commit: while a shop's batch is in flight, the next one gathers.

One batch in flight a lane, flushed at once when idle: a lonely buyer waits for nobody. A lane is
bounded; what does not fit is refused with a time to come back. A lost connection leaves a batch's
outcome unknown and nothing is run again silently; bad data halves a batch until only the guilty
request fails.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from tiantou.core.problems import Busy
from tiantou.kit import clock, ids
from tiantou.trade.admission import Asked, BadBatch, NotNow, Said, UnknownOutcome, Verdict
from tiantou.trade.admission_sql import Admission
from tiantou.trade.problems import OutcomeUnknown

BATCH_MAX = 512
WAITING_MAX = 4096
LANES_MAX = 1024
LOSERS_S = 0.2
NUMBER_BITS = 45

Run = Callable[[list[Asked]], Awaitable[Sequence[Said]]]


class Lane:
    """Requests wait here in order; `run` decides a batch of them."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._waiting: deque[tuple[Asked, asyncio.Future[Said]]] = deque()
        self._task: asyncio.Task[None] | None = None

    def idle(self) -> bool:
        """Whether nothing waits and nothing is in flight."""
        return self._task is None

    async def put(self, asked: Asked) -> Said:
        """The verdict. Raises Busy, OutcomeUnknown, BadBatch (only for the guilty request)."""
        if len(self._waiting) >= WAITING_MAX:
            raise Busy(retry_after_s=1)
        answer: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await answer

    async def settle(self) -> None:
        """Waits until the lane is idle."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        try:
            while self._waiting:
                size = min(len(self._waiting), BATCH_MAX)
                await self._decide([self._waiting.popleft() for _ in range(size)])
        finally:
            self._task = None

    async def _decide(self, batch: list[tuple[Asked, asyncio.Future[Said]]]) -> None:
        try:
            said = await self._run([asked for asked, _ in batch])
        except BadBatch as bad:
            if len(batch) == 1:
                _fail(batch, bad)
                return
            half = len(batch) // 2
            await self._decide(batch[:half])
            await self._decide(batch[half:])
        except NotNow:
            _fail(batch, Busy(retry_after_s=1))
        except UnknownOutcome:
            _fail(batch, OutcomeUnknown(retry_after_s=1))
        except BaseException:
            _fail(batch, OutcomeUnknown(retry_after_s=1))
            raise
        else:
            for (_, answer), one in zip(batch, said, strict=True):
                if not answer.done():
                    answer.set_result(one)


def _fail(batch: list[tuple[Asked, asyncio.Future[Said]]], error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)


def order_number(shop_number: int) -> str:
    """A fresh number: the shop's dense number, 45 random bits, a check sign that is a letter."""
    while True:
        number = shop_number << NUMBER_BITS | secrets.randbits(NUMBER_BITS)
        if number % 37 < 32:
            return ids.short(number)


class Lanes:
    """The lanes of a process: one a shop for buyers, one a shop for those who come too late.

    After "sold out" the next buyers of that offer are answered from memory for LOSERS_S; only
    their keys are looked up, so that the retry of an admitted order still gets its order.
    """

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._lanes: dict[tuple[UUID, bool], Lane] = {}
        self._numbers: dict[UUID, int] = {}
        self._sold_out: dict[tuple[UUID, UUID], tuple[float, Said]] = {}

    async def place(self, shop_id: UUID, asked: Asked) -> Said:
        """The verdict on one request. Raises Busy, OutcomeUnknown, BadBatch."""
        if shop_id not in self._numbers:
            try:
                number = await self._admission.shop_number(shop_id)
            except (NotNow, UnknownOutcome) as error:
                raise Busy(retry_after_s=1) from error
            if number is None:
                return Said(Verdict.NO_SUCH_OFFER, None, 0, None)
            self._numbers[shop_id] = number
        late = self._too_late(shop_id, asked.offer_id)
        try:
            return await self._lane(shop_id, late).put(asked)
        except BadBatch:
            # A rival's row with the same key, or a number drawn twice: once more, alone.
            return await self._lane(shop_id, late).put(asked)

    async def before(self, shop_id: UUID, asked: Asked) -> Said | None:
        """What was decided under the same key, if anything was. Raises Busy."""
        try:
            return (await self._admission.prior(shop_id, [asked]))[0]
        except (NotNow, UnknownOutcome) as error:
            raise Busy(retry_after_s=1) from error

    def _too_late(self, shop_id: UUID, offer_id: UUID) -> bool:
        kept = self._sold_out.get((shop_id, offer_id))
        if kept is None:
            return False
        if kept[0] > asyncio.get_running_loop().time():
            return True
        del self._sold_out[shop_id, offer_id]
        return False

    def _lane(self, shop_id: UUID, late: bool) -> Lane:
        lane = self._lanes.get((shop_id, late))
        if lane is None:
            if len(self._lanes) >= LANES_MAX:
                self._lanes = {name: one for name, one in self._lanes.items() if not one.idle()}
            decide = self._from_memory if late else self._decide
            lane = Lane(lambda batch: decide(shop_id, batch))
            self._lanes[shop_id, late] = lane
        return lane

    async def _decide(self, shop_id: UUID, batch: list[Asked]) -> list[Said]:
        numbers = [order_number(self._numbers[shop_id]) for _ in batch]
        fresh = [ids.uuid7() for _ in batch]
        said = await self._admission.place(shop_id, clock.now(), fresh, numbers, batch)
        until = asyncio.get_running_loop().time() + LOSERS_S
        for asked, one in zip(batch, said, strict=True):
            if one.verdict is Verdict.SOLD_OUT and one.number == 0:
                self._sold_out[shop_id, asked.offer_id] = (until, one)
        return said

    async def _from_memory(self, shop_id: UUID, batch: list[Asked]) -> list[Said]:
        before = await self._admission.prior(shop_id, batch)
        return [
            one or Said(Verdict.SOLD_OUT, None, 0, None)
            for one, _ in zip(before, batch, strict=True)
        ]

    async def close(self) -> None:
        """Waits for the batches under way, then closes the connections."""
        for lane in list(self._lanes.values()):
            await lane.settle()
        await self._admission.close()
