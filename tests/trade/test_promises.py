"""What an order takes besides stock: several lines, packing days, coupons, kept units, channels."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.stall import PRICE_FEN, Stall, person, put_offer, put_pool, put_shop, put_stall
from tiantou.core.db import Database
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.trade import capacity
from tiantou.trade import orders_sql as sql
from tiantou.trade.admission import Line, Said, Verdict, WhyNot
from tiantou.trade.admission_sql import Admission, open_admission
from tiantou.trade.lanes import Lanes, order_numbers
from tiantou.trade.promises import CHINA

WHO = Subject(UUID(int=1), 1, UUID(int=2))
EVERY_DAY = [3] * 7


@pytest.fixture
async def admission(dsn: str) -> AsyncIterator[Admission]:
    made = await open_admission(dsn)
    yield made
    await made.close()


@pytest.fixture
def lanes(admission: Admission) -> Lanes:
    return Lanes(admission)


def _today() -> date:
    return clock.now().astimezone(CHINA).date()


async def _capacity(
    database: Database, shop_id: UUID, boxes: list[int] | None, cut_off: int = 1_440
) -> None:
    async with database.begin() as tx:
        await capacity.state(tx, WHO, shop_id, boxes, cut_off)


async def _two_goods(database: Database) -> tuple[Stall, Stall]:
    """One shop, two packs with five boxes each."""
    async with database.begin() as tx:
        shop_id, packs = await put_shop(tx), [ids.uuid7(), ids.uuid7()]
        first, second = [
            await put_offer(tx, shop_id, pack, {pack: ("stock", 5, 1)}) for pack in packs
        ]
    return first, second


def _and(second: Stall, units: int, **more: Any) -> Line:
    return Line(second.offer_id, units, more.get("price_fen", PRICE_FEN), second.snapshot)


async def _left(database: Database, stall: Stall) -> int:
    async with database.begin() as tx:
        found = await tx.scalar(
            text("select available from trade.pool where pool_id = :id"), {"id": stall.pack_id}
        )
    return int(found or 0)


async def _end(database: Database, shop_id: UUID, said: Said) -> None:
    """The order is cancelled by its buyer."""
    assert said.placed
    order = said.placed.order_id
    async with database.begin() as tx:
        await tx.execute(
            text("update trade.orders set state = 'cancelled' where order_id = :o"), {"o": order}
        )
        await tx.execute(
            text("update trade.my_order set state = 'cancelled' where order_id = :o"), {"o": order}
        )
        await tx.execute(
            text(
                "insert into trade.order_event (shop_id, order_id, seq, event, state, by, at)"
                " values (:s, :o, 2, 'cancel', 'cancelled', 'buyer', now())"
            ),
            {"s": shop_id, "o": order},
        )
        await sql.give_back(tx, shop_id, order, clock.now())


async def _described(database: Database, stall: Stall, title: str) -> None:
    document = {"product": {"title": title}}
    async with database.begin() as tx:
        await tx.execute(
            text("insert into trade.snapshot values (:s, :h, cast(:d as jsonb), now())"),
            {"s": stall.shop_id, "h": stall.snapshot, "d": json.dumps(document)},
        )


async def test_lines_are_admitted_together_or_not_at_all(database: Database, lanes: Lanes) -> None:
    first, second = await _two_goods(database)
    shop = first.shop_id
    await _described(database, first, "脐橙")
    await _described(database, second, "苹果")
    both = await lanes.place(shop, first.wants(units=2, more=(_and(second, 3),), freight_fen=900))
    assert both.verdict is Verdict.ADMITTED and both.placed
    assert both.placed.amount_fen == 5 * PRICE_FEN + 900
    async with database.begin() as tx:
        order = await sql.order(tx, shop, both.placed.order_id)
    assert order is not None
    assert [(one.line_no, one.offer_id, one.units, one.title) for one in order.lines] == [
        (1, first.offer_id, 2, "脐橙"),
        (2, second.offer_id, 3, "苹果"),
    ]
    refused = await lanes.place(shop, first.wants(2, units=1, more=(_and(second, 3),)))
    assert (refused.verdict, refused.number, refused.line) == (Verdict.SOLD_OUT, 2, 1)
    dear = await lanes.place(shop, first.wants(2, more=(_and(second, 1, price_fen=1),)))
    assert (dear.verdict, dear.line) == (Verdict.PRICE_CHANGED, 1)
    assert [await _left(database, one) for one in (first, second)] == [3, 2]
    batch = [first.wants(no, units=1, more=(_and(second, 1),)) for no in range(3, 7)]
    said = await asyncio.gather(*(lanes.place(shop, one) for one in batch))
    assert sorted(one.verdict for one in said) == [0, 0, 1, 1]
    assert [await _left(database, one) for one in (first, second)] == [1, 0]
    await _end(database, shop, both)
    assert [await _left(database, one) for one in (first, second)] == [3, 3]
    assert await audit(database) == {}


async def test_two_lines_of_one_order_may_take_from_one_pool(
    database: Database, lanes: Lanes
) -> None:
    async with database.begin() as tx:
        shop, pack = await put_shop(tx), ids.uuid7()
        pools = {pack: ("stock", 4, 1)}
        one, two = [await put_offer(tx, shop, pack, pools, kind=k) for k in ("standing", "flash")]
    said = await lanes.place(shop, one.wants(units=3, more=(_and(two, 2),)))
    assert (said.verdict, said.number, said.line) == (Verdict.SOLD_OUT, 1, 1)
    assert (await lanes.place(shop, one.wants(units=3, more=(_and(two, 1),)))).placed
    assert await audit(database) == {}


async def test_days_fill_one_after_the_other_and_come_back(
    database: Database, lanes: Lanes
) -> None:
    stall = await put_stall(database, 500)
    shop = stall.shop_id
    await _capacity(database, shop, EVERY_DAY)
    first = _today() + timedelta(days=2)
    said = [await lanes.place(shop, stall.wants(no, units=2)) for no in range(4)]
    days = [one.placed.ship_day for one in said if one.placed]
    assert days == [first + timedelta(days=at) for at in range(4)]
    single = await lanes.place(shop, stall.wants(9))
    assert single.placed and single.placed.ship_day == first
    seen = await lanes.place(shop, stall.wants(10, ship_by=first))
    assert (seen.verdict, seen.day) == (Verdict.SENT_LATER, first + timedelta(days=1))
    assert (await lanes.place(shop, stall.wants(10, ship_by=seen.day))).placed
    big = await lanes.place(shop, stall.wants(11, units=4))
    assert big.verdict is Verdict.NO_ROOM
    await _end(database, shop, said[0])
    again = await lanes.place(shop, stall.wants(12, units=2))
    assert again.placed and again.placed.ship_day == first
    assert await audit(database) == {}


async def test_less_room_than_was_promised_takes_nothing_back(
    database: Database, lanes: Lanes
) -> None:
    stall = await put_stall(database, 500)
    shop, first = stall.shop_id, _today() + timedelta(days=2)
    await _capacity(database, shop, EVERY_DAY)
    said = await lanes.place(shop, stall.wants(units=3))
    async with database.begin() as tx:
        await capacity.state_day(tx, WHO, shop, first, 1)
        (day,) = [one for one in await capacity.days(tx, shop) if one.day == first]
    assert (day.boxes, day.promised, day.left, day.exception) == (1, 3, 0, True)
    assert await audit(database) == {}
    await _end(database, shop, said)
    other = await lanes.place(shop, stall.wants(2))
    assert other.placed and other.placed.ship_day == first
    last = await lanes.place(shop, stall.wants(3))
    assert last.placed and last.placed.ship_day == first + timedelta(days=1)
    await _capacity(database, shop, None)
    free = await lanes.place(shop, stall.wants(4, units=9))
    assert free.placed and free.placed.ship_day == first
    assert await audit(database) == {}


async def test_after_the_cut_off_an_order_counts_for_the_next_day(
    database: Database, lanes: Lanes
) -> None:
    stall = await put_stall(database)
    await _capacity(database, stall.shop_id, None, cut_off=0)
    said = await lanes.place(stall.shop_id, stall.wants())
    assert said.placed and said.placed.ship_day == _today() + timedelta(days=3)


async def _coupon(
    database: Database, issuer: UUID, buyers: list[int], off: int = 500, kind: str = "shop"
) -> list[UUID]:
    """Claims on a coupon, one for each of these buyers."""
    coupon, now = ids.uuid7(), clock.now()
    async with database.begin() as tx:
        await put_pool(tx, issuer, coupon, "coupon", len(buyers), now)
        await tx.execute(
            text(
                "insert into trade.coupon (issuer_id, coupon_id, kind, state, title, off_fen,"
                " threshold_fen, per_buyer, claim_from, claim_until, use_days, at) values (:issuer,"
                " :coupon, :kind, 'open', '减', :off, :need, 1, :now, :until, 7, :now)"
            ),
            {"issuer": issuer, "coupon": coupon, "kind": kind, "off": off, "need": 2 * off,
             "now": now, "until": now + timedelta(days=1)},
        )  # fmt: skip
        claims = []
        for buyer in buyers:
            claims.append(ids.uuid7())
            await tx.execute(
                text(
                    "with p as (update trade.pool set available = available - 1, taken = taken + 1"
                    " where pool_id = :coupon) insert into trade.coupon_claim (claim_id,"
                    " issuer_id, coupon_id, buyer_id, state, usable_until, at)"
                    " values (:claim, :issuer, :coupon, :buyer, 'held', :until, :now)"
                ),
                {"claim": claims[-1], "issuer": issuer, "coupon": coupon, "buyer": person(buyer),
                 "until": now + timedelta(days=7), "now": now},
            )  # fmt: skip
    return claims


async def test_a_coupon_of_each_kind_is_taken_off_once(database: Database, lanes: Lanes) -> None:
    stall = await put_stall(database)
    shop = stall.shop_id
    (mine, other), (ours,) = (
        await _coupon(database, shop, [1, 2]),
        await _coupon(database, ids.uuid7(), [1], 300, "platform"),
    )
    both = {"coupon": mine, "platform_coupon": ours}
    rivals = await asyncio.gather(
        *(lanes.place(shop, stall.wants(1, freight_fen=800, **both)) for _ in range(3))
    )
    assert sorted(one.verdict for one in rivals) == [0, 12, 12]
    (used,) = [one for one in rivals if one.placed]
    assert used.placed and used.placed.amount_fen == PRICE_FEN + 800 - 500 - 300
    assert {one.number for one in rivals if not one.placed} == {WhyNot.USED_OR_OVER}
    stolen = await lanes.place(shop, stall.wants(3, coupon=other))
    assert (stolen.verdict, stolen.number) == (Verdict.COUPON_REFUSED, WhyNot.NOT_YOURS)
    await _end(database, shop, used)
    assert (await lanes.place(shop, stall.wants(1, **both))).placed
    assert await audit(database) == {}


async def test_a_coupon_keeps_to_its_shop_its_threshold_and_the_floor(
    database: Database, lanes: Lanes
) -> None:
    stall = await put_stall(database, floor=PRICE_FEN - 400)
    shop = stall.shop_id
    (low,), (high,), (strange,) = (
        await _coupon(database, shop, [1], 400),
        await _coupon(database, shop, [1], PRICE_FEN),
        await _coupon(database, ids.uuid7(), [1]),
    )
    cases = {high: WhyNot.BELOW_THRESHOLD, strange: WhyNot.OTHER_SHOP, uuid4(): WhyNot.NOT_YOURS}
    for claim, why in cases.items():
        said = await lanes.place(shop, stall.wants(1, coupon=claim))
        assert (said.verdict, said.number) == (Verdict.COUPON_REFUSED, why)
    below = await lanes.place(shop, stall.wants(1, units=2, coupon=high))
    assert below.verdict is Verdict.BELOW_FLOOR
    assert (await lanes.place(shop, stall.wants(1, coupon=low))).placed
    assert await audit(database) == {}


async def test_units_that_are_kept_for_a_buyer_are_his_alone(
    database: Database, lanes: Lanes
) -> None:
    stall = await put_stall(database, 3)
    shop = stall.shop_id
    async with database.begin() as tx:
        await tx.execute(
            text("update trade.pool set available = 0, taken = 3 where pool_id = :id"),
            {"id": stall.pack_id},
        )
        await tx.execute(
            text(
                "insert into trade.waiting (shop_id, waiting_id, offer_id, buyer_id, units, state,"
                " at, offered_at, offered_until) values (:shop, :id, :offer, :buyer, 3, 'offered',"
                " now(), now(), now() + interval '10 minutes')"
            ),
            {"shop": shop, "id": ids.uuid7(), "offer": stall.offer_id, "buyer": person(1)},
        )
    assert await audit(database) == {}
    said = await asyncio.gather(
        *(lanes.place(shop, stall.wants(no)) for no in (2, 3)),
        lanes.place(shop, stall.wants(1, units=2)),
    )
    assert said[2].placed
    # the one box that he did not want may go to whoever came after him
    assert await _left(database, stall) == 1 - sum(one.placed is not None for one in said[:2])
    assert await audit(database) == {}


async def test_other_channels_orders_take_the_same_boxes(
    database: Database, admission: Admission
) -> None:
    stall = await put_stall(database, 3)
    shop = stall.shop_id

    async def take(*numbers: str, units: int = 1) -> list[Said]:
        asked = [
            stall.wants(0, units=units, price_fen=2_000, external_no=no)._replace(
                digest=_digest(no)
            )
            for no in numbers
        ]
        return await admission.place(
            shop,
            clock.now(),
            [ids.uuid7() for _ in asked],
            order_numbers(1, len(asked)),
            asked,
            "douyin",
        )

    first = await take("D1", "D2", "D1")
    assert [one.verdict for one in first] == [0, 0, 0]
    assert first[0].placed and first[0].placed == first[2].placed
    assert (first[0].placed.state, first[0].placed.amount_fen) == ("paid", 2_000)
    again = await take("D2", "D3", "D4")
    assert [one.verdict for one in again] == [0, 0, 1]
    assert again[0].placed == first[1].placed
    assert await audit(database) == {}


def _digest(number: str) -> UUID:
    return UUID(bytes=number.encode().ljust(16, b"0"))


def test_a_wish_is_usual_until_it_asks_for_more() -> None:
    stall = Stall(UUID(int=1), UUID(int=2), UUID(int=3), bytes(32))
    assert stall.wants().usual()
    more: dict[str, Any] = {
        "ship_by": _today(),
        "coupon": uuid4(),
        "platform_coupon": uuid4(),
        "external_no": "1",
    }
    for name, value in more.items():
        assert not stall.wants(**{name: value}).usual()
    assert not stall.wants(more=(_and(stall, 1),)).usual()
