"""The standing audit's statements: each finds what is wrong; an honest database gives no row."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from tiantou.core.db import Tx

TIMEOUT_MS = 600_000
SHOWN_MAX = 20
_LOCK = 7_426_010

# What is asked of every row of the order path. `:now` is the moment of the audit.
RULES: dict[str, str] = {
    "pool-is-its-moves": """
        select p.shop_id, p.pool_id, p.kind, p.available, p.taken,
               coalesce(sum(m.delta), 0) as moved
          from trade.pool p left join trade.pool_move m using (shop_id, pool_id)
         group by p.shop_id, p.pool_id
        having p.available + p.taken <> coalesce(sum(m.delta), 0)""",
    "taken-is-live-orders": """
        select p.shop_id, p.pool_id, p.kind, p.taken, coalesce(x.units, 0) as ordered
          from trade.pool p
          left join (
            select u.shop_id, u.pool_id, sum(u.units) as units from (
              select d.shop_id, d.pool_id, l.units * d.per_unit as units
                from trade.order_line l
                join trade.orders o using (shop_id, order_id)
                join trade.draw d using (shop_id, offer_id)
               where not o.units_back
              union all
              select d.shop_id, d.pool_id, w.units * d.per_unit
                from trade.waiting w join trade.draw d using (shop_id, offer_id)
               where w.state = 'offered'
              union all
              select y.shop_id, y.pool_id, o.day_units
                from trade.orders o
                join trade.day_pool y on y.shop_id = o.shop_id and y.day = o.ship_day
               where not o.units_back and o.day_units > 0
              union all
              select c.issuer_id, c.coupon_id, 1 from trade.coupon_claim c) u
             group by 1, 2) x using (shop_id, pool_id)
         where p.taken <> coalesce(x.units, 0)""",
    "day-within-what-is-packed": """
        select y.shop_id, y.day, p.available, p.taken, trade.boxes_on(y.shop_id, y.day) as boxes
          from trade.day_pool y
          join trade.pool p on p.shop_id = y.shop_id and p.pool_id = y.pool_id
         where y.day > (cast(:now as timestamptz) at time zone 'Asia/Shanghai')::date
           and p.available <>
               greatest(0, coalesce(trade.boxes_on(y.shop_id, y.day), p.available + p.taken)
                           - p.taken)""",
    "sold-ahead-is-owed": """
        select m.shop_id, m.pool_id, sum(m.delta) as owed from trade.pool_move m
         where m.reason = 'presale' group by m.shop_id, m.pool_id having sum(m.delta) < 0""",
    "coupon-used-once": """
        select m.claim_id, m.used_order_id from trade.coupon_claim m
          left join trade.orders o
            on o.shop_id = m.used_shop_id and o.order_id = m.used_order_id
         where m.state = 'used'
           and (o.order_id is null or o.units_back or o.shop_off_fen + o.platform_off_fen = 0)""",
    "cancelled-units-are-back": """
        select shop_id, order_id from trade.orders where state = 'cancelled' and not units_back""",
    "hold-that-ran-out-is-over": """
        select shop_id, order_id, pay_before_at from trade.orders
         where state = 'pending_payment'
           and pay_before_at < cast(:now as timestamptz) - interval '5 minutes'""",
    "one-order-a-key": """
        select shop_id, buyer_id, idem_key from trade.orders where idem_key is not null
         group by 1, 2, 3 having count(*) > 1""",
    "order-is-whole": """
        select o.shop_id, o.order_id from trade.orders o
         where not exists (select 1 from trade.order_line l
                            where l.shop_id = o.shop_id and l.order_id = o.order_id)
            or not exists (select 1 from trade.order_event e where e.shop_id = o.shop_id
                              and e.order_id = o.order_id and e.seq = 1)
            or o.buyer_id is not null and not exists (
                 select 1 from trade.my_order m where m.buyer_id = o.buyer_id
                    and m.order_id = o.order_id and m.state = o.state)""",
    "line-has-its-order": """
        select l.shop_id, l.order_id from trade.order_line l
         where not exists (select 1 from trade.orders o
                            where o.shop_id = l.shop_id and o.order_id = l.order_id)""",
    "amount-is-its-lines": """
        select o.shop_id, o.order_id, o.goods_fen, sum(l.amount_fen) as lines_fen
          from trade.orders o join trade.order_line l using (shop_id, order_id)
         group by o.shop_id, o.order_id having sum(l.amount_fen) <> o.goods_fen""",
    "last-event-is-the-state": """
        select o.shop_id, o.order_id, o.state from trade.orders o
         where o.state <> (select e.state from trade.order_event e
                            where e.shop_id = o.shop_id and e.order_id = o.order_id
                            order by e.seq desc limit 1)""",
    "buyer-within-the-limit": """
        select f.shop_id, f.offer_id, l.buyer_id, sum(l.units) as units, f.per_buyer
          from trade.offer f
          join trade.order_line l using (shop_id, offer_id)
          join trade.orders o using (shop_id, order_id)
         where o.state not in ('cancelled', 'closed') and f.per_buyer is not null
           and l.buyer_id is not null
         group by f.shop_id, f.offer_id, l.buyer_id having sum(l.units) > f.per_buyer""",
    "nothing-open-below-the-floor": """
        select shop_id, offer_id, price_fen, floor_fen from trade.offer
         where state = 'open' and price_fen < floor_fen""",
    "payment-is-its-parts": """
        select p.payment_id, p.amount_fen, coalesce(sum(x.amount_fen), 0) as parts_fen
          from trade.payment p left join trade.payment_part x using (payment_id)
         group by p.payment_id having p.amount_fen <> coalesce(sum(x.amount_fen), 0)""",
    "paid-order-was-paid-once": """
        select o.shop_id, o.order_id, o.paid_fen, coalesce(x.fen, 0) as came_fen
          from trade.orders o
          left join (select s.shop_id, s.order_id, sum(s.amount_fen) as fen
                       from trade.payment_part s join trade.payment p using (payment_id)
                      where p.state = 'paid' and not s.late group by 1, 2) x
            using (shop_id, order_id)
         where o.paid_by = 'gateway' and o.paid_fen <> coalesce(x.fen, 0)""",
    "refunded-is-its-refunds": """
        select o.shop_id, o.order_id, o.refunded_fen, coalesce(x.fen, 0) as refunds_fen
          from trade.orders o
          left join (select shop_id, order_id, sum(amount_fen) as fen from trade.refund
                      where state = 'refunded' and not late group by 1, 2) x
            using (shop_id, order_id)
         where o.refunded_fen <> coalesce(x.fen, 0)""",
    "entry-sums-to-0": """
        select e.shop_id, e.entry_id, coalesce(sum(p.amount_fen), 0) as fen
          from trade.entry e left join trade.posting p using (shop_id, entry_id)
         group by e.shop_id, e.entry_id
        having coalesce(sum(p.amount_fen), 0) <> 0 or count(p.*) < 2""",
    "late-money-goes-back": """
        select l.shop_id, l.order_id, l.ref from trade.entry l
         where l.kind = 'late' and not exists (
           select 1 from trade.entry b where b.shop_id = l.shop_id and b.kind = 'late_back'
              and b.order_id = l.order_id)""",
    "gateway-holds-what-was-paid": """
        select o.shop_id, o.fen as orders_fen, coalesce(b.fen, 0) as ledger_fen from (
          select shop_id, sum(paid_fen - refunded_fen) as fen from trade.orders
           where paid_by = 'gateway' group by 1) o
          left join (select shop_id, sum(p.amount_fen) as fen from trade.posting p
                       join trade.entry e using (shop_id, entry_id)
                      where p.account = 'gateway' and e.kind in ('pay', 'refund')
                        and e.phase in ('direct', 'post') group by 1) b using (shop_id)
         where o.fen <> coalesce(b.fen, 0)""",
    "growers-are-owed-what-was-picked": """
        select x.shop_id, x.entry_id, x.fen as owed_fen, coalesce(p.fen, 0) as ledger_fen
          from (select shop_id, entry_id, sum(amount_fen) as fen from trade.owed group by 1, 2) x
          left join (select shop_id, entry_id, -sum(amount_fen) as fen from trade.posting
                      where account <> 'shop' group by 1, 2) p using (shop_id, entry_id)
         where x.fen <> coalesce(p.fen, 0)""",
}


async def begin(tx: Tx) -> None:
    """One snapshot for all rules, and time enough for a large database."""
    await tx.execute(text("set transaction isolation level repeatable read, read only"))
    await tx.execute(text(f"set local statement_timeout = {TIMEOUT_MS}"))


async def differences(tx: Tx, rule: str, now: datetime) -> tuple[int, list[dict[str, Any]]]:
    """How many rows break a rule, and the first of them."""
    statement = text(
        f"with wrong as materialized ({RULES[rule]}) select (select count(*) from wrong) as broken,"
        f" (select coalesce(jsonb_agg(to_jsonb(w)), '[]') from"
        f" (select * from wrong limit {SHOWN_MAX}) w)::text as first"
    )
    named = {"now": now} if ":now" in RULES[rule] else {}
    row = (await tx.execute(statement, named)).one()
    return row.broken, json.loads(row.first)


async def keep(tx: Tx, at: datetime, took_ms: int, found: Sequence[dict[str, Any]]) -> None:
    """Writes down what an audit found; only the last hundred are kept."""
    await tx.execute(
        text("insert into trade.audit_run values (:at, :took, cast(:found as jsonb))"),
        {"at": at, "took": took_ms, "found": json.dumps(found)},
    )
    await tx.execute(
        text(
            "delete from trade.audit_run where at <"
            " (select at from trade.audit_run order by at desc offset 99 limit 1)"
        )
    )


async def last(tx: Tx) -> tuple[datetime, int, list[dict[str, Any]]] | None:
    """The newest audit: when, how long it took in milliseconds, what it found; None before one."""
    row = (
        await tx.execute(
            text(
                "select at, took_ms, found::text as found from trade.audit_run"
                " order by at desc limit 1"
            )
        )
    ).one_or_none()
    return None if row is None else (row.at, row.took_ms, json.loads(row.found))


async def alone(tx: Tx) -> bool:
    """Whether no other process audits; until the end of the transaction."""
    return bool(await tx.scalar(text(f"select pg_try_advisory_xact_lock({_LOCK})")))
