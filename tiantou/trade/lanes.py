"""The lanes of orders: while a batch is in flight, the next one gathers (core/lanes.py)."""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import TypeVar
from uuid import UUID

from tiantou.core.lanes import Lane
from tiantou.core.problems import Busy
from tiantou.kit import clock, ids
from tiantou.trade.admission import Asked, BadBatch, NotNow, Said, UnknownOutcome, Verdict
from tiantou.trade.admission_sql import Admission, Group
from tiantou.trade.problems import OutcomeUnknown

LANES_MAX = 1024
LOSERS_S = 0.2
# a shop that has so many asks waiting gets a lane of its own, for so long after it last had
HOT_FROM, HOT_FOR_S = 8, 5.0
# a shop is always in the same one of them, so two never wait for each other's shop
TAILS, TAIL_MAX = 2, 128
NUMBER_BITS, NUMBER_BYTES = 45, 6

# said of one who comes too late for the others, but has units kept for him
HAS_KEPT = Said(Verdict.SOLD_OUT, None, -1, None)

log = logging.getLogger("tiantou.orders")

One = TypeVar("One")
Run = Callable[[Sequence[One]], Awaitable[Sequence[Said]]]
Shop = Lane[Asked, Said]
Tail = Lane[tuple[UUID, Asked], Said]


async def decided(run: Run[One], batch: Sequence[One]) -> Sequence[Said | BaseException]:
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


def order_numbers(shop_number: int, count: int) -> list[str]:
    """Fresh numbers: the shop's dense number, 45 random bits, a check sign that is a letter.

    The system is asked for randomness once for all of them: that is what costs.
    """
    made: list[str] = []
    while len(made) < count:
        drawn = secrets.token_bytes(NUMBER_BYTES * (count - len(made)))
        for at in range(0, len(drawn), NUMBER_BYTES):
            bits = int.from_bytes(drawn[at : at + NUMBER_BYTES]) & (1 << NUMBER_BITS) - 1
            number = shop_number << NUMBER_BITS | bits
            if number % 37 < 32:
                made.append(ids.short(number))
    return made


class Lanes:
    """The lanes of a process: of shops that many buy from at once, one each; the tail lanes for all
    others, where one transaction decides for several shops; and one a shop for those who come too
    late.

    After "sold out" the next buyers of that offer are answered from memory for LOSERS_S; only
    their keys are looked up, so that the retry of an admitted order still gets its order, and
    whether units are kept for them because they waited.
    """

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._lanes: dict[tuple[UUID, bool], Shop] = {}
        self._tails = [self._tail() for _ in range(TAILS)]
        self._in_tail: Counter[UUID] = Counter()
        self._hot: dict[UUID, float] = {}
        self._numbers: dict[UUID, int] = {}
        self._sold_out: dict[tuple[UUID, UUID], tuple[float, Said]] = {}

    async def place(self, shop_id: UUID, asked: Asked) -> Said:
        """The verdict on one request. Raises Busy, OutcomeUnknown, BadBatch."""
        if not await self.known([shop_id]):
            return Said(Verdict.NO_SUCH_OFFER, None, 0, None)
        if self.too_late(shop_id, asked.offer_id):
            lost = await self.loser(shop_id, asked)
            if lost is not None:
                return lost
        try:
            return await self._ask(shop_id, asked)
        except BadBatch:
            # A rival's row with the same key, or a number drawn twice: once more, alone.
            return await self._ask(shop_id, asked)

    async def known(self, shops: Collection[UUID]) -> set[UUID]:
        """Those of the shops that there are. Raises Busy."""
        for shop_id in shops:
            if shop_id not in self._numbers:
                try:
                    number = await self._admission.shop_number(shop_id)
                except (NotNow, UnknownOutcome) as error:
                    raise Busy(retry_after_s=1) from error
                if number is not None:
                    self._numbers[shop_id] = number
        return {one for one in shops if one in self._numbers}

    async def _ask(self, shop_id: UUID, asked: Asked) -> Said:
        future: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self.take(shop_id, asked, future)
        return await future

    def take(self, shop_id: UUID, asked: Asked, future: asyncio.Future[Said]) -> None:
        """Answers `future` with the verdict on a request of a known shop, or with Busy,
        OutcomeUnknown, BadBatch: in the shop's own lane while many buy there, in its tail lane
        else.
        """
        now = asyncio.get_running_loop().time()
        if self._in_tail.get(shop_id, 0) >= HOT_FROM:
            if len(self._hot) >= LANES_MAX:
                self._hot = {one: until for one, until in self._hot.items() if until > now}
            self._hot[shop_id] = now + HOT_FOR_S
        if self._hot.get(shop_id, 0) > now:
            self._lane(shop_id, False).take(asked, future)
            return
        if self._tails[shop_id.int % TAILS].take((shop_id, asked), future):
            self._in_tail[shop_id] += 1

    async def loser(self, shop_id: UUID, asked: Asked) -> Said | None:
        """What one who comes too late is told, or his order of before; None if units are kept for
        him.

        Nothing is ever admitted here, so the wish need not be prepared. Raises Busy.
        """
        said = await self._lane(shop_id, True).put(asked)
        return None if said is HAS_KEPT else said

    async def before(self, shop_id: UUID, asked: Asked) -> Said | None:
        """What was decided under the same key, if anything was. Raises Busy."""
        try:
            return (await self._admission.prior(shop_id, [asked]))[0]
        except (NotNow, UnknownOutcome) as error:
            raise Busy(retry_after_s=1) from error

    def too_late(self, shop_id: UUID, offer_id: UUID) -> bool:
        """Whether the offer was sold out a moment ago."""
        if not self._sold_out:
            return False
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

    def _tail(self) -> Tail:
        async def run(batch: Sequence[tuple[UUID, Asked]]) -> Sequence[Said | BaseException]:
            try:
                return await decided(self._decide_all, batch)
            finally:
                for shop_id, _ in batch:
                    self._in_tail[shop_id] -= 1
                    if not self._in_tail[shop_id]:
                        del self._in_tail[shop_id]

        return Lane(run, batch_max=TAIL_MAX)

    async def _decide(self, shop_id: UUID, batch: Sequence[Asked]) -> list[Said]:
        """A batch of one shop, which is as hot as its batch is full."""
        if len(batch) >= HOT_FROM:
            self._hot[shop_id] = asyncio.get_running_loop().time() + HOT_FOR_S
        return (await self._place([(shop_id, batch)]))[0]

    async def _decide_all(self, batch: Sequence[tuple[UUID, Asked]]) -> list[Said]:
        """A batch of several shops, in one transaction."""
        shops: dict[UUID, list[int]] = {}
        for at, (shop_id, _) in enumerate(batch):
            shops.setdefault(shop_id, []).append(at)
        some = [(shop, [batch[at][1] for at in shops[shop]]) for shop in sorted(shops)]
        said = await self._place(some)
        told = {
            at: one
            for (shop, _), answers in zip(some, said, strict=True)
            for at, one in zip(shops[shop], answers, strict=True)
        }
        return [told[at] for at in range(len(batch))]

    async def _place(self, some: Sequence[tuple[UUID, Sequence[Asked]]]) -> list[list[Said]]:
        groups = [
            Group(
                shop_id,
                ids.uuid7s(len(batch)),
                order_numbers(self._numbers[shop_id], len(batch)),
                batch,
            )
            for shop_id, batch in some
        ]
        said = await self._admission.place_all(clock.now(), groups)
        until = asyncio.get_running_loop().time() + LOSERS_S
        for group, answers in zip(groups, said, strict=True):
            for asked, one in zip(group.asked, answers, strict=True):
                if one.verdict is Verdict.SOLD_OUT and one.number == 0:
                    self._sold_out[group.shop_id, asked.offer_id] = (until, one)
        return said

    async def _from_memory(self, shop_id: UUID, batch: Sequence[Asked]) -> list[Said]:
        before = await self._admission.prior(shop_id, batch)
        kept = await self._admission.kept(shop_id, batch)
        gone = Said(Verdict.SOLD_OUT, None, 0, None)
        return [one or (HAS_KEPT if at in kept else gone) for at, one in enumerate(before)]

    async def close(self) -> None:
        """Waits for the batches under way, then closes the connections."""
        for tail in self._tails:
            await tail.settle()
        for lane in list(self._lanes.values()):
            await lane.settle()
        await self._admission.close()
