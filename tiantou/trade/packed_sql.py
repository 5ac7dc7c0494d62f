"""Which boxes of which lots went into which orders: all of an order, if any is of some lots, or was
packed within a span of time.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ARRAY, Uuid, bindparam, text

from tiantou.core.db import Tx

ROWS_MAX = 200_000


class PackedOrder(Struct, frozen=True, kw_only=True):
    """Boxes of a lot in an order, and the county it goes to. Nothing of the buyer."""

    number: str
    division_code: str | None
    lot_code: str
    boxes: int
    at: datetime


async def packed_orders(
    tx: Tx, shop_id: UUID, lots: Sequence[UUID] | None, since: datetime, until: datetime
) -> list[PackedOrder]:
    """In the order in which they were packed; lots of an order stand together. At most ROWS_MAX."""
    rows = await tx.execute(
        text(
            "select o.number, o.division_code, p.lot_code, sum(p.boxes)::int as boxes,"
            " max(p.at) as at from trade.pick p"
            " join trade.orders o on o.shop_id = p.shop_id and o.order_id = p.order_id"
            " where p.shop_id = :shop and p.order_id in (select x.order_id from trade.pick x"
            "  where x.shop_id = :shop and (x.lot_id = any(:lots) or cast(:lots as uuid[]) is null"
            "   and x.at >= :since and x.at < :until))"
            " group by o.order_id, o.number, o.division_code, p.lot_code"
            " order by max(max(p.at)) over (partition by o.number), o.number, p.lot_code"
            " limit :most"
        ).bindparams(bindparam("lots", type_=ARRAY(Uuid))),
        {
            "shop": shop_id,
            "lots": None if lots is None else list(lots),
            "since": since,
            "until": until,
            "most": ROWS_MAX,
        },
    )
    return [PackedOrder(**row._mapping) for row in rows]
