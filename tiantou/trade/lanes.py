"""The lanes of orders: while a shop's batch is in flight, the next one gathers (core/lanes.py)."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

from tiantou.core.lanes import Lane
from tiantou.core.problems import Busy
from tiantou.kit import clock, ids
from tiantou.trade.admission import Asked, BadBatch, NotNow, Said, UnknownOutcome, Verdict
from tiantou.trade.admission_sql import Admission
from tiantou.trade.problems import OutcomeUnknown

LANES_MAX = 1024
LOSERS_S = 0.2
NUMBER_BITS = 45

# said of one who comes too late for the others, but has units kept for him
HAS_KEPT = Said(Verdict.SOLD_OUT, None, -1, None)

log = logging.getLogger("tiantou.orders")

Run = Callable[[Sequence[Asked]], Awaitable[Sequence[Said]]]
Shop = Lane[Asked, Said]


async def decided(run: Run, batch: Sequence[Asked]) -> Sequence[Said | BaseException]:
    """What `run` says of each request, or what its asker is told instead.

    A lost connection leaves a batch's outcome unknown and nothing is run again silently; bad data
    halves a batch until only the guilty request fails.
    """
    try:
        return await run(batch)
    except BadBatch as bad:
        if len(batch) == 1:
            return [bad]
        half = len(batch) // 2
        return [*await decided(run, batch[:half]), *await decided(run, batch[half:])]
    except NotNow:
        return [Busy(retry_after_s=1)] * len(batch)
    except UnknownOutcome:
        return [OutcomeUnknown(retry_after_s=1)] * len(batch)
    except Exception as error:
        log.exception("a batch of orders failed: %r", error)
        return [OutcomeUnknown(retry_after_s=1)] * len(batch)


def order_number(shop_number: int) -> str:
    """A fresh number: the shop's dense number, 45 random bits, a check sign that is a letter."""
    while True:
        number = shop_number << NUMBER_BITS | secrets.randbits(NUMBER_BITS)
        if number % 37 < 32:
            return ids.short(number)


class Lanes:
    """The lanes of a process: one a shop for buyers, one a shop for those who come too late.

    After "sold out" the next buyers of that offer are answered from memory for LOSERS_S; only
    their keys are looked up, so that the retry of an admitted order still gets its order, and
    whether units are kept for them because they waited.
    """

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._lanes: dict[tuple[UUID, bool], Shop] = {}
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
        lost = await self.loser(shop_id, asked)
        if lost is not None:
            return lost
        try:
            return await self._lane(shop_id, False).put(asked)
        except BadBatch:
            # A rival's row with the same key, or a number drawn twice: once more, alone.
            return await self._lane(shop_id, False).put(asked)

    async def loser(self, shop_id: UUID, asked: Asked) -> Said | None:
        """What one who comes too late is told, or his order of before; None if he does not.

        Nothing is ever admitted here, so the wish need not be prepared. Raises Busy.
        """
        if not self._too_late(shop_id, asked.offer_id):
            return None
        said = await self._lane(shop_id, True).put(asked)
        return None if said is HAS_KEPT else said

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

    def _lane(self, shop_id: UUID, late: bool) -> Shop:
        lane = self._lanes.get((shop_id, late))
        if lane is None:
            if len(self._lanes) >= LANES_MAX:
                self._lanes = {name: one for name, one in self._lanes.items() if not one.idle}
            decide = self._from_memory if late else self._decide
            lane = Lane(lambda batch: decided(partial(decide, shop_id), batch))
            self._lanes[shop_id, late] = lane
        return lane

    async def _decide(self, shop_id: UUID, batch: Sequence[Asked]) -> list[Said]:
        numbers = [order_number(self._numbers[shop_id]) for _ in batch]
        fresh = [ids.uuid7() for _ in batch]
        said = await self._admission.place(shop_id, clock.now(), fresh, numbers, batch)
        until = asyncio.get_running_loop().time() + LOSERS_S
        for asked, one in zip(batch, said, strict=True):
            if one.verdict is Verdict.SOLD_OUT and one.number == 0:
                self._sold_out[shop_id, asked.offer_id] = (until, one)
        return said

    async def _from_memory(self, shop_id: UUID, batch: Sequence[Asked]) -> list[Said]:
        before = await self._admission.prior(shop_id, batch)
        kept = await self._admission.kept(shop_id, batch)
        gone = Said(Verdict.SOLD_OUT, None, 0, None)
        return [one or (HAS_KEPT if at in kept else gone) for at, one in enumerate(before)]

    async def close(self) -> None:
        """Waits for the batches under way, then closes the connections."""
        for lane in list(self._lanes.values()):
            await lane.settle()
        await self._admission.close()
