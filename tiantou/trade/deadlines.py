"""What timers do in trade; they need nothing but the transaction."""

import contextlib
from typing import Any

from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.core.timers import Due, Held
from tiantou.trade import disruptions, offers, orders, refunds, refunds_sql, steps


async def _offer_close(tx: Tx, key: str, _: dict[str, Any]) -> None:
    shop_id, offer_id = steps.of_key(key)
    try:
        await offers.close_offer(tx, shop_id, offer_id, "window_over")
    except NotFound:
        return


async def _hold_offer(tx: Tx, key: str) -> None:
    with contextlib.suppress(NotFound):
        await offers.hold_to_close(tx, *steps.of_key(key))


async def _hold_order(tx: Tx, key: str) -> None:
    await steps.held(tx, *steps.of_key(key))


async def _hold_refund(tx: Tx, key: str) -> None:
    await refunds_sql.hold(tx, *steps.of_key(key))


async def _order(tx: Tx, key: str, body: dict[str, Any]) -> None:
    await orders.on_due(tx, *steps.of_key(key), body["event"])


async def _refund(tx: Tx, key: str, body: dict[str, Any]) -> None:
    await refunds.on_due(tx, *steps.of_key(key), body["event"])


HANDLERS: dict[str, Due] = {
    offers.CLOSE_TIMER: Held(_hold_offer, _offer_close),
    steps.TIMER: Held(_hold_order, _order),
    refunds.TIMER: Held(_hold_refund, _refund),
    disruptions.TIMER: disruptions.on_due,
}
