"""Statements from lots to order lines and back: the walk through picks."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ARRAY, Uuid, bindparam, text

from tiantou.core.db import Tx
from tiantou.trade.views import PickView


class LineView(Struct, frozen=True, kw_only=True):
    """Boxes of a lot in an order line, and whose order it is. No address, no phone."""

    shop_id: UUID
    order_id: UUID
    number: str
    channel: str
    state: str
    line_no: int
    lot_id: UUID
    lot_code: str
    boxes: int
    units: int
    amount_fen: int
    buyer_id: UUID | None
    division_code: str | None
    picked_at: datetime


_LINES = text(
    """
    select p.shop_id, p.order_id, o.number, o.channel, o.state, p.line_no, p.lot_id, p.lot_code,
           p.boxes, l.units, l.amount_fen, o.buyer_id, o.division_code, p.at as picked_at
      from trade.pick p
      join trade.orders o on o.shop_id = p.shop_id and o.order_id = p.order_id
      join trade.order_line l on l.shop_id = p.shop_id and l.order_id = p.order_id
       and l.line_no = p.line_no
     where p.lot_id = any(:lots)
     order by p.order_id, p.line_no, p.lot_id
     limit :limit
    """
).bindparams(bindparam("lots", type_=ARRAY(Uuid)))


async def lines_of_lots(tx: Tx, lots: Sequence[UUID], limit: int) -> list[LineView]:
    """The order lines that boxes of these lots went to, oldest order first."""
    rows = await tx.execute(_LINES, {"lots": list(lots), "limit": limit})
    return [LineView(**row._mapping) for row in rows]


async def lots_of_order(tx: Tx, shop_id: UUID, order_id: UUID) -> list[PickView] | None:
    """The lots whose boxes are in an order; None if the shop has no such order."""
    rows = await tx.execute(
        text(
            "select p.line_no, p.lot_id, p.lot_code, p.boxes from trade.orders o"
            " left join trade.pick p on p.shop_id = o.shop_id and p.order_id = o.order_id"
            " where o.shop_id = :shop and o.order_id = :order order by p.line_no, p.lot_code"
        ),
        {"shop": shop_id, "order": order_id},
    )
    found = rows.all()
    if not found:
        return None
    return [PickView(**row._mapping) for row in found if row.lot_id is not None]
