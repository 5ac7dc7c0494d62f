"""The sweep: once a second, unpaid orders whose hold has run out give their units back."""

from datetime import timedelta

from tiantou.core.db import Database
from tiantou.kit import clock
from tiantou.trade import orders_sql, payments_sql
from tiantou.trade.lifecycle import ORDER, PAYMENT

EVERY_S = 1.0
ORDERS_MAX = 1000
EVENT = "hold_expired_10min"


async def sweep(database: Database) -> int:
    """Cancels due orders, 1,000 at a time, until none is left; says how many.

    Any number of processes may sweep at once: rows that one holds, the others pass by.
    """
    after, done = ORDER.after(ORDER.init, EVENT), 0
    while True:
        async with database.begin() as tx:
            now = clock.now()
            count = await orders_sql.expire(tx, now, ORDERS_MAX, ORDER.init, EVENT, after)
        done += count
        if count < ORDERS_MAX:
            break
    lapsed = PAYMENT.after(PAYMENT.init, "time_over")
    async with database.begin() as tx:
        await payments_sql.lapse(tx, clock.now(), PAYMENT.init, lapsed, ORDERS_MAX)
    return done


async def forget(database: Database) -> None:
    """Drops marks of callbacks that their age alone would refuse; once an hour."""
    async with database.begin() as tx:
        await payments_sql.forget_notices(tx, clock.now() - timedelta(days=2))
