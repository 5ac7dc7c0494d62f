"""Admission without HTTP, and the ceiling: the same rows written with nothing decided."""

import asyncio
import hashlib
import statistics
import time
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from bench.orders import place
from bench.orders.place import Buyer, Offer, Place
from tiantou.core.lanes import BATCH_MAX
from tiantou.kit import clock, ids
from tiantou.trade.admission import Asked, Verdict
from tiantou.trade.admission_sql import HOLD, open_admission
from tiantou.trade.lanes import Lanes, order_numbers
from tiantou.trade.lifecycle import ORDER

WAITING = 2 * BATCH_MAX
COUNT_PER_BUYER = 2


def _wish(buyer: Buyer, offer: Offer) -> Asked:
    key = uuid4()
    return Asked(
        buyer_id=buyer.id,
        buyer_no=buyer.no,
        key=key,
        digest=UUID(bytes=hashlib.blake2b(key.bytes, digest_size=16).digest()),
        offer_id=offer.offer_id,
        units=1,
        price_fen=place.PRICE_FEN,
        snapshot=offer.snapshot,
        freight_fen=0,
        origin=offer.origin,
        division_code=place.DIVISION,
        recipient=key.bytes * 8,
        note="",
    )


async def _admit(made: Place, buyers: list[Buyer]) -> float:
    """Orders a second through the lanes, WAITING at a time."""
    (offer,) = await place.put_offers(made, COUNT_PER_BUYER * len(buyers))
    wishes = [_wish(one, offer) for one in buyers for _ in range(COUNT_PER_BUYER)]
    lanes = Lanes(await open_admission(made.dsn))
    asked = iter(wishes)

    async def buy() -> None:
        for wish in asked:
            said = await lanes.place(offer.shop_id, wish)
            if said.verdict is not Verdict.ADMITTED:
                raise ValueError(f"refused: {said.verdict.name}")

    await place.settle(made)
    begin = time.perf_counter()
    await asyncio.gather(*(buy() for _ in range(WAITING)))
    took = time.perf_counter() - begin
    await lanes.close()
    return len(wishes) / took


_WRITE = """
with p as (
  update trade.pool set available = available - cardinality($5::uuid[]),
         taken = taken + cardinality($5::uuid[]) where shop_id = $1 and pool_id = $22),
n as materialized (
  select array(select generate_series(1, cardinality($5::uuid[])))::int[] as at,
         array_fill(0, array[cardinality($5::uuid[])]) as none)
select trade.write_orders($1, $2, $3, $4, n.at, n.at, null, $5, $6, $7, $8, $9, $10, $11, $12, $13,
       $14, $15, $16, $17, $18, $19, $20, array[$22::uuid], array[2500], $23, $21, n.none,
       n.none::bigint[], n.none::bigint[], 'tiantou', null) from n"""


async def _ceiling(made: Place, buyers: list[Buyer]) -> float:
    """Orders a second that are only written: full batches, one after the other, one pool update."""
    (offer,) = await place.put_offers(made, COUNT_PER_BUYER * len(buyers))
    wishes = [_wish(one, offer) for one in buyers for _ in range(COUNT_PER_BUYER)]
    connection = await asyncpg.connect(made.dsn)
    write = await connection.prepare(_WRITE)
    await place.settle(made)
    begin = time.perf_counter()
    for first in range(0, len(wishes), BATCH_MAX):
        some = wishes[first : first + BATCH_MAX]
        columns = list(zip(*some, strict=True))[:13]
        now, count = clock.now(), len(some)
        await write.fetch(
            offer.shop_id, now, HOLD, ORDER.init,
            ids.uuid7s(len(some)), order_numbers(1, len(some)), *columns,
            [1] * count, [now.date()] * count, offer.pack_id,
            [one.units * one.price_fen for one in some],
        )  # fmt: skip
    took = time.perf_counter() - begin
    await connection.close()
    return len(wishes) / took


async def measure(made: Place, buyers: list[Buyer], rounds: int) -> dict[str, Any]:
    """Both in turns."""
    admitted, written = [], []
    for _ in range(rounds):
        written.append(await _ceiling(made, buyers))
        admitted.append(await _admit(made, buyers))
        print(f"in-process {admitted[-1]:.0f}/s, ceiling {written[-1]:.0f}/s", flush=True)
    shares = [ours / most for ours, most in zip(admitted, written, strict=True)]
    return {
        "admit_per_s": round(statistics.median(admitted)),
        "ceiling_per_s": round(statistics.median(written)),
        "admit_ratio": round(statistics.median(shares), 3),
    }
