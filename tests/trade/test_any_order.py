"""Whatever people, time and the provider do, in whatever order: the audit finds nothing."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.supply.world import weigh
from tests.trade.audit import audit
from tests.trade.market import Market
from tiantou.accounts import people_sql
from tiantou.core.problems import Problem
from tiantou.kit import clock
from tiantou.kit.machine import WrongState
from tiantou.supply import face as supply
from tiantou.trade import expiry, orders, payments, steps
from tiantou.trade import face as trade
from tiantou.trade.admission import Asked, Verdict
from tiantou.trade.admission_sql import open_admission
from tiantou.trade.lanes import Lanes
from tiantou.trade.money import ledger
from tiantou.trade.views import OfferView

ACTS = (
    "place", "place", "place", "pay", "pay", "cancel", "expire", "refund_part", "refund_all",
    "pack", "restock", "flash", "close", "price", "tell",
)  # fmt: skip
ACT = st.tuples(st.sampled_from(ACTS), st.integers(0, 9), st.integers(1, 3))


@dataclass
class Fair:
    """One example: what was placed so far, and two lanes' processes to place through."""

    market: Market
    lanes: list[Lanes]
    buyers: list[UUID]
    placed: list[tuple[UUID, UUID]] = field(default_factory=list)

    async def offers(self) -> list[OfferView]:
        async with self.market.database.begin() as tx:
            return await trade.offers_of_packs(tx, self.market.shop, [self.market.world.pack_id])

    async def run(self, act: str, which: int, much: int) -> None:
        """An act that the present state does not take is refused; that is no failure."""
        if act in {"pay", "cancel", "refund_part", "refund_all", "pack"} and not self.placed:
            return
        try:
            await getattr(self, f"_{act}")(which, much)
        except (Problem, WrongState):
            return

    def _order(self, which: int) -> tuple[UUID, UUID]:
        return self.placed[which % len(self.placed)]

    async def _place(self, which: int, much: int) -> None:
        offers = await self.offers()
        offer = offers[which % len(offers)]
        asked = [self._asked(offer, (which + n) % 5, much) for n in range(3)]
        said = await asyncio.gather(
            *(
                self.lanes[n % 2].place(self.market.shop, one)
                for n, one in enumerate([*asked, asked[0]])
            )
        )
        # "sold out" is nobody's last word: one of the two may be told so while stock comes back,
        # but a key has one order, and whoever asks again gets it
        told = {one.placed for one in (said[0], said[3]) if one.placed}
        if told:
            again = await self.lanes[1].place(self.market.shop, asked[0])
            assert told == {again.placed}
        first = said[0] if said[0].placed else said[3]
        for one, wish in zip([first, *said[1:3]], asked, strict=True):
            if one.verdict is Verdict.ADMITTED and one.placed:
                self.placed.append((one.placed.order_id, wish.buyer_id))

    def _asked(self, offer: OfferView, buyer: int, units: int) -> Asked:
        return Asked(
            self.buyers[buyer], buyer, uuid4(), uuid4(), offer.id, units, offer.price_fen,
            bytes.fromhex(offer.snapshot), 0, "shop", "421182", None, "",
        )  # fmt: skip

    async def _pay(self, which: int, much: int) -> None:
        """Paid in time or, when `much` is 1, only after the hold ran out."""
        order_id, buyer_id = self._order(which)
        shop, sandbox = self.market.shop, self.market.sandbox
        wish = payments.Wish(buyer_id=buyer_id, orders=((shop, order_id),), return_to="/me")
        started = await payments.start(self.market.database, self.market.gateways, wish)
        if much == 1:
            await self._expire(which, much)
        will = ("done", "fail_once", "fail")[which % 3]
        book = (await sandbox.look(started.payment_id)) is not None
        assert book
        await sandbox.choose(started.payment_id, "refused" if which == 9 else "paid", will)

    async def _expire(self, which: int, much: int) -> None:
        async with self.market.database.begin() as tx:
            await tx.execute(
                text("update trade.orders set pay_before_at = now() where order_id = :order"),
                {"order": self._order(which)[0] if self.placed else UUID(int=0)},
            )
        await asyncio.gather(*(expiry.sweep(self.market.database) for _ in range(2)))

    async def _cancel(self, which: int, much: int) -> None:
        order_id, buyer_id = self._order(which)
        async with self.market.database.begin() as tx:
            await orders.cancel(tx, buyer_id, self.market.shop, order_id)

    async def _refund(self, which: int, fen: int | None) -> None:
        order_id, buyer_id = self._order(which)
        async with self.market.database.begin() as tx:
            order = await steps.held(tx, self.market.shop, order_id)
            await orders.refund(tx, order, fen, "试", str(uuid4()), "seller", buyer_id)

    async def _refund_part(self, which: int, much: int) -> None:
        await self._refund(which, much * 500)

    async def _refund_all(self, which: int, much: int) -> None:
        await self._refund(which, None)

    async def _pack(self, which: int, much: int) -> None:
        order_id, buyer_id = self._order(which)
        async with self.market.database.begin() as tx:
            await orders.start_packing(tx, self.market.shop, order_id, buyer_id)
            if much > 1:
                await orders.pack(tx, self.market.shop, order_id, buyer_id, None)

    async def _restock(self, which: int, much: int) -> None:
        world = self.market.world
        slip = await weigh(self.market.database, world, much * 2500)
        async with self.market.database.begin() as tx:
            await supply.pack_lot(tx, world.who, world.org_id, slip.lot_id, world.pack_id, much)

    async def _flash(self, which: int, much: int) -> None:
        async with self.market.database.begin() as tx:
            await trade.open_offer(
                tx, self.market.shop, self.market.world.pack_id, "flash", 1000 + which, much,
                2, closes_at=clock.now() + timedelta(hours=1),
            )  # fmt: skip

    async def _close(self, which: int, much: int) -> None:
        flashes = [one.id for one in await self.offers() if one.kind == "flash"]
        async with self.market.database.begin() as tx:
            for flash in flashes[:1]:
                await trade.close_offer(tx, self.market.shop, flash)

    async def _price(self, which: int, much: int) -> None:
        offers = await self.offers()
        async with self.market.database.begin() as tx:
            await trade.change_price(
                tx, self.market.shop, offers[which % len(offers)].id, 2000 + much
            )

    async def _tell(self, which: int, much: int) -> None:
        await self.market.pump()


@given(acts=st.lists(ACT, min_size=20, max_size=40))
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_the_audit_finds_nothing(market: Market, dsn: str, acts: list[Any]) -> None:
    await market.stock(6)
    async with market.database.begin() as tx:
        buyers = [(await people_sql.add(tx)).id for _ in range(5)]
    fair = Fair(market, [Lanes(await open_admission(dsn)) for _ in range(2)], buyers)
    try:
        for act, which, much in acts:
            await fair.run(act, which, much)
        await market.pump()
        assert await audit(market.database) == {}
        async with market.database.begin() as tx:
            assert await ledger.balanced(tx)
            assert await tx.scalar(text("select count(*) from core.waiting")) == 0
    finally:
        for one in fair.lanes:
            await one.close()
