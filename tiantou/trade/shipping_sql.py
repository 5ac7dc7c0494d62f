"""Statements on the orders of parcels."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text

from tiantou.core.db import Tx

_NUMBERS = text(
    "select order_id, number from trade.orders where shop_id = :shop and order_id = any(:orders)"
).bindparams(bindparam("orders", type_=ARRAY(Uuid)))


async def numbers(tx: Tx, shop_id: UUID, order_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The numbers of a shop's orders, by id."""
    rows = await tx.execute(_NUMBERS, {"shop": shop_id, "orders": list(order_ids)})
    return {row.order_id: row.number for row in rows}
