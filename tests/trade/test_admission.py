"""The admission statement and the lanes before it, in one process."""

import asyncio
import collections
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.stall import PRICE_FEN, put_offer, put_pool, put_shop, put_stall
from tiantou.core.db import Database
from tiantou.core.lanes import BATCH_MAX, QUEUE_MAX, Lane
from tiantou.core.problems import Busy
from tiantou.kit import clock, ids
from tiantou.trade import lanes as lanes_module
from tiantou.trade.admission import Asked, BadBatch, Said, UnknownOutcome, Verdict
from tiantou.trade.admission_sql import UNPAID_MAX, open_admission
from tiantou.trade.lanes import Lanes, Run, decided, order_numbers
from tiantou.trade.lifecycle import ORDER
from tiantou.trade.problems import OutcomeUnknown


@pytest.fixture
async def lanes(dsn: str) -> AsyncIterator[Lanes]:
    made = Lanes(await open_admission(dsn))
    yield made
    await made.close()


def _lane(run: Run[Asked]) -> Lane[Asked, Said]:
    return Lane(lambda batch: decided(run, batch))


async def _set(database: Database, statement: str, **values: Any) -> None:
    async with database.begin() as tx:
        await tx.execute(text(statement), values)


async def test_a_lonely_buyer_gets_his_order(database: Database, lanes: Lanes) -> None:
    stall = await put_stall(database)
    said = await lanes.place(stall.shop_id, stall.wants(units=3, freight_fen=800))
    assert said.verdict is Verdict.ADMITTED and said.placed
    assert (said.placed.amount_fen, said.placed.freight_fen) == (3 * PRICE_FEN + 800, 800)
    assert said.placed.state == ORDER.init
    assert ids.read_short(said.placed.number) >> lanes_module.NUMBER_BITS >= 1
    assert await audit(database) == {}


async def test_the_same_key_gives_the_same_order_and_another_body_is_refused(
    database: Database, lanes: Lanes
) -> None:
    stall = await put_stall(database)
    wish = stall.wants()
    first, twice = await asyncio.gather(*(lanes.place(stall.shop_id, wish) for _ in range(2)))
    later = await lanes.place(stall.shop_id, wish)
    assert first == twice
    assert first.placed == later.placed
    other = await lanes.place(stall.shop_id, stall.wants(key=wish.key, units=2))
    assert other.verdict is Verdict.KEY_REUSED
    assert await audit(database) == {}


async def test_the_same_key_for_two_offers_at_once_makes_one_order(
    database: Database, dsn: str
) -> None:
    """Different pools, so that nothing but the unique key stands between them."""
    stall = await put_stall(database)
    async with database.begin() as tx:
        pack = ids.uuid7()
        other = await put_offer(tx, stall.shop_id, pack, {pack: ("stock", 9, 1)})
    key = uuid4()
    two = [Lanes(await open_admission(dsn)) for _ in range(2)]
    said = await asyncio.gather(
        *(
            one.place(stall.shop_id, wish.wants(key=key))
            for one, wish in zip(two, (stall, other), strict=True)
        )
    )
    assert sorted(one.verdict for one in said) == [Verdict.ADMITTED, Verdict.KEY_REUSED]
    for one in two:
        await one.close()
    assert await audit(database) == {}


async def test_the_limit_per_buyer_holds_under_rivals(database: Database, dsn: str) -> None:
    stall = await put_stall(database, 100, per_buyer=3)
    two = [Lanes(await open_admission(dsn)) for _ in range(2)]
    wishes = [stall.wants(n % 2, units=1 + n % 3 // 2) for n in range(24)]
    said = await asyncio.gather(
        *(two[n // 2 % 2].place(stall.shop_id, wish) for n, wish in enumerate(wishes))
    )
    for one in two:
        await one.close()
    bought: collections.Counter[int] = collections.Counter()
    for wish, answer in zip(wishes, said, strict=True):
        if answer.verdict is Verdict.ADMITTED:
            bought[wish.buyer_no] += wish.units
        else:
            assert answer.verdict is Verdict.BUYER_LIMIT
    assert bought == {0: 3, 1: 3}
    assert await audit(database) == {}


async def test_a_buyer_has_few_unpaid_orders_in_a_shop_under_rivals(
    database: Database, dsn: str
) -> None:
    """On two offers of different pools, in two processes' lanes; another shop counts by itself."""
    stall, elsewhere = await put_stall(database, 100), await put_stall(database, 100)
    async with database.begin() as tx:
        pack = ids.uuid7()
        other = await put_offer(tx, stall.shop_id, pack, {pack: ("stock", 100, 1)})
    two = [Lanes(await open_admission(dsn)) for _ in range(2)]
    for n in range(UNPAID_MAX - 1):
        await two[n % 2].place(stall.shop_id, (stall, other)[n % 2].wants(1))
    async with database.begin() as tx:
        # Whoever has counted waits here before he writes: the rival must not count meanwhile.
        await tx.execute(text("lock table trade.my_order in share mode"))
        asking = [
            asyncio.create_task(lanes.place(stall.shop_id, wish.wants(1)))
            for lanes, wish in zip(two, (stall, other), strict=True)
        ]
        await asyncio.sleep(0.5)
    said = sorted(await asyncio.gather(*asking), key=lambda one: one.verdict)
    assert [one.verdict for one in said] == [Verdict.ADMITTED, Verdict.UNPAID_LIMIT]
    assert said[1].number == UNPAID_MAX
    there = await two[0].place(elsewhere.shop_id, elsewhere.wants(1))
    stranger = await two[0].place(stall.shop_id, stall.wants(2))
    assert (there.verdict, stranger.verdict) == (Verdict.ADMITTED, Verdict.ADMITTED)
    async with database.begin() as tx:
        await tx.execute(
            text("update trade.orders set state = 'paid' where order_id = :id"),
            {"id": said[0].placed.order_id if said[0].placed else None},
        )
    for verdict in (Verdict.ADMITTED, Verdict.UNPAID_LIMIT):
        assert (await two[1].place(stall.shop_id, stall.wants(1))).verdict is verdict
    for one in two:
        await one.close()


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ("state = 'paused', paused_by = 'seller'", Verdict.OFFER_CLOSED),
        ("opens_at = now() + interval '1 hour'", Verdict.OFFER_CLOSED),
        ("closes_at = now() - interval '1 second'", Verdict.OFFER_CLOSED),
        ("price_fen = 3990", Verdict.PRICE_CHANGED),
        ("snapshot = sha256('other')", Verdict.TERMS_CHANGED),
        ("floor_fen = price_fen + 1", Verdict.BELOW_FLOOR),
        ("per_buyer = 1", Verdict.BUYER_LIMIT),
    ],
)
async def test_what_is_not_in_force_is_refused(
    database: Database, lanes: Lanes, change: str, verdict: Verdict
) -> None:
    stall = await put_stall(database)
    await _set(database, f"update trade.offer set {change}")
    said = await lanes.place(stall.shop_id, stall.wants(units=2))
    assert said.verdict is verdict
    assert said.offer
    async with database.begin() as tx:
        assert await tx.scalar(text("select count(*) from trade.orders")) == 0


async def test_unknown_shops_and_offers_are_no_such_offer(database: Database, lanes: Lanes) -> None:
    stall = await put_stall(database)
    strange = stall.wants(offer_id=uuid4())
    assert (await lanes.place(uuid4(), strange)).verdict is Verdict.NO_SUCH_OFFER
    assert (await lanes.place(stall.shop_id, strange)).verdict is Verdict.NO_SUCH_OFFER


async def test_an_order_takes_from_all_pools_or_from_none(database: Database, lanes: Lanes) -> None:
    async with database.begin() as tx:
        shop, pack, day = await put_shop(tx), ids.uuid7(), ids.uuid7()
        pools = {pack: ("stock", 100, 1), day: ("day", 7, 2)}
        stall = await put_offer(tx, shop, pack, pools)
        await put_pool(tx, shop, ids.uuid7(), "day", 5, clock.now())
    said = [await lanes.place(shop, stall.wants(n, units=2)) for n in range(2)]
    assert [one.verdict for one in said] == [Verdict.ADMITTED, Verdict.SOLD_OUT]
    assert said[1].number == 1
    async with database.begin() as tx:
        rows = await tx.execute(text("select available from trade.pool where taken > 0 order by 1"))
        assert list(rows.scalars()) == [3, 98]
    assert await audit(database) == {}


async def test_losers_are_answered_from_memory_but_a_winner_asking_again_is_not(
    database: Database, lanes: Lanes
) -> None:
    stall = await put_stall(database, 1)
    winner = stall.wants(1)
    first = await lanes.place(stall.shop_id, winner)
    assert (await lanes.place(stall.shop_id, stall.wants(2))).verdict is Verdict.SOLD_OUT
    # In memory now: a restock that nobody told this process of is not seen for 200 ms.
    await _set(database, "update trade.pool set available = 5")
    assert (await lanes.place(stall.shop_id, stall.wants(3))).verdict is Verdict.SOLD_OUT
    again = await lanes.place(stall.shop_id, winner)
    assert again.placed == first.placed
    await asyncio.sleep(lanes_module.LOSERS_S)
    assert (await lanes.place(stall.shop_id, stall.wants(4))).verdict is Verdict.ADMITTED


async def test_one_bad_request_fails_alone(database: Database, lanes: Lanes) -> None:
    stall = await put_stall(database, 100)
    wishes = [stall.wants(n) for n in range(40)]
    wishes[17] = stall.wants(17, note="x" * 101)
    said = await asyncio.gather(
        *(lanes.place(stall.shop_id, wish) for wish in wishes), return_exceptions=True
    )
    assert isinstance(said.pop(17), BadBatch)
    assert all(isinstance(one, Said) and one.verdict is Verdict.ADMITTED for one in said)
    assert await audit(database) == {}


async def test_a_lane_gathers_while_a_batch_is_in_flight_and_is_bounded() -> None:
    sizes: list[int] = []
    gate = asyncio.Event()

    async def run(batch: Sequence[Asked]) -> list[Said]:
        sizes.append(len(batch))
        await gate.wait()
        return [Said(Verdict.SOLD_OUT, None, 0, None)] * len(batch)

    lane = _lane(run)
    wish = Asked(uuid4(), 1, uuid4(), uuid4(), uuid4(), 1, 1, b"", 0, "shop", None, None, "")
    lonely = asyncio.create_task(lane.put(wish))
    await asyncio.sleep(0.01)
    assert sizes == [1]
    rest = [asyncio.create_task(lane.put(wish)) for _ in range(QUEUE_MAX)]
    await asyncio.sleep(0.01)
    with pytest.raises(Busy) as busy:
        await lane.put(wish)
    assert busy.value.headers() == {"Retry-After": "1"}
    gate.set()
    await asyncio.gather(lonely, *rest)
    assert sizes == [1] + [BATCH_MAX] * (QUEUE_MAX // BATCH_MAX)


async def test_a_lost_connection_leaves_the_whole_batch_unknown_and_runs_nothing_again() -> None:
    runs = 0

    async def run(batch: Sequence[Asked]) -> list[Said]:
        nonlocal runs
        runs += 1
        raise UnknownOutcome("gone")

    lane = _lane(run)
    wish = Asked(uuid4(), 1, uuid4(), uuid4(), uuid4(), 1, 1, b"", 0, "shop", None, None, "")
    said = await asyncio.gather(*(lane.put(wish) for _ in range(9)), return_exceptions=True)
    assert all(isinstance(one, OutcomeUnknown) for one in said)
    assert runs == 1


async def test_a_server_that_ends_the_connection_is_outcome_unknown(
    database: Database, lanes: Lanes
) -> None:
    stall = await put_stall(database)
    await lanes.place(stall.shop_id, stall.wants())
    async with database.begin() as tx:
        await tx.execute(text("select 1 from trade.pool for update"))
        waiting = asyncio.create_task(lanes.place(stall.shop_id, stall.wants()))
        await asyncio.sleep(0.3)
        await tx.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'tiantou-orders' and datname = current_database()"
            )
        )
        with pytest.raises(OutcomeUnknown):
            await waiting
    assert (await lanes.place(stall.shop_id, stall.wants())).verdict is Verdict.ADMITTED
    assert await audit(database) == {}


async def test_unpaid_orders_expire_in_one_sweep_and_the_stock_is_told(
    database: Database, lanes: Lanes
) -> None:
    stall = await put_stall(database, 3)
    for n in range(3):
        await lanes.place(stall.shop_id, stall.wants(n))
    event = "hold_expired_10min"
    sweep = text("select trade.expire_orders(:now, 1000, :before, :event, :after)")
    states = {"before": ORDER.init, "event": event, "after": ORDER.after(ORDER.init, event)}
    async with database.begin() as tx:
        assert await tx.scalar(sweep, {"now": clock.now(), **states}) == 0
    async with database.begin() as tx:
        late = clock.now() + timedelta(minutes=10, seconds=1)
        assert await tx.scalar(sweep, {"now": late, **states}) == 3
    async with database.begin() as tx:
        edges = await tx.execute(
            text(
                "select body->>'edge' from trade.outbox where kind = 'trade.stock-edge' order by at"
            )
        )
        assert list(edges.scalars()) == ["sold_out", "restocked"]
        assert await tx.scalar(text("select available from trade.pool")) == 3
    assert await audit(database) == {}


def test_an_orders_number_leads_with_its_shops_number() -> None:
    for shop in (1, 31, 4000):
        [number] = order_numbers(shop, 1)
        assert number.isalnum()
        assert ids.read_short(number) >> lanes_module.NUMBER_BITS == shop


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (
            "select 1 from trade.orders where shop_id = $1 and order_id = $2 for key share",
            "orders_pk",
        ),
        (
            "select 1 from trade.orders where shop_id = $1 and buyer_id = $2 and idem_key = $2",
            "orders_shop_id_buyer_id_idem_key_key",
        ),
        (
            "select 1 from trade.order_line where shop_id = $1 and offer_id = $2 and buyer_id = $2",
            "order_line_shop_id_offer_id_ix",
        ),
        ("select 1 from trade.order_line where shop_id = $1 and order_id = $2", "order_line_pk"),
        (
            "select count(*) from trade.orders where shop_id = $1 and buyer_id = $2"
            " and state = 'pending_payment'",
            "orders_unpaid_of_buyer_ix",
        ),
        (
            "select 1 from trade.orders where state = 'pending_payment' and pay_before_at <= now()"
            " and shop_id = $1 and order_id <> $2 order by pay_before_at",
            "orders_unpaid_ix",
        ),
    ],
)
async def test_an_empty_shop_already_plans_as_a_large_one(
    database: Database, statement: str, index: str
) -> None:
    """A plan that is kept from an empty table would read the whole shop for each order."""
    async with database.begin() as tx:
        await tx.execute(text("set local plan_cache_mode = force_generic_plan"))
        await tx.execute(text("set local enable_seqscan = off"))
        await tx.execute(text(f"prepare look(uuid, uuid) as {statement}"))
        nothing = "'00000000-0000-0000-0000-000000000000'"
        plan = await tx.execute(text(f"explain execute look({nothing}, {nothing})"))
        assert index in " ".join(plan.scalars())
        await tx.execute(text("deallocate look"))
