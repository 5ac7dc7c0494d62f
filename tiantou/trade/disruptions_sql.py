"""Statements that move the promises of orders behind a disruption."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ARRAY, Text, Uuid, bindparam, text

from tiantou.core.db import Tx
from tiantou.trade.capacity_sql import capacities
from tiantou.trade.promises import promise


class Touched(Struct, frozen=True, kw_only=True):
    """An order in the way of a disruption; the day on which it is sent now."""

    shop_id: UUID
    order_id: UUID
    state: str
    ship_day: date


class Untold(Struct, frozen=True, kw_only=True):
    """A moved promise that its buyer does not know of yet."""

    shop_id: UUID
    order_id: UUID
    number: str
    buyer_id: UUID | None
    from_day: date
    to_day: date


class MoveView(Struct, frozen=True, kw_only=True):
    """The last time that an order's promise moved."""

    disruption_id: UUID
    from_day: date
    to_day: date
    at: datetime


async def ship_days(
    tx: Tx, offers: Sequence[tuple[UUID, UUID]], now: datetime
) -> dict[tuple[UUID, UUID], tuple[date, UUID]]:
    """When orders of these offers (shop and offer), placed now, would be sent; and of what."""
    rows = (
        await tx.execute(
            text(
                "select o.shop_id, o.offer_id, o.ship_on, o.ship_within_days, o.product_id"
                " from trade.offer o join unnest(:shops, :offers) k(shop_id, offer_id)"
                " on k.shop_id = o.shop_id and k.offer_id = o.offer_id"
            ).bindparams(
                bindparam("shops", type_=ARRAY(Uuid)), bindparam("offers", type_=ARRAY(Uuid))
            ),
            {"shops": [shop for shop, _ in offers], "offers": [offer for _, offer in offers]},
        )
    ).all()
    shops = await capacities(tx, {row.shop_id for row in rows}, now)
    return {
        (row.shop_id, row.offer_id): (
            promise(shops.get(row.shop_id), row.ship_on, row.ship_within_days, now).ship_day,
            row.product_id,
        )
        for row in rows
    }


async def shops_at_work(tx: Tx) -> list[UUID]:
    """The shops that have orders which are neither delivered nor over."""
    rows = await tx.execute(
        text(
            "select s.shop_id from trade.shop s where exists (select 1 from trade.orders o"
            " where o.shop_id = s.shop_id and o.state in"
            " ('pending_payment', 'paid', 'packing', 'packed', 'shipped', 'exception'))"
            " order by 1"
        )
    )
    return [row.shop_id for row in rows]


_ARRAYS = (bindparam("shops", type_=ARRAY(Uuid)), bindparam("places", type_=ARRAY(Text)))
_PLACE = """(:anywhere or o.division_code like any(:places))"""
_MOVE = text(
    f"""
    with touched as materialized (
      select o.shop_id, o.order_id, o.state, o.ship_day
        from trade.orders o
       where o.shop_id = any(:shops)
         and o.state in ('pending_payment', 'paid', 'packing', 'packed')
         and o.ship_day < :free_day and (:begun or o.ship_day >= :first_day) and {_PLACE}
       order by o.shop_id, o.order_id
         for update of o
    ), moved as (
      update trade.orders o set ship_day = :free_day
        from touched t
       where o.shop_id = t.shop_id and o.order_id = t.order_id and o.day_units = 0
    ), kept as (
      insert into trade.moved_promise
             (shop_id, order_id, disruption_id, from_day, to_day, at, told_at)
      select t.shop_id, t.order_id, :disruption, t.ship_day, :free_day, :now, null from touched t
    )
    select shop_id, order_id, state, cast(:free_day as date) as ship_day from touched
    """
).bindparams(*_ARRAYS)
_ON_THE_ROAD = text(
    f"""
    select o.shop_id, o.order_id, o.state, o.ship_day from trade.orders o
     where o.shop_id = any(:shops) and o.state in ('shipped', 'exception') and {_PLACE}
     order by o.shop_id, o.order_id
       for update of o
    """
).bindparams(*_ARRAYS)


async def move(
    tx: Tx,
    disruption_id: UUID,
    shops: Sequence[UUID],
    places: Sequence[str],
    days: tuple[date, date],
    begun: bool,
    now: datetime,
) -> list[Touched]:
    """Every promise in the way goes behind it, in one statement.

    Those that take room on a day keep it until `capacity_sql.move_days` finds them another.

    `days`: the first disrupted and the first free day; `places`: prefixes, none for everywhere;
    `begun`: what is late already is in the way too.
    """
    names = {
        **_where(shops, places),
        "disruption": disruption_id,
        "first_day": days[0],
        "free_day": days[1],
        "begun": begun,
        "now": now,
    }
    return [Touched(**row._mapping) for row in await tx.execute(_MOVE, names)]


async def moved_again(tx: Tx, disruption_id: UUID, moved: Sequence[Touched]) -> list[Touched]:
    """The orders with the days that they were put on afterwards, as their buyers will hear."""
    keys = {
        "shops": [one.shop_id for one in moved],
        "orders": [one.order_id for one in moved],
        "disruption": disruption_id,
    }
    rows = await tx.execute(
        text(
            "with k as (select * from unnest(:shops, :orders) k(shop_id, order_id)), told as ("
            "  update trade.moved_promise m set to_day = o.ship_day from k"
            "    join trade.orders o on o.shop_id = k.shop_id and o.order_id = k.order_id"
            "   where m.disruption_id = :disruption and m.shop_id = k.shop_id"
            "     and m.order_id = k.order_id)"
            " select o.shop_id, o.order_id, o.state, o.ship_day from k"
            "   join trade.orders o on o.shop_id = k.shop_id and o.order_id = k.order_id"
            "  order by 1, 2"
        ).bindparams(bindparam("shops", type_=ARRAY(Uuid)), bindparam("orders", type_=ARRAY(Uuid))),
        keys,
    )
    return [Touched(**row._mapping) for row in rows]


async def hold_on_the_road(tx: Tx, shops: Sequence[UUID], places: Sequence[str]) -> list[Touched]:
    """Orders on their way to these places, held until the end of the transaction."""
    rows = await tx.execute(_ON_THE_ROAD, _where(shops, places))
    return [Touched(**row._mapping) for row in rows]


def _where(shops: Sequence[UUID], places: Sequence[str]) -> dict[str, object]:
    return {
        "shops": list(shops),
        "places": [f"{one}%" for one in places],
        "anywhere": not places,
    }


async def hold_untold(tx: Tx, disruption_id: UUID, limit: int) -> list[Untold]:
    """The next moved promises that nobody was told of."""
    rows = await tx.execute(
        text(
            "select m.shop_id, m.order_id, o.number, o.buyer_id, m.from_day, m.to_day"
            " from trade.moved_promise m join trade.orders o"
            " on o.shop_id = m.shop_id and o.order_id = m.order_id"
            " where m.disruption_id = :disruption and m.told_at is null"
            " order by m.shop_id, m.order_id limit :limit for update of m"
        ),
        {"disruption": disruption_id, "limit": limit},
    )
    return [Untold(**row._mapping) for row in rows]


async def set_told(tx: Tx, disruption_id: UUID, orders: Sequence[UUID], now: datetime) -> None:
    """These buyers know."""
    await tx.execute(
        text(
            "update trade.moved_promise set told_at = :now"
            " where disruption_id = :disruption and order_id = any(:orders)"
        ).bindparams(bindparam("orders", type_=ARRAY(Uuid))),
        {"disruption": disruption_id, "orders": list(orders), "now": now},
    )


async def moved_by(tx: Tx, disruptions: Sequence[UUID], shop_id: UUID | None) -> dict[UUID, int]:
    """How many promises each disruption moved, of one shop or (None) of all."""
    rows = await tx.execute(
        text(
            "select disruption_id, count(*) as n from trade.moved_promise"
            " where disruption_id = any(:ids)"
            " and (cast(:shop as uuid) is null or shop_id = :shop) group by 1"
        ).bindparams(bindparam("ids", type_=ARRAY(Uuid))),
        {"ids": list(disruptions), "shop": shop_id},
    )
    return {row.disruption_id: row.n for row in rows}


async def last_move(tx: Tx, shop_id: UUID, order_id: UUID) -> MoveView | None:
    """The last move of an order's promise, or None."""
    row = (
        await tx.execute(
            text(
                "select disruption_id, from_day, to_day, at from trade.moved_promise"
                " where shop_id = :shop and order_id = :order order by at desc limit 1"
            ),
            {"shop": shop_id, "order": order_id},
        )
    ).one_or_none()
    return None if row is None else MoveView(**row._mapping)
