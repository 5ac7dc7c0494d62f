"""What timers do in trade. `HANDLERS` need nothing but the transaction; `payment_query` is given
the payment port by wiring.
"""

from typing import Any
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.core.timers import Due
from tiantou.trade import offers, orders, payments, refunds, steps
from tiantou.trade.ports import PaymentGateway

PAYMENT_QUERY = payments.TIMER


async def _offer_close(tx: Tx, key: str, _: dict[str, Any]) -> None:
    shop_id, offer_id = steps.of_key(key)
    try:
        await offers.close_offer(tx, shop_id, offer_id, "window_over")
    except NotFound:
        return


async def _order(tx: Tx, key: str, body: dict[str, Any]) -> None:
    await orders.on_due(tx, *steps.of_key(key), body["event"])


async def _refund(tx: Tx, key: str, body: dict[str, Any]) -> None:
    await refunds.on_due(tx, *steps.of_key(key), body["event"])


async def payment_query(tx: Tx, key: str, _: dict[str, Any], gateway: PaymentGateway) -> None:
    """Asks the provider of a payment whose callback did not come."""
    await payments.ask_again(tx, gateway, UUID(key))


HANDLERS: dict[str, Due] = {
    offers.CLOSE_TIMER: _offer_close,
    steps.TIMER: _order,
    refunds.TIMER: _refund,
}
