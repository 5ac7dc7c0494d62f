"""Statements of what shops pack on which days."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, bindparam, text

from tiantou.core.db import Tx
from tiantou.trade.promises import AHEAD_DAYS, CHINA, Capacity, Day

_STATED = text(
    "select y.shop_id, y.boxes, y.cut_off_minute from trade.capacity y"
    " where y.shop_id = any(:shops)"
).bindparams(bindparam("shops", type_=ARRAY(Uuid)))
_DAYS = text(
    "select y.shop_id, y.day, coalesce(trade.boxes_on(y.shop_id, y.day), 0) as boxes,"
    " p.taken as promised, p.available as left, d.day is not null as exception"
    "  from trade.day_pool y"
    "  join trade.pool p on p.shop_id = y.shop_id and p.pool_id = y.pool_id"
    "  left join trade.capacity_day d on d.shop_id = y.shop_id and d.day = y.day"
    " where y.shop_id = any(:shops) and y.day >= :first and y.day <= :last order by y.day"
).bindparams(bindparam("shops", type_=ARRAY(Uuid)))


async def capacities(tx: Tx, shops: Collection[UUID], now: datetime) -> dict[UUID, Capacity]:
    """What shops stated, by shop; those that stated nothing are left out."""
    today = now.astimezone(CHINA).date()
    until = today + timedelta(days=AHEAD_DAYS)
    stated = (await tx.execute(_STATED, {"shops": list(shops)})).all()
    limited = [row.shop_id for row in stated if row.boxes is not None]
    rows = (
        (await tx.execute(_DAYS, {"shops": limited, "first": today, "last": until})).all()
        if limited
        else []
    )
    days: dict[UUID, list[Day]] = {}
    for row in rows:
        values = dict(row._mapping)
        days.setdefault(values.pop("shop_id"), []).append(Day(**values))
    return {
        row.shop_id: Capacity(
            boxes=row.boxes, cut_off_minute=row.cut_off_minute, days=days.get(row.shop_id, [])
        )
        for row in stated
    }


async def of_shop(tx: Tx, shop_id: UUID) -> Capacity | None:
    """What a shop stated, without its days."""
    found = (await tx.execute(_STATED, {"shops": [shop_id]})).one_or_none()
    if found is None:
        return None
    return Capacity(boxes=found.boxes, cut_off_minute=found.cut_off_minute, days=[])


async def days_of(tx: Tx, shop_id: UUID, first: date, last: date) -> list[Day]:
    """The days of a shop, both ends included."""
    rows = await tx.execute(_DAYS, {"shops": [shop_id], "first": first, "last": last})
    return [
        Day(**{name: value for name, value in row._mapping.items() if name != "shop_id"})
        for row in rows
    ]


async def hold_shop(tx: Tx, shop_id: UUID) -> None:
    """The lock under which the admission decides a shop's batches."""
    await tx.execute(
        text("select pg_advisory_xact_lock(7426009, hashtext(cast(:shop as text)))"),
        {"shop": str(shop_id)},
    )


async def set_capacity(
    tx: Tx, shop_id: UUID, boxes: Sequence[int] | None, cut_off_minute: int, now: datetime
) -> None:
    """Writes what a shop stated in the place of what it stated before."""
    await tx.execute(
        text(
            "insert into trade.capacity (shop_id, boxes, cut_off_minute, at)"
            " values (:shop, :boxes, :cut_off, :now) on conflict (shop_id) do update"
            " set boxes = excluded.boxes, cut_off_minute = excluded.cut_off_minute,"
            " at = excluded.at"
        ).bindparams(bindparam("boxes", type_=ARRAY(Integer))),
        {"shop": shop_id, "boxes": boxes and list(boxes), "cut_off": cut_off_minute, "now": now},
    )


async def set_day(tx: Tx, shop_id: UUID, day: date, boxes: int | None) -> None:
    """Writes or removes the exception of a date."""
    key = {"shop": shop_id, "day": day}
    if boxes is None:
        await tx.execute(
            text("delete from trade.capacity_day where shop_id = :shop and day = :day"), key
        )
        return
    await tx.execute(
        text(
            "insert into trade.capacity_day (shop_id, day, boxes) values (:shop, :day, :boxes)"
            " on conflict (shop_id, day) do update set boxes = excluded.boxes"
        ),
        {**key, "boxes": boxes},
    )


async def open_days(tx: Tx, shop_id: UUID, first: date, last: date, now: datetime) -> None:
    """Days' pools stand and hold what the shop packs, less what is promised."""
    await tx.execute(
        text("select trade.open_days(:shop, :first, :last, :now)"),
        {"shop": shop_id, "first": first, "last": last, "now": now},
    )


async def shops_short_of(tx: Tx, last: date) -> list[UUID]:
    """Shops with a limit whose days do not reach to `last`."""
    rows = await tx.execute(
        text(
            "select y.shop_id from trade.capacity y where y.boxes is not null and not exists"
            " (select 1 from trade.day_pool d where d.shop_id = y.shop_id and d.day = :last)"
            " order by 1"
        ),
        {"last": last},
    )
    return [row.shop_id for row in rows]


async def move_days(
    tx: Tx, shop_id: UUID, orders: Sequence[UUID], free: date, now: datetime
) -> None:
    """Orders that take room on days go to the first ones from `free` on that have it."""
    await tx.execute(
        text("select trade.move_days(:shop, :orders, :free, :now)").bindparams(
            bindparam("orders", type_=ARRAY(Uuid))
        ),
        {"shop": shop_id, "orders": list(orders), "free": free, "now": now},
    )
