"""`make crash-orders`: kill -9 of the API and of PostgreSQL under load, with retries.

Buyers repeat an order under its key until they have an answer; the shop packs so many boxes a day,
one of its two offers has few boxes, and some buyers pay with a coupon, twice with the same piece.
In the end what was acknowledged must be what is stored, each key has one order, no day, stock or
coupon gave more than it had, and the standing audit finds nothing. The last line is one JSON
object; it ends with an error if anything is wrong.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import text

from bench.orders import place
from bench.orders.place import Buyer, Offer, Place
from bench.orders.run import Api
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.trade import audit, capacity, offers_sql
from tiantou.trade.deals import coupons
from tiantou.trade.deals.claiming import Claims
from tiantou.trade.deals.coupons import CouponIn

ORDERS = "/api/orders"
ANSWER_S = 10.0
PATIENCE_S = 120.0
STOCK, SCARCE, A_DAY, COUPONS = 1_000_000, 400, 150, 300
AGAIN_SHARE = 0.1
# the most orders of one buyer, so that nobody meets the limit of unpaid ones
ORDERS_EACH = 8


@dataclass
class Seen:
    """What buyers were told."""

    acked: dict[tuple[UUID, str], str] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    retries: int = 0
    differed: int = 0
    repeated: int = 0


TAKEN = """
  select (select coalesce(min(p.taken), 0) from trade.pool p
           where p.shop_id = :shop and p.kind = 'stock'
             and p.available + p.taken < 1000000) as scarce,
         (select count(*) from trade.pool p
           where p.shop_id = :shop and p.kind = 'day' and p.taken = :day) as days,
         (select coalesce(sum(greatest(0, x.boxes - :day)), 0)::int from (
           select sum(day_units) as boxes from trade.orders
            where shop_id = :shop group by ship_day) x) as over_day,
         (select count(*) from trade.coupon_claim where state = 'used') as used,
         (select count(*) from trade.orders where shop_id = :shop and shop_off_fen > 0) as reduced
"""


class Cut(Exception):
    """No answer: the order may have been placed."""


async def _ask(port: int, raw: bytes) -> tuple[int, dict[str, Any]]:
    """One request on a connection of its own. Raises Cut."""
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(raw)
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
                body = await reader.readexactly(int(length))
            finally:
                writer.close()
    except (OSError, EOFError, TimeoutError, ValueError) as error:
        raise Cut from error
    return int(head.split(b" ", 2)[1]), json.loads(body)


async def _insist(port: int, raw: bytes, seen: Seen) -> tuple[int, dict[str, Any]]:
    """Repeats until there is an answer that is one."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(Cut):
                status, said = await _ask(port, raw)
                if status < 500:
                    return status, said
            seen.retries += 1
            await asyncio.sleep(0.05 + random.random() / 5)


class Goods(NamedTuple):
    """What is for sale, and the pieces of a coupon that buyers hold."""

    offers: list[Offer]
    claims: dict[UUID, UUID]


async def _buy(
    port: int, buyers: list[Buyer], goods: Goods, seen: Seen, stop: asyncio.Event
) -> None:
    """One order after the other, in turns of buyers and offers; a coupon is tried twice."""
    for turn in range(ORDERS_EACH * len(buyers)):
        if stop.is_set():
            return
        buyer, key = buyers[turn % len(buyers)], uuid4().hex
        offer = goods.offers[turn // len(buyers) % len(goods.offers)]
        coupon = goods.claims.get(buyer.id) if turn < 2 * len(buyers) else None
        raw = place.request(ORDERS, buyer, offer, coupon)
        raw = raw.replace(place.KEY_MARK.encode(), key.encode())
        status, said = await _insist(port, raw, seen)
        if status != 201:
            kind = str(said["type"]).removeprefix("/problems/")
            seen.refused[kind] = seen.refused.get(kind, 0) + 1
            continue
        seen.acked[buyer.id, key] = said["order_id"]
        if random.random() < AGAIN_SHARE:
            seen.repeated += 1
            status, again = await _insist(port, raw, seen)
            seen.differed += status != 201 or again["order_id"] != said["order_id"]


async def _shop(made: Place, buyers: list[Buyer]) -> Goods:
    """A shop that packs A_DAY boxes a day, an offer of plenty and one of few boxes, and COUPONS
    pieces of a coupon, each with a buyer.
    """
    plenty, few = await place.put_offers(made, STOCK, each=2)
    shop, now = few.shop_id, clock.now()
    who = Subject(ids.uuid7(), 1, ids.uuid7())
    said = CouponIn(
        title="crash", off_fen=500, threshold_fen=1_000, pieces=COUPONS, per_buyer=1,
        claim_from=now, claim_until=now + timedelta(days=1), use_days=7, use_until=None,
    )  # fmt: skip
    async with made.database.begin() as tx:
        await offers_sql.move(tx, shop, few.pack_id, SCARCE - STOCK, "count", "crash", now)
        await capacity.state(tx, who, shop, [A_DAY] * 7, 1_440)
        coupon = await coupons.issue(tx, who, shop, said)
    claims = Claims(made.database)
    lucky = [one.id for one in buyers[:COUPONS]]
    pieces = await asyncio.gather(*(claims.claim(shop, coupon.id, one, "crash") for one in lucky))
    return Goods([plenty, few], dict(zip(lucky, pieces, strict=True)))


async def _kill_postgres(made: Place) -> None:
    """All of it at once; its keeper starts it again."""
    for pid in made.servers():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def _until(count: int, seen: Seen) -> None:
    """Waits until so many orders more were acknowledged. Raises TimeoutError."""
    wanted = len(seen.acked) + count
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if len(seen.acked) >= wanted:
                return
            await asyncio.sleep(0.05)


async def _compare(made: Place, shop_id: UUID, seen: Seen) -> dict[str, Any]:
    """What is stored beside what was acknowledged."""
    async with made.database.begin() as tx:
        rows = await tx.execute(
            text("select order_id::text, buyer_id from trade.orders where shop_id = :shop"),
            {"shop": shop_id},
        )
        stored = {row.order_id for row in rows}
        taken = (await tx.execute(text(TAKEN), {"shop": shop_id, "day": A_DAY})).one()
    acked = set(seen.acked.values())
    books = await audit.look(made.database)
    return {
        "acknowledged": len(seen.acked),
        "stored": len(stored),
        "lost": len(acked - stored),
        "never_acknowledged": len(stored - acked),
        "keys_with_two_orders": len(seen.acked) - len(acked),
        "answered_differently": seen.differed,
        "repeated": seen.repeated,
        "retries": seen.retries,
        "refused": seen.refused,
        "scarce_sold": taken.scarce,
        "days_filled": taken.days,
        "coupons_used": taken.used,
        "orders_with_coupon": taken.reduced,
        "over_capacity": taken.over_day + max(0, taken.scarce - SCARCE),
        "coupons_differ": abs(taken.used - taken.reduced),
        "audit": {one.rule: one.count for one in books.differences},
    }


def wrong(said: dict[str, Any]) -> list[str]:
    """What must not be."""
    none = ("lost", "never_acknowledged", "keys_with_two_orders", "answered_differently")
    found = [name for name in (*none, "over_capacity", "coupons_differ", "audit") if said[name]]
    return found + (["no order was placed"] if not said["stored"] else [])


async def crash(
    home: Path, kills: list[str], between: int, buyers: int, at_once: int
) -> dict[str, Any]:
    """Kills in turn, each after `between` orders more; gives the comparison."""
    made = await place.open_place(home)
    try:
        people = await place.put_buyers(made, buyers)
        goods = await _shop(made, people)
        api, seen, stop = Api(made, home), Seen(), asyncio.Event()
        try:
            await api.ready()
            mine = [people[n::at_once] for n in range(at_once)]
            shopping = asyncio.gather(*(_buy(api.port, some, goods, seen, stop) for some in mine))
            for victim in kills:
                await _until(between, seen)
                if victim == "api":
                    await api.kill()
                else:
                    await _kill_postgres(made)
            await _until(between, seen)
            stop.set()
            await shopping
        finally:
            api.close()
        said = await _compare(made, goods.offers[0].shop_id, seen)
    finally:
        await made.close()
    return {"kills": kills, **said}


async def main() -> None:
    """Five kills."""
    kills = ["api", "postgres", "api", "postgres", "postgres"]
    with tempfile.TemporaryDirectory(prefix="tt") as name:
        said = await crash(Path(name), kills, between=1000, buyers=4000, at_once=100)
    print(json.dumps(said))
    if found := wrong(said):
        raise SystemExit(f"wrong: {', '.join(found)}")


if __name__ == "__main__":
    asyncio.run(main())
