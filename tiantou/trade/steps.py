"""How an order goes on: by its machine only, with its timeline, and the timer of its new state."""

from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from tiantou.core import timers
from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.kit import clock
from tiantou.trade import orders_sql as sql
from tiantou.trade.lifecycle import ORDER
from tiantou.trade.promises import CHINA as CHINA
from tiantou.trade.views import OrderView

By = Literal["buyer", "seller", "system", "carrier", "operator"]

TIMER = "trade.order"
DEADLINE_DAYS = 7
SCAN_WITHIN = timedelta(hours=72)
EXCEPTION_FOR = timedelta(days=7)
CLAIM_WINDOW = timedelta(hours=48)
BEFORE_SHIPPING = frozenset({"paid", "packing", "packed"})


def key_of(shop_id: UUID, order_id: UUID) -> str:
    """The name of an order where one word is wanted: timers, parcels, picks."""
    return f"{shop_id}/{order_id}"


def of_key(key: str) -> tuple[UUID, UUID]:
    """Shop and order of such a name. Raises ValueError."""
    shop_id, order_id = key.split("/")
    return UUID(shop_id), UUID(order_id)


def due_after(order: OrderView, state: str, now: datetime) -> tuple[str, datetime] | None:
    """The event that time brings to an order in `state`, and when; None if nothing waits."""
    if state in BEFORE_SHIPPING:
        return "hard_deadline", last_day_after(order.ship_day)
    waits = {
        "shipped": ("no_scan_72h", SCAN_WITHIN),
        "exception": ("exception_7d", EXCEPTION_FOR),
        "delivered": ("claim_window_over", CLAIM_WINDOW),
    }
    if state in waits:
        event, wait = waits[state]
        return event, now + wait
    return None


def last_day_after(ship_day: date) -> datetime:
    """When an order that should have been sent on that day is given up."""
    first_day = datetime.combine(ship_day, datetime.min.time(), CHINA)
    return first_day + timedelta(days=DEADLINE_DAYS + 1)


async def held(tx: Tx, shop_id: UUID, order_id: UUID) -> OrderView:
    """The order, its row locked until the end of the transaction. Raises NotFound."""
    found = await sql.order(tx, shop_id, order_id, hold=True)
    if found is None:
        raise NotFound()
    return found


async def go(
    tx: Tx, order: OrderView, event: str, by: By, by_id: UUID | None = None, **more: Any
) -> OrderView:
    """The held order after `event`. Raises WrongState."""
    now = clock.now()
    state = ORDER.after(order.state, event)
    await sql.set_state(tx, order, event, state, by, by_id, now, **more)
    due = due_after(order, state, now)
    name = key_of(order.shop_id, order.order_id)
    if due is None:
        await timers.cancel(tx, TIMER, name)
    else:
        await timers.set(tx, TIMER, name, due[1], {"event": due[0]})
    return await _again(tx, order)


async def _again(tx: Tx, order: OrderView) -> OrderView:
    found = await sql.order(tx, order.shop_id, order.order_id)
    if found is None:
        raise NotFound()
    return found


def fact_of(order: OrderView) -> dict[str, Any]:
    """What every fact of an order says."""
    return {
        "shop_id": order.shop_id,
        "order_id": order.order_id,
        "number": order.number,
        "origin": order.origin,
        "buyer_id": order.buyer_id,
        "amount_fen": order.amount_fen,
    }
