"""What must hold of every database that trade has worked in, asked in SQL."""

from sqlalchemy import text

from tiantou.core.db import Database

# Each statement finds what is wrong; an honest database gives no row.
WRONG = {
    "a pool's units are its moves": """
        select p.pool_id, p.available, p.taken from trade.pool p
          left join trade.pool_move m using (shop_id, pool_id)
         group by p.shop_id, p.pool_id
        having p.available + p.taken <> coalesce(sum(m.delta), 0)""",
    "what a pool gave is what live orders took": """
        select p.pool_id, p.taken, x.units from trade.pool p
          left join (select d.shop_id, d.pool_id, sum(l.units * d.per_unit) as units
                       from trade.order_line l
                       join trade.orders o using (shop_id, order_id)
                       join trade.draw d using (shop_id, offer_id)
                      where not o.units_back
                      group by 1, 2) x using (shop_id, pool_id)
         where p.taken <> coalesce(x.units, 0)""",
    "the units of a cancelled order are back": """
        select order_id from trade.orders where state = 'cancelled' and not units_back""",
    "one order a key": """
        select buyer_id, idem_key from trade.orders where idem_key is not null
         group by 1, 2 having count(*) > 1""",
    "every order has its line, its first event, its buyer's row and its fact": """
        select o.order_id from trade.orders o
         where not exists (select 1 from trade.order_line l
                            where l.shop_id = o.shop_id and l.order_id = o.order_id)
            or not exists (select 1 from trade.order_event e where e.shop_id = o.shop_id
                              and e.order_id = o.order_id and e.seq = 1)
            or not exists (select 1 from trade.my_order m where m.buyer_id = o.buyer_id
                              and m.order_id = o.order_id and m.state = o.state)
            or (select count(*) from trade.outbox f where f.kind = 'trade.order-placed'
                   and f.key = o.order_id::text) <> 1""",
    "no line, event or fact without its order": """
        select l.order_id from trade.order_line l
         where not exists (select 1 from trade.orders o
                            where o.shop_id = l.shop_id and o.order_id = l.order_id)
        union all
        select f.id from trade.outbox f where f.kind = 'trade.order-placed'
           and not exists (select 1 from trade.orders o where o.order_id::text = f.key)""",
    "an order's amount is its lines and its freight": """
        select o.order_id from trade.orders o join trade.order_line l using (shop_id, order_id)
         group by o.shop_id, o.order_id having sum(l.amount_fen) <> o.goods_fen""",
    "the last event says the state": """
        select o.order_id from trade.orders o
         where o.state <> (select e.state from trade.order_event e
                            where e.shop_id = o.shop_id and e.order_id = o.order_id
                            order by e.seq desc limit 1)""",
    "nobody is over the limit": """
        select f.offer_id, l.buyer_id from trade.offer f
          join trade.order_line l using (shop_id, offer_id)
          join trade.orders o using (shop_id, order_id)
         where o.state not in ('cancelled', 'closed') and f.per_buyer is not null
         group by f.shop_id, f.offer_id, l.buyer_id having sum(l.units) > f.per_buyer""",
    "each entry sums to 0": """
        select e.entry_id from trade.entry e
          left join trade.posting p using (shop_id, entry_id)
         group by e.shop_id, e.entry_id
        having coalesce(sum(p.amount_fen), 0) <> 0 or count(p.*) < 2""",
    "late money is on its way back or gone": """
        select l.ref from trade.entry l
         where l.kind = 'late' and not exists (
           select 1 from trade.entry b where b.shop_id = l.shop_id and b.kind = 'late_back'
              and b.order_id = l.order_id)""",
    "the gateway holds what was paid and not refunded": """
        select o.shop_id from (
          select shop_id, sum(paid_fen - refunded_fen) as fen from trade.orders
           where paid_by = 'gateway' group by 1) o
          left join (select shop_id, sum(p.amount_fen) as fen from trade.posting p
                       join trade.entry e using (shop_id, entry_id)
                      where p.account = 'gateway' and e.kind in ('pay', 'refund')
                        and e.phase in ('direct', 'post') group by 1) b using (shop_id)
         where o.fen <> coalesce(b.fen, 0)""",
}


async def audit(database: Database) -> dict[str, list[str]]:
    """What is wrong, by rule; empty if nothing is."""
    found: dict[str, list[str]] = {}
    async with database.begin() as tx:
        for rule, statement in WRONG.items():
            rows = (await tx.execute(text(statement))).all()
            if rows:
                found[rule] = [str(row) for row in rows]
    return found
