"""Claiming a coupon: exact under any rush, as orders are, by gathering while a batch is in flight.

After "used up" the next ones are answered from memory for a moment.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from tiantou.core.db import Database, refused_for_now
from tiantou.core.lanes import Lane
from tiantou.core.problems import Busy, NotFound, Problem
from tiantou.kit import clock, ids
from tiantou.trade.deals import coupons_sql as sql
from tiantou.trade.problems import CouponLimit, CouponNotOpen, CouponUsedUp

LANES_MAX = 1_024


class Verdict(IntEnum):
    """As the statement gives them."""

    CLAIMED = 0
    USED_UP = 1
    LIMIT = 2
    NOT_OPEN = 3
    NO_SUCH = 4


_REFUSALS: dict[Verdict, type[Problem]] = {
    Verdict.USED_UP: CouponUsedUp,
    Verdict.LIMIT: CouponLimit,
    Verdict.NOT_OPEN: CouponNotOpen,
    Verdict.NO_SUCH: NotFound,
}


class Wish(NamedTuple):
    """Who wants a piece, under the id that the claim will have."""

    claim_id: UUID
    buyer_id: UUID


def claim_id(buyer_id: UUID, key: str) -> UUID:
    """The id of a claim: the same request again is the same claim."""
    return ids.digest(buyer_id.bytes + key.encode())


class Claims:
    """The lanes of a process, one a coupon."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lanes: dict[tuple[UUID, UUID], Lane[Wish, Verdict]] = {}

    async def claim(self, issuer_id: UUID, coupon_id: UUID, buyer_id: UUID, key: str) -> UUID:
        """The claim, made now or before under this key.

        Raises CouponUsedUp, CouponLimit, CouponNotOpen, NotFound, Busy.
        """
        wish = Wish(claim_id(buyer_id, key), buyer_id)
        verdict = await self._lane(issuer_id, coupon_id).put(wish)
        if verdict in _REFUSALS:
            raise _REFUSALS[verdict]()
        return wish.claim_id

    def _lane(self, issuer_id: UUID, coupon_id: UUID) -> Lane[Wish, Verdict]:
        name = (issuer_id, coupon_id)
        lane = self._lanes.get(name)
        if lane is None:
            if len(self._lanes) >= LANES_MAX:
                self._lanes = {key: one for key, one in self._lanes.items() if not one.idle}
            lane = self._lanes[name] = Lane(lambda wishes: self._decide(name, wishes))
        return lane

    async def _decide(
        self, name: tuple[UUID, UUID], wishes: Sequence[Wish]
    ) -> list[Verdict | BaseException]:
        claims, buyers = [one.claim_id for one in wishes], [one.buyer_id for one in wishes]
        try:
            async with self._database.beside() as tx:
                said, _ = await sql.claim_all(tx, *name, clock.now(), claims, buyers)
        except Exception as error:
            if refused_for_now(error):
                return [Busy(retry_after_s=1)] * len(wishes)
            raise
        return [Verdict(one) for one in said]
