"""The standing audit: an honest market gives nothing; each planted difference is found and told."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from tests.trade.market import Market
from tiantou.kit import clock
from tiantou.trade import audit, audit_http, audit_sql

# How each rule is broken, past every constraint and trigger.
PLANTED = {
    "pool-is-its-moves": "update trade.pool set available = available + 1",
    "taken-is-live-orders": "update trade.pool set taken = taken + 1, available = available - 1",
    "day-within-what-is-packed": """
        insert into trade.capacity values ((select shop_id from trade.shop),
          '{9,9,9,9,9,9,9}', 1440, now());
        insert into trade.pool select shop_id, uuidv7(), 'day', 5, 0 from trade.shop;
        insert into trade.day_pool select shop_id, current_date + 9, pool_id from trade.pool
         where kind = 'day'""",
    "sold-ahead-is-owed": """
        insert into trade.pool_move select shop_id, uuidv7(), pool_id, -1, 'presale', 'x', now()
          from trade.pool where kind = 'stock'""",
    "coupon-used-once": """
        insert into trade.coupon_claim select uuidv7(), shop_id, uuidv7(), buyer_id, 'used', now(),
          shop_id, order_id, now(), now() from trade.orders limit 1""",
    "cancelled-units-are-back": "update trade.orders set state = 'cancelled'",
    "hold-that-ran-out-is-over": """
        update trade.orders set state = 'pending_payment', pay_before_at = now() - interval '1 h'
    """,
    "one-order-a-key": """
        alter table trade.orders drop constraint orders_shop_id_buyer_id_idem_key_key;
        update trade.orders set idem_key = '00000000-0000-0000-0000-000000000001'""",
    "order-is-whole": "delete from trade.my_order",
    "line-has-its-order": "delete from trade.orders where state = 'pending_payment'",
    "amount-is-its-lines": """
        update trade.order_line set price_fen = price_fen + 1, amount_fen = units * (price_fen + 1)
    """,
    "last-event-is-the-state": "update trade.order_event set state = 'closed'",
    "buyer-within-the-limit": "update trade.offer set per_buyer = 1",
    "nothing-open-below-the-floor": "update trade.offer set floor_fen = price_fen + 1",
    "payment-is-its-parts": "update trade.payment_part set amount_fen = amount_fen + 1",
    "paid-order-was-paid-once": "update trade.payment set state = 'lapsed' where state = 'paid'",
    "refunded-is-its-refunds": "update trade.refund set state = 'refunding'",
    "entry-sums-to-0": "update trade.posting set amount_fen = amount_fen + 1 where line_no = 1",
    "late-money-goes-back": "update trade.entry set kind = 'late' where kind = 'pay'",
    "gateway-holds-what-was-paid": """
        update trade.posting set amount_fen = amount_fen + 1 where account = 'gateway'""",
    "growers-are-owed-what-was-picked": "update trade.owed set amount_fen = amount_fen + 1",
}


async def _trade(market: Market) -> None:
    """Two orders of one buyer: one unpaid, one paid, packed and partly refunded."""
    offer, buyer, seller = await market.stock(10), await market.buyer(), await market.seller()
    assert (await market.order(buyer, offer)).status_code == 201
    placed = await market.paid_order(buyer, offer, 2)
    await market.deliver_and_refund(seller, placed)


async def _plant(market: Market, statements: str) -> None:
    async with market.database.begin() as tx:
        await tx.execute(text("set local session_replication_role = replica"))
        for one in statements.split(";"):
            await tx.execute(text(one))


async def test_each_planted_difference_is_found(market: Market) -> None:
    await _trade(market)
    assert (await audit.look(market.database)).differences == []
    assert set(PLANTED) == set(audit_sql.RULES)
    for rule, statements in PLANTED.items():
        with pytest.raises(_Undo):
            async with market.database.begin() as tx:
                await tx.execute(text("set local session_replication_role = replica"))
                for one in statements.split(";"):
                    await tx.execute(text(one))
                count, rows = await audit_sql.differences(tx, rule, clock.now())
                assert count >= 1, rule
                assert 1 <= len(rows) <= count, rule
                raise _Undo
    assert (await audit.look(market.database)).differences == []


class _Undo(Exception):
    """What was planted goes with its transaction."""


async def test_what_differs_is_kept_told_once_a_day_and_shown_to_the_operator(
    market: Market,
) -> None:
    await _trade(market)
    market.site.api.include_router(audit_http.routes)
    operator = await market.site.person(market.database, market.keys, operator=True)
    before = (await operator.get("/api/desk/books")).json()
    assert before == {"at": None, "took_ms": 0, "differences": []}
    await audit.run(market.database)
    assert (await operator.get("/api/desk/books")).json()["differences"] == []
    await _plant(market, PLANTED["pool-is-its-moves"])
    for _ in range(2):
        await audit.run(market.database)
    (shown,) = (await operator.get("/api/desk/books")).json()["differences"]
    assert (shown["rule"], shown["count"]) == ("pool-is-its-moves", 1)
    assert shown["rows"][0]["pool_id"] == str(market.world.pack_id)
    async with market.database.begin() as tx:
        told = await tx.execute(
            text("select person_id, members from accounts.message where kind = 'books-differ'")
        )
        assert [(row.person_id, row.members) for row in told] == [
            (operator.person_id, {"rule": "pool-is-its-moves", "count": 1})
        ]
    assert audit.lines(await audit.look(market.database))[0].startswith("  pool-is-its-moves: 1\n")


async def test_the_audit_is_made_once_a_night(market: Market) -> None:
    assert await audit.nightly(market.database) is not None
    assert await audit.nightly(market.database) is None
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.audit_run set at = at - interval '1 day'"))
        # Another process is at it.
        assert await audit_sql.alone(tx)
        assert await audit.nightly(market.database) is None
    assert await audit.nightly(market.database) is not None


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-05-01T18:59:00+00:00", "2026-04-30T19:00:00+00:00"),
        ("2026-05-01T19:00:00+00:00", "2026-05-01T19:00:00+00:00"),
        ("2026-05-02T10:00:00+00:00", "2026-05-01T19:00:00+00:00"),
    ],
)
def test_a_night_begins_at_three_in_china(now: str, due: str) -> None:
    found = audit.last_night(datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(due)
    assert found > datetime.fromisoformat(now) - timedelta(days=1)
