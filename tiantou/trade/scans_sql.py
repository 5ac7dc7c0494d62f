"""Statements on scans and waybills."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, text

from tiantou.core.db import Tx
from tiantou.trade.scans import Count, Scan, ScanView, Verdict

_VIEW = (
    "select s.scan_id, s.said_order, s.said_box, s.order_id, o.number, o.channel,"
    " o.state as order_state, s.line_no, s.box_code, l.code as lot_code, s.net_g, s.short_fen,"
    " s.verdict, s.other, s.earlier_lot, s.packer_id, s.scanned_at, s.at,"
    " (select count(*)::int from trade.scan x where x.shop_id = s.shop_id"
    "  and x.order_id = s.order_id and x.verdict = 'in') as boxes_in,"
    " coalesce((select sum(n.units)::int from trade.order_line n where n.shop_id = s.shop_id"
    "  and n.order_id = s.order_id), 0) as boxes_needed"
    " from trade.scan s left join trade.orders o on o.shop_id = s.shop_id"
    " and o.order_id = s.order_id left join supply.lot l on l.id = s.lot_id"
    " where s.shop_id = :shop"
)


def _view(row: Any) -> ScanView:
    return ScanView(**{**row._mapping, "verdict": Verdict(row.verdict)})


async def begin(tx: Tx, shop_id: UUID, packer_id: UUID, one: Scan, now: datetime) -> bool:
    """Writes a scan down as of an unknown order; False if it is known already. Waits for a rival
    that writes the same one.
    """
    made = await tx.scalar(
        text(
            "insert into trade.scan (shop_id, scan_id, said_order, said_box, net_g, verdict,"
            " packer_id, scanned_at, at) values (:shop, :scan, :said, :box, :net, 'unknown_order',"
            " :packer, :scanned, :now) on conflict do nothing returning scan_id"
        ),
        {
            "shop": shop_id,
            "scan": one.id,
            "said": one.order,
            "box": one.box,
            "net": one.net_g,
            "packer": packer_id,
            "scanned": one.at,
            "now": now,
        },
    )
    return made is not None


async def end(tx: Tx, shop_id: UUID, scan_id: UUID, verdict: Verdict, **more: Any) -> None:
    """What came of the scan; `more` are columns of it."""
    sets = ", ".join(f"{name} = :{name}" for name in ("verdict", *more))
    await tx.execute(
        text(f"update trade.scan set {sets} where shop_id = :shop and scan_id = :scan"),
        {"shop": shop_id, "scan": scan_id, "verdict": verdict.value, **more},
    )


async def scan(tx: Tx, shop_id: UUID, scan_id: UUID) -> ScanView | None:
    """One of a shop's scans."""
    statement = text(f"{_VIEW} and s.scan_id = :scan")
    row = (await tx.execute(statement, {"shop": shop_id, "scan": scan_id})).one_or_none()
    return None if row is None else _view(row)


async def latest(tx: Tx, shop_id: UUID, packer_id: UUID, limit: int) -> list[ScanView]:
    """A packer's last scans, newest first."""
    statement = text(f"{_VIEW} and s.packer_id = :packer order by s.at desc, s.scan_id limit :most")
    rows = await tx.execute(statement, {"shop": shop_id, "packer": packer_id, "most": limit})
    return [_view(row) for row in rows]


async def refused(tx: Tx, shop_id: UUID, limit: int) -> list[ScanView]:
    """Scans that nobody has dealt with yet, oldest first."""
    statement = text(
        f"{_VIEW} and s.verdict not in ('in', 'undone') and s.settled_at is null"
        " order by s.at, s.scan_id limit :most"
    )
    return [_view(row) for row in await tx.execute(statement, {"shop": shop_id, "most": limit})]


async def settle(tx: Tx, shop_id: UUID, scan_id: UUID, by: UUID, now: datetime) -> bool:
    """A person has dealt with a refused scan; False if there is none such."""
    done = await tx.scalar(
        text(
            "update trade.scan set settled_at = coalesce(settled_at, :now),"
            " settled_by = coalesce(settled_by, :by) where shop_id = :shop and scan_id = :scan"
            " and verdict not in ('in', 'undone') returning scan_id"
        ),
        {"shop": shop_id, "scan": scan_id, "by": by, "now": now},
    )
    return done is not None


async def scanned_in(tx: Tx, shop_id: UUID, order_id: UUID) -> list[tuple[int, UUID, str | None]]:
    """(line, lot, box code) of every box that was scanned into an order."""
    rows = await tx.execute(
        text(
            "select line_no, lot_id, box_code from trade.scan where shop_id = :shop"
            " and order_id = :order and verdict = 'in' order by at, scan_id"
        ),
        {"shop": shop_id, "order": order_id},
    )
    return [(row.line_no, row.lot_id, row.box_code) for row in rows]


async def forget(tx: Tx, shop_id: UUID, order_id: UUID) -> None:
    """The boxes that were scanned into an order are out of it again."""
    await tx.execute(
        text(
            "update trade.scan set verdict = 'undone' where shop_id = :shop and order_id = :order"
            " and verdict = 'in'"
        ),
        {"shop": shop_id, "order": order_id},
    )


async def counted(tx: Tx, shop_id: UUID, since: datetime) -> list[Count]:
    """Boxes put into orders since, by packer."""
    rows = await tx.execute(
        text(
            "select packer_id, count(*)::int as boxes from trade.scan where shop_id = :shop"
            " and at >= :since and verdict = 'in' group by 1 order by 2 desc, 1"
        ),
        {"shop": shop_id, "since": since},
    )
    return [Count(**row._mapping) for row in rows]


async def order_of(tx: Tx, shop_id: UUID, said: str) -> UUID | None:
    """The order of a waybill, of its number, or of its number in the one channel that has it."""
    rows = await tx.execute(
        text(
            "select 1 as how, order_id from trade.waybill where shop_id = :shop and waybill = :said"
            " union all select 2, order_id from trade.orders where shop_id = :shop"
            "  and number = :said"
            " union all select 3, order_id from trade.orders where shop_id = :shop"
            "  and channel <> 'tiantou' and channel = any(:channels) and external_no = :raw"
            "  and external_no is not null"
            " order by how"
        ).bindparams(bindparam("channels", type_=ARRAY(Text))),
        {"shop": shop_id, "said": said.upper(), "raw": said, "channels": list(_CHANNELS)},
    )
    found = list(rows)
    best = [row.order_id for row in found if row.how == found[0].how]
    return best[0] if len(best) == 1 else None


_CHANNELS = ("douyin", "kuaishou", "taobao", "pinduoduo", "wechat-shop", "other")


async def numbers_of(tx: Tx, shop_id: UUID, orders: Sequence[UUID]) -> dict[UUID, str]:
    """The numbers of orders."""
    rows = await tx.execute(
        text(
            "select order_id, number from trade.orders where shop_id = :shop"
            " and order_id = any(:orders)"
        ).bindparams(bindparam("orders", type_=ARRAY(Uuid))),
        {"shop": shop_id, "orders": list(orders)},
    )
    return {row.order_id: row.number for row in rows}


async def put_waybill(
    tx: Tx, shop_id: UUID, order_id: UUID, carrier: str, waybill: str, now: datetime
) -> UUID:
    """A waybill is an order's; gives the order that has it, which is another if it was taken."""
    await tx.execute(
        text(
            "insert into trade.waybill values (:shop, :waybill, :carrier, :order, :now)"
            " on conflict do nothing"
        ),
        {
            "shop": shop_id,
            "waybill": waybill,
            "carrier": carrier,
            "order": order_id,
            "now": now,
        },
    )
    found: UUID = await tx.scalar(
        text("select order_id from trade.waybill where shop_id = :shop and waybill = :waybill"),
        {"shop": shop_id, "waybill": waybill},
    )
    return found


async def waybill_of(tx: Tx, shop_id: UUID, order_id: UUID) -> tuple[str, str] | None:
    """(carrier, waybill) that was made last for an order."""
    row = (
        await tx.execute(
            text(
                "select carrier, waybill from trade.waybill where shop_id = :shop"
                " and order_id = :order order by at desc limit 1"
            ),
            {"shop": shop_id, "order": order_id},
        )
    ).one_or_none()
    return None if row is None else (row.carrier, row.waybill)
