"""What people, time, the weather and other channels do at a market, by name; in any process.

`python -m tests.trade.fair` is a second process of it: it reads a `Job` pickled in hex, says
"ready", and then does a line of acts at a time, as JSON, and says "done".
"""

import asyncio
import json
import pickle
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.supply.world import KEYS, World, weigh
from tests.trade.market import TO, pump
from tiantou.core.db import Database, open_database, refused_for_now
from tiantou.core.problems import Problem
from tiantou.engines.pay_sandbox import PaySandbox
from tiantou.kit import clock
from tiantou.kit.machine import WrongState
from tiantou.logistics.face import Closure
from tiantou.supply import face as supply
from tiantou.trade import (
    capacity,
    disruptions,
    expiry,
    imports,
    orders,
    payments,
    presales,
    steps,
    waiting,
)
from tiantou.trade import face as trade
from tiantou.trade.admission import Asked, Verdict
from tiantou.trade.admission_sql import open_admission
from tiantou.trade.checkout import Recipient
from tiantou.trade.lanes import Lanes
from tiantou.trade.ports import Gateways
from tiantou.trade.views import OfferView

ACTS = (
    "place", "place", "place", "pay", "pay", "cancel", "expire", "refund_part", "refund_all",
    "pack", "restock", "flash", "close", "price", "tell", "imports", "imports", "rain", "room",
    "wait", "ahead", "ahead_no_more",
)  # fmt: skip
NEEDS_AN_ORDER = {"pay", "cancel", "refund_part", "refund_all", "pack"}


@dataclass(frozen=True)
class Job:
    """What a second process needs to know."""

    dsn: str
    home: Path
    url: str
    world: World
    buyers: list[UUID]


@dataclass
class Fair:
    """A process at the market: its own connections, lanes and provider's desk."""

    job: Job
    database: Database
    lanes: Lanes
    sandbox: PaySandbox
    done: int = 0
    "acts that were not refused"

    @property
    def shop(self) -> UUID:
        """The seller."""
        return self.job.world.org_id

    @property
    def gateways(self) -> Gateways:
        """The provider."""
        return Gateways((self.sandbox,))

    async def close(self) -> None:
        """Ends its connections."""
        await self.lanes.close()
        await self.database.close()

    async def run(self, act: str, which: int, much: int) -> None:
        """An act that the present state does not take, or that a rival is in the way of, is
        refused; that is no failure.
        """
        try:
            if act in NEEDS_AN_ORDER:
                order = await self._order(which)
                if order is not None:
                    await getattr(self, f"_{act}")(order, which, much)
            else:
                await getattr(self, f"_{act}")(which, much)
        except (Problem, WrongState):
            return
        except DBAPIError as error:
            if not refused_for_now(error):
                raise
            return
        self.done += 1

    async def _order(self, which: int) -> tuple[UUID, UUID] | None:
        """An order, whoever placed it in whichever process; of another channel, of nobody."""
        async with self.database.begin() as tx:
            rows = (
                await tx.execute(
                    text(
                        "select order_id, coalesce(buyer_id, :nobody) as buyer_id from trade.orders"
                        " where shop_id = :shop order by order_id desc limit 12"
                    ),
                    {"shop": self.shop, "nobody": UUID(int=0)},
                )
            ).all()
        return tuple(rows[which % len(rows)]) if rows else None

    async def _offers(self) -> list[OfferView]:
        async with self.database.begin() as tx:
            return await trade.offers_of_packs(tx, self.shop, [self.job.world.pack_id])

    async def _place(self, which: int, much: int) -> None:
        offers = await self._offers()
        offer = offers[which % len(offers)]
        asked = [self._asked(offer, (which + n) % 5, much) for n in range(3)]
        said = await asyncio.gather(
            *(self.lanes.place(self.shop, one) for one in [*asked, asked[0]])
        )
        # "sold out" is nobody's last word: one of the two may be told so while stock comes back,
        # but a key has one order, and whoever asks again gets it
        told = {one.placed.order_id for one in (said[0], said[3]) if one.placed}
        if told:
            again = await self.lanes.place(self.shop, asked[0])
            assert again.placed and told == {again.placed.order_id}
        assert all((one.verdict is Verdict.ADMITTED) == bool(one.placed) for one in said)

    def _asked(self, offer: OfferView, buyer: int, units: int) -> Asked:
        return Asked(
            self.job.buyers[buyer], buyer, uuid4(), uuid4(), offer.id, units, offer.price_fen,
            bytes.fromhex(offer.snapshot), 0, "shop", "421182", None, "",
        )  # fmt: skip

    async def _pay(self, order: tuple[UUID, UUID], which: int, much: int) -> None:
        """Paid in time or, when `much` is 1, only after the hold ran out."""
        order_id, buyer_id = order
        wish = payments.Wish(buyer_id=buyer_id, orders=((self.shop, order_id),), return_to="/me")
        started = await payments.start(self.database, self.gateways, wish)
        if much == 1:
            await self._run_out(order_id)
        will = ("done", "fail_once", "fail")[which % 3]
        await self.sandbox.choose(started.payment_id, "refused" if which == 9 else "paid", will)

    async def _run_out(self, order_id: UUID) -> None:
        async with self.database.begin() as tx:
            await tx.execute(
                text(
                    "update trade.orders set pay_before_at = now()"
                    " where order_id = :order and pay_before_at is not null"
                ),
                {"order": order_id},
            )
        await asyncio.gather(*(expiry.sweep(self.database) for _ in range(2)))

    async def _expire(self, which: int, much: int) -> None:
        order = await self._order(which)
        if order is not None:
            await self._run_out(order[0])

    async def _cancel(self, order: tuple[UUID, UUID], which: int, much: int) -> None:
        async with self.database.begin() as tx:
            await orders.cancel(tx, order[1], self.shop, order[0])

    async def _refund(self, order: tuple[UUID, UUID], fen: int | None) -> None:
        async with self.database.begin() as tx:
            held = await steps.held(tx, self.shop, order[0])
            await orders.refund(tx, held, fen, "试", str(uuid4()), "seller", order[1])

    async def _refund_part(self, order: tuple[UUID, UUID], which: int, much: int) -> None:
        await self._refund(order, much * 500)

    async def _refund_all(self, order: tuple[UUID, UUID], which: int, much: int) -> None:
        await self._refund(order, None)

    async def _pack(self, order: tuple[UUID, UUID], which: int, much: int) -> None:
        async with self.database.begin() as tx:
            await orders.start_packing(tx, self.shop, order[0], order[1])
            if much > 1:
                await orders.pack(tx, self.shop, order[0], order[1], None)

    async def _restock(self, which: int, much: int) -> None:
        world = self.job.world
        slip = await weigh(self.database, world, much * 2500)
        async with self.database.begin() as tx:
            await supply.pack_lot(tx, world.who, self.shop, slip.lot_id, world.pack_id, much)

    async def _flash(self, which: int, much: int) -> None:
        async with self.database.begin() as tx:
            await trade.open_offer(
                tx, self.shop, self.job.world.pack_id, "flash", 1000 + which, much,
                2, closes_at=clock.now() + timedelta(hours=1),
            )  # fmt: skip

    async def _close(self, which: int, much: int) -> None:
        flashes = [one.id for one in await self._offers() if one.kind == "flash"]
        async with self.database.begin() as tx:
            for flash in flashes[:1]:
                await trade.close_offer(tx, self.shop, flash)

    async def _price(self, which: int, much: int) -> None:
        offers = await self._offers()
        async with self.database.begin() as tx:
            await trade.change_price(tx, self.shop, offers[which % len(offers)].id, 2000 + much)

    async def _tell(self, which: int, much: int) -> None:
        await pump(self.database, self.gateways)

    async def _imports(self, which: int, much: int) -> None:
        """Both processes import the same numbers; a number with other contents is refused."""
        line = imports.Sold(self.job.world.pack_id, 1 + much % 2, 2_500)
        to = Recipient(TO["recipient"], "138****8000", TO["division_code"], TO["detail"])
        rows = [imports.Row(f"X{(which + n) % 10}", (line,), to=to) for n in range(2)]
        async with self.database.begin() as tx:
            who = self.job.world.who
            taken = await imports.take(tx, KEYS, who, self.shop, "douyin", rows)
        assert all((one.placed is None) == (one.problem is not None) for one in taken)

    async def _rain(self, which: int, much: int) -> None:
        """It rains at the shop's place for some days."""
        until = clock.now() + timedelta(days=much)
        rain = Closure(pick_up=["4211"], deliver=[], from_at=None, until_at=until, reason="下雨")
        async with self.database.begin() as tx:
            await disruptions.state(tx, self.job.world.who, self.shop, rain)

    async def _room(self, which: int, much: int) -> None:
        """The shop says what it packs a day, or that it says nothing."""
        boxes = None if which == 0 else [much] * 7
        async with self.database.begin() as tx:
            await capacity.state(tx, self.job.world.who, self.shop, boxes, 1_440)

    async def _ahead(self, which: int, much: int) -> None:
        """Boxes are sold before they are packed."""
        day = clock.now().date() + timedelta(days=which + 2)
        who, pack = self.job.world.who, self.job.world.pack_id
        async with self.database.begin() as tx:
            await presales.open_presale(tx, who, self.shop, pack, much, day, 2_000 + which)

    async def _ahead_no_more(self, which: int, much: int) -> None:
        async with self.database.begin() as tx:
            who, pack = self.job.world.who, self.job.world.pack_id
            await presales.end_presale(tx, who, self.shop, pack)

    async def _wait(self, which: int, much: int) -> None:
        offers = await self._offers()
        buyer: UUID = self.job.buyers[which % 5]
        async with self.database.begin() as tx:
            await waiting.join(tx, buyer, self.shop, offers[which % len(offers)].id, much)


async def come(job: Job) -> Fair:
    """A process's part of the market."""
    callback = f"{job.url}/api/payments/sandbox/callback"
    return Fair(
        job,
        open_database(job.dsn),
        Lanes(await open_admission(job.dsn)),
        PaySandbox(KEYS, job.home / "pay", callback),
    )


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def main() -> None:
    """A second process: acts as they are told."""
    read = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(read), sys.stdin
    )
    job: Job = pickle.loads(bytes.fromhex((await read.readline()).decode()))
    fair = await come(job)
    _say("ready")
    while line := await read.readline():
        acts: list[Any] = json.loads(line)
        for act in acts:
            await fair.run(*act)
        _say(f"done {fair.done}")
    await fair.close()


if __name__ == "__main__":
    asyncio.run(main())
