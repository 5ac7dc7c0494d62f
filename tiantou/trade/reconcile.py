"""Reconciliation: a provider's bill of a day against our rows, differences listed and kept.

A day is one of Asia/Shanghai. What stands on the other side of midnight there is found when the
next day is compared: a day is compared again after its follower, and what agrees then is marked.
"""

import logging
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from tiantou.core.db import Database, Tx
from tiantou.kit import clock
from tiantou.trade import reconcile_sql as sql
from tiantou.trade.ports import BillLine, GatewayDown, Gateways, NoBill, PaymentGateway
from tiantou.trade.steps import CHINA

EVERY_S = 900.0
# Providers make the bill of a day after ten the next morning.
READY_AT = time(10, 30)
DAYS_BACK, ASKED_AGAIN_DAYS = 7, 3

log = logging.getLogger("tiantou.payments")


class Compared(Struct, frozen=True, kw_only=True):
    """A provider's day, and in how much it differs."""

    provider: str
    day: date
    state: str
    differences: int


async def run(database: Database, gateway: PaymentGateway, day: date) -> Compared:
    """Fetches the bill of a day and compares it. Raises GatewayDown; nothing is kept then."""
    state = "compared"
    try:
        lines = await gateway.bill(day)
    except NoBill:
        lines, state = [], "no_bill"
    async with database.begin() as tx:
        await sql.put_lines(tx, gateway.name, day, _sorted(lines))
        found = await _compare(tx, gateway.name, day, state)
        before = day - timedelta(days=1)
        if (known := await sql.state_of(tx, gateway.name, before)) is not None:
            await _compare(tx, gateway.name, before, known)
    if found:
        log.error("%s: %d differences in the bill of %s", gateway.name, found, day)
    return Compared(provider=gateway.name, day=day, state=state, differences=found)


async def _compare(tx: Tx, provider: str, day: date, state: str) -> int:
    """Lists what differs now; gives how much."""
    begins, ends = span(day)
    found = await sql.differences(tx, provider, day, begins, ends)
    now = clock.now()
    await sql.put_differences(tx, provider, day, found, now)
    await sql.put_reconciliation(tx, provider, day, state, begins, ends, now)
    return len(found)


def span(day: date) -> tuple[datetime, datetime]:
    """The first instant of a day of Asia/Shanghai, and that of the next."""
    begins = datetime.combine(day, time(), CHINA)
    return begins, begins + timedelta(days=1)


def _sorted(lines: list[BillLine]) -> list[BillLine]:
    """In one order for everybody, so that rivals do not lock each other out; each line once."""
    by = {(one.kind, one.ref, one.provider_no): one for one in lines}
    return [by[key] for key in sorted(by)]


async def sweep(database: Database, gateways: Gateways) -> int:
    """Compares each provider's days whose bill should be there by now; says how many."""
    done = 0
    for gateway in gateways.all:
        for day in await _due(database, gateway.name):
            try:
                await run(database, gateway, day)
                done += 1
            except GatewayDown as down:
                log.warning("%s: no bill of %s yet: %s", gateway.name, day, down)
    return done


async def _due(database: Database, provider: str) -> list[date]:
    now = clock.now().astimezone(CHINA)
    last = now.date() - timedelta(days=1 if now.time() >= READY_AT else 2)
    async with database.begin() as tx:
        known = await sql.states(tx, provider, last - timedelta(days=DAYS_BACK))
        began = await sql.first_payment(tx, provider)
    if began is None:
        return []
    days = [last - timedelta(days=back) for back in reversed(range(DAYS_BACK))]
    again = last - timedelta(days=ASKED_AGAIN_DAYS)
    return [
        day
        for day in days
        if day >= began.astimezone(CHINA).date()
        and (day not in known or (known[day] == "no_bill" and day > again))
    ]
