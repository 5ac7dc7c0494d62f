"""What must hold of every database that trade has worked in: the standing audit, and the facts."""

from sqlalchemy import text

from tiantou.core.db import Database
from tiantou.trade import audit as standing

# Facts are dropped with their day, so only a test can ask this of every order.
FACTS = {
    "every order has its buyer's row and its one fact": """
        select o.order_id from trade.orders o
         where o.buyer_id is not null and not exists (
                 select 1 from trade.my_order m where m.buyer_id = o.buyer_id
                    and m.order_id = o.order_id and m.state = o.state)
            or (select count(*) from trade.outbox f where f.kind = 'trade.order-placed'
                   and f.key = o.order_id::text) <> 1""",
    "no fact without its order": """
        select f.id from trade.outbox f where f.kind = 'trade.order-placed'
           and not exists (select 1 from trade.orders o where o.order_id::text = f.key)""",
}


async def audit(database: Database) -> dict[str, list[str]]:
    """What is wrong, by rule; empty if nothing is."""
    made = await standing.look(database)
    found = {one.rule: [str(row) for row in one.rows] for one in made.differences}
    async with database.begin() as tx:
        for rule, statement in FACTS.items():
            rows = (await tx.execute(text(statement))).all()
            if rows:
                found[rule] = [str(row) for row in rows]
    return found
