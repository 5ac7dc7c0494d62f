"""Statements of orders, their lines, timelines, picks, and of the buyers' projection."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tiantou.core.db import Tx
from tiantou.trade.views import EventView, LineView, OrderView, PickView, SalesView

_ORDER = """
  select o.shop_id, o.order_id, o.number, o.channel, o.external_no, o.state, o.buyer_id,
         o.buyer_no, o.origin, o.note, encode(o.snapshot, 'hex') as snapshot,
         coalesce(s.document, '{}')::text as document,
         o.division_code, o.recipient, o.goods_fen, o.freight_fen, o.shop_off_fen,
         o.platform_off_fen, o.amount_fen, o.paid_fen,
         o.refunded_fen, o.units_back, o.ship_day, o.placed_at, o.pay_before_at, o.paid_at,
         o.completed_at,
         (select coalesce(sum(r.amount_fen), 0)::bigint from trade.refund r
           where r.shop_id = o.shop_id and r.order_id = o.order_id
             and not r.late and r.state <> 'refunded') as refunding_fen
    from trade.orders o
    left join trade.snapshot s on s.shop_id = o.shop_id and s.hash = o.snapshot"""


def _line(document: dict[str, Any], row: Any) -> LineView:
    goods, pack = document.get("product", {}), document.get("pack", {})
    pictures = goods.get("pictures") or [""]
    return LineView(
        line_no=row.line_no,
        offer_id=row.offer_id,
        pack_id=row.pack_id,
        title=goods.get("title", ""),
        grade=goods.get("grade", ""),
        unit=pack.get("unit", ""),
        net_g=row.net_g,
        pieces=pack.get("pieces"),
        photo=pictures[0],
        units=row.units,
        price_fen=row.price_fen,
        amount_fen=row.amount_fen,
    )


async def _views(tx: Tx, rows: Sequence[Any]) -> list[OrderView]:
    found = await tx.execute(
        text(
            "select l.*, s.document::text as document from trade.order_line l"
            " left join trade.snapshot s on s.shop_id = l.shop_id and s.hash = l.snapshot"
            " join unnest(cast(:shops as uuid[]), cast(:orders as uuid[])) k(shop_id, order_id)"
            " on l.shop_id = k.shop_id and l.order_id = k.order_id order by l.line_no"
        ),
        {"shops": [row.shop_id for row in rows], "orders": [row.order_id for row in rows]},
    )
    lines: dict[UUID, list[Any]] = {}
    for line in found:
        lines.setdefault(line.order_id, []).append(line)
    views = []
    for row in rows:
        values = dict(row._mapping)
        document = json.loads(values.pop("document"))
        mine = [
            _line(json.loads(line.document) if line.document else document, line)
            for line in lines.get(row.order_id, [])
        ]
        views.append(OrderView(document=document, lines=mine, **values))
    return views


async def order(tx: Tx, shop_id: UUID, order_id: UUID, hold: bool = False) -> OrderView | None:
    """An order; `hold` locks its row first."""
    key = {"shop": shop_id, "order": order_id}
    if hold:
        await tx.execute(
            text(
                "select 1 from trade.orders where shop_id = :shop and order_id = :order for update"
            ),
            key,
        )
    rows = await tx.execute(text(f"{_ORDER} where o.shop_id = :shop and o.order_id = :order"), key)
    found = await _views(tx, rows.all())
    return found[0] if found else None


async def orders_of_shop(
    tx: Tx,
    shop_id: UUID,
    states: Sequence[str] | None,
    number: str | None,
    before: UUID | None,
    limit: int,
) -> list[OrderView]:
    """A shop's orders, newest first."""
    rows = await tx.execute(
        text(
            f"{_ORDER} where o.shop_id = :shop"
            " and (cast(:states as text[]) is null or o.state = any(cast(:states as text[])))"
            " and (cast(:number as text) is null or o.number like :number || '%')"
            " and (cast(:before as uuid) is null or o.order_id < :before)"
            " order by o.order_id desc limit :limit"
        ),
        {
            "shop": shop_id,
            "states": None if states is None else list(states),
            "number": number,
            "before": before,
            "limit": limit,
        },
    )
    return await _views(tx, rows.all())


async def orders_of_buyer(
    tx: Tx, buyer_id: UUID, states: Sequence[str] | None, before: UUID | None, limit: int
) -> list[OrderView]:
    """A buyer's orders over all shops, newest first: keys from the projection, then the orders."""
    keys = (
        await tx.execute(
            text(
                "select shop_id, order_id from trade.my_order where buyer_id = :buyer"
                " and (cast(:states as text[]) is null or state = any(cast(:states as text[])))"
                " and (cast(:before as uuid) is null or order_id < :before)"
                " order by order_id desc limit :limit"
            ),
            {
                "buyer": buyer_id,
                "states": None if states is None else list(states),
                "before": before,
                "limit": limit,
            },
        )
    ).all()
    rows = await tx.execute(
        text(
            f"{_ORDER} join unnest(cast(:shops as uuid[]), cast(:orders as uuid[]))"
            " k(shop_id, order_id) on o.shop_id = k.shop_id and o.order_id = k.order_id"
            " order by o.order_id desc"
        ),
        {"shops": [key.shop_id for key in keys], "orders": [key.order_id for key in keys]},
    )
    return await _views(tx, rows.all())


async def set_state(
    tx: Tx,
    order: OrderView,
    event: str,
    state: str,
    by: str,
    by_id: UUID | None,
    now: datetime,
    **more: Any,
) -> None:
    """The order, its timeline and the buyer's projection go on; the caller holds the row."""
    key = {"shop": order.shop_id, "order": order.order_id}
    pairs = "".join(f", {name} = :{name}" for name in sorted(more))
    await tx.execute(
        text(
            f"update trade.orders set state = :state{pairs}"
            " where shop_id = :shop and order_id = :order"
        ),
        {**key, "state": state, **more},
    )
    await tx.execute(
        text(
            "insert into trade.order_event"
            " (shop_id, order_id, seq, event, state, by, by_id, at)"
            " select :shop, :order, max(seq) + 1, :event, :state, :by, :by_id, :now"
            " from trade.order_event where shop_id = :shop and order_id = :order"
        ),
        {**key, "event": event, "state": state, "by": by, "by_id": by_id, "now": now},
    )
    await tx.execute(
        text(
            "update trade.my_order set state = :state where buyer_id = :buyer and order_id = :order"
        ),
        {"state": state, "buyer": order.buyer_id, "order": order.order_id},
    )


async def add_refunded(tx: Tx, shop_id: UUID, order_id: UUID, fen: int) -> None:
    """So much more of the order's payment has gone back."""
    await tx.execute(
        text(
            "update trade.orders set refunded_fen = refunded_fen + :fen"
            " where shop_id = :shop and order_id = :order"
        ),
        {"shop": shop_id, "order": order_id, "fen": fen},
    )


async def give_back(tx: Tx, shop_id: UUID, order_id: UUID, now: datetime) -> None:
    """The order's units are free again; the caller holds the row."""
    await tx.execute(
        text("select trade.give_back(:shop, array[cast(:order as uuid)], :now)"),
        {"shop": shop_id, "order": order_id, "now": now},
    )


async def expire(tx: Tx, now: datetime, limit: int, before: str, event: str, after: str) -> int:
    """One sweep over unpaid orders whose hold has run out; says how many."""
    done = await tx.scalar(
        text("select trade.expire_orders(:now, :limit, :before, :event, :after)"),
        {"now": now, "limit": limit, "before": before, "event": event, "after": after},
    )
    return int(done or 0)


async def events(tx: Tx, shop_id: UUID, order_id: UUID) -> list[EventView]:
    """The order's timeline."""
    rows = await tx.execute(
        text(
            "select event, state, by, at from trade.order_event"
            " where shop_id = :shop and order_id = :order order by seq"
        ),
        {"shop": shop_id, "order": order_id},
    )
    return [EventView(**row._mapping) for row in rows]


async def add_pick(
    tx: Tx,
    shop_id: UUID,
    order_id: UUID,
    line_no: int,
    lot_id: UUID,
    lot_code: str,
    boxes: int,
    now: datetime,
) -> None:
    """Boxes of a lot are in the order."""
    await tx.execute(
        text("insert into trade.pick values (:shop, :order, :line, :lot, :code, :boxes, :now)"),
        {
            "shop": shop_id,
            "order": order_id,
            "line": line_no,
            "lot": lot_id,
            "code": lot_code,
            "boxes": boxes,
            "now": now,
        },
    )


async def picks(tx: Tx, shop_id: UUID, order_id: UUID) -> list[PickView]:
    """Which lots' boxes are in an order."""
    rows = await tx.execute(
        text(
            "select line_no, lot_id, lot_code, boxes from trade.pick"
            " where shop_id = :shop and order_id = :order order by line_no, lot_code"
        ),
        {"shop": shop_id, "order": order_id},
    )
    return [PickView(**row._mapping) for row in rows]


async def drop_picks(tx: Tx, shop_id: UUID, order_id: UUID) -> None:
    """The boxes went back into their lots."""
    await tx.execute(
        text("delete from trade.pick where shop_id = :shop and order_id = :order"),
        {"shop": shop_id, "order": order_id},
    )


_SALES = (
    "select o.origin, count(*) as orders, count(o.paid_at) as paid_orders,"
    " coalesce(sum(l.units) filter (where o.paid_at is not null), 0)::bigint as units,"
    " coalesce(sum(o.paid_fen), 0)::bigint as paid_fen,"
    " coalesce(sum(o.refunded_fen), 0)::bigint as refunded_fen"
    " from trade.orders o join lateral (select sum(units) as units"
    "   from trade.order_line l where l.shop_id = o.shop_id"
    "   and l.order_id = o.order_id) l on true"
    " where o.origin = any(:origins) and o.state <> 'cancelled' and o.origin <> 'shop'"
)


async def sales_of(tx: Tx, origin: str) -> SalesView:
    """Sums over the orders of an origin, of every shop, those that were cancelled left out."""
    found = await _sales(tx, _SALES + " group by o.origin", origins=[origin])
    none = SalesView(orders=0, paid_orders=0, units=0, paid_fen=0, refunded_fen=0)
    return found.get(origin, none)


async def sales_of_shop(tx: Tx, shop_id: UUID, origins: Iterable[str]) -> dict[str, SalesView]:
    """`sales_of` each origin, of one shop's orders alone; origins without orders are left out."""
    own = _SALES + " and o.shop_id = :shop group by o.origin"
    return await _sales(tx, own, origins=list(origins), shop=shop_id)


async def _sales(tx: Tx, statement: str, **names: Any) -> dict[str, SalesView]:
    found = {}
    for row in await tx.execute(text(statement), names):
        says = dict(row._mapping)
        origin = says.pop("origin")
        found[origin] = SalesView(**says)
    return found


async def origins_sold(tx: Tx, origins: Iterable[str]) -> dict[str, int]:
    """How many orders of each origin were paid."""
    rows = await tx.execute(
        text(
            "select origin, count(*) as orders from trade.orders where origin = any(:origins)"
            " and paid_at is not null and origin <> 'shop' group by 1"
        ),
        {"origins": list(origins)},
    )
    return {row.origin: row.orders for row in rows}
