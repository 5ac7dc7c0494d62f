"""Errands: what providers are asked, outside of any transaction, until they have answered.

A row says when its provider is asked next. A process takes due rows by moving that instant ahead,
commits, asks, and writes down what was said. If it dies in between, the errand is due again: each
question is one that may be asked twice.
"""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import timedelta

from tiantou.core.db import Database
from tiantou.core.problems import NotFound, Problem
from tiantou.kit import clock
from tiantou.trade import payments, payments_sql, refunds, refunds_sql
from tiantou.trade.lifecycle import PAYMENT
from tiantou.trade.ports import (
    GatewayDown,
    Gateways,
    PaymentGateway,
    RefundAnswer,
    RefundAsked,
)

EVERY_S = 1.0
AT_ONCE = 8
# Longer than any provider may take to answer.
LEASE = timedelta(minutes=2)
PENDING_FIRST = timedelta(seconds=30)
DOWN_FIRST, PAUSE_MAX = timedelta(seconds=5), timedelta(minutes=15)
DOUBLINGS_MAX = 10

log = logging.getLogger("tiantou.payments")


async def run(database: Database, gateways: Gateways) -> int:
    """Runs the errands that are due, some at once; says how many."""
    done = 0
    while True:
        now = clock.now()
        async with database.begin() as tx:
            paying = await payments_sql.take_due(tx, now, now + LEASE, AT_ONCE)
            back = await refunds_sql.take_due(tx, now, now + LEASE, AT_ONCE)
        if not paying and not back:
            return done
        some: list[Awaitable[None]] = [_payment(database, gateways, one) for one in paying]
        some += [_refund(database, gateways, one) for one in back]
        for said in await asyncio.gather(*some, return_exceptions=True):
            if isinstance(said, BaseException):
                log.error("an errand failed, and is due again later: %r", said)
        done += len(some)


def pause(first: timedelta, times: int) -> timedelta:
    """The pause after so many tries in vain: doubled each time, a quarter of an hour at most."""
    doublings: int = 2 ** min(times, DOUBLINGS_MAX)
    return min(PAUSE_MAX, first * doublings)


async def _payment(database: Database, gateways: Gateways, row: payments_sql.PaymentRow) -> None:
    """A payment of which nothing was heard: asked for, and closed when its time is over."""
    gateway = gateways.named(row.provider)
    now, over = clock.now(), False
    notice, wait, asks = None, payments.QUERY_EVERY, 0
    if gateway is None:
        wait = PAUSE_MAX
    else:
        try:
            notice = await gateway.query(row.payment_id)
            if notice is None and row.ends_at <= now:
                over = await gateway.close(row.payment_id)
        except GatewayDown as down:
            log.warning("%s: nothing is known of %s: %s", row.provider, row.payment_id, down)
            asks = row.asks + 1
            wait = pause(payments.QUERY_EVERY, row.asks)
    async with database.begin() as tx:
        if notice is not None:
            # A refusal of a payment that lapsed moves nothing, and ends the asking.
            ended = notice.state == "refused" and row.state != PAYMENT.init
            try:
                await payments.hear(tx, row.provider, notice)
            except Problem as problem:
                log.error("%s: %s of payment %s", row.provider, problem.title, row.payment_id)
                ended = True
            over = over or ended
        await payments_sql.ask_again(tx, row.payment_id, None if over else now + wait, asks)


async def _refund(database: Database, gateways: Gateways, row: refunds_sql.Row) -> None:
    """Money that is to go back."""
    async with database.begin() as tx:
        try:
            provider, asked = await refunds.asked_of(tx, row.shop_id, row.refund_id)
        except NotFound:
            return
    gateway, now = gateways.named(provider), clock.now()
    answer = None
    try:
        if gateway is None:
            raise GatewayDown("it is not a provider of this instance any more")
        answer = await ask_refund(gateway, asked, row.asks > 1)
        wait = pause(PENDING_FIRST, row.asks - 1)
    except GatewayDown as down:
        log.warning("%s: refund %s waits: %s", provider, row.refund_id, down)
        wait = pause(DOWN_FIRST, row.asks - 1)
    async with database.begin() as tx:
        if answer is not None:
            await refunds.hear(tx, row.shop_id, row.refund_id, answer)
        await refunds_sql.ask_again(tx, row.shop_id, row.refund_id, now + wait)


async def ask_refund(gateway: PaymentGateway, asked: RefundAsked, before: bool) -> RefundAnswer:
    """What becomes of a refund. One that was asked `before` may have been carried out unheard: the
    provider is asked about it first. Raises GatewayDown.
    """
    known = await gateway.refund_query(asked) if before else None
    return known or await gateway.refund(asked)
