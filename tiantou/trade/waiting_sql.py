"""Statements of who waits for an offer that is sold out."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ARRAY, Uuid, bindparam, text

from tiantou.core.db import Tx
from tiantou.kit import ids


class WaitingView(Struct, frozen=True, kw_only=True):
    """Somebody's wait. `ahead`: how many wait before him; `units`: what he wants, or has kept."""

    id: UUID
    shop_id: UUID
    offer_id: UUID
    buyer_id: UUID
    units: int
    state: str
    at: datetime
    offered_until: datetime | None
    order_id: UUID | None
    ahead: int


_WAIT = """
  select w.waiting_id as id, w.shop_id, w.offer_id, w.buyer_id, w.units, w.state, w.at,
         w.offered_until, w.order_id,
         case when w.state = 'waiting' then
           (select count(*)::int from trade.waiting x where x.shop_id = w.shop_id
               and x.offer_id = w.offer_id and x.state = 'waiting' and x.place < w.place)
           else 0 end as ahead
    from trade.waiting w"""


async def add(
    tx: Tx, shop_id: UUID, offer_id: UUID, buyer_id: UUID, units: int, state: str, now: datetime
) -> UUID | None:
    """At the end of the line; None if he stands in it already."""
    made: UUID | None = await tx.scalar(
        text(
            "insert into trade.waiting (shop_id, waiting_id, offer_id, buyer_id, units, state, at)"
            " values (:shop, :id, :offer, :buyer, :units, :state, :now)"
            " on conflict do nothing returning waiting_id"
        ),
        {
            "shop": shop_id,
            "id": ids.uuid7(),
            "offer": offer_id,
            "buyer": buyer_id,
            "units": units,
            "state": state,
            "now": now,
        },
    )
    return made


async def one(tx: Tx, shop_id: UUID, waiting_id: UUID) -> WaitingView | None:
    """A wait."""
    row = (
        await tx.execute(
            text(f"{_WAIT} where w.shop_id = :shop and w.waiting_id = :id"),
            {"shop": shop_id, "id": waiting_id},
        )
    ).one_or_none()
    return None if row is None else WaitingView(**row._mapping)


async def of_buyer(tx: Tx, buyer_id: UUID, limit: int) -> list[WaitingView]:
    """A buyer's waits: those under way, and the last ones that ended."""
    rows = await tx.execute(
        text(
            f"{_WAIT} where w.buyer_id = :buyer"
            " order by w.state in ('offered', 'waiting') desc, w.place desc limit :limit"
        ),
        {"buyer": buyer_id, "limit": limit},
    )
    return [WaitingView(**row._mapping) for row in rows]


async def counts(tx: Tx, shop_id: UUID, offer_id: UUID, buyer_id: UUID) -> tuple[int, int]:
    """How many wait for the offer, and for how many offers the buyer waits."""
    row = (
        await tx.execute(
            text(
                "select (select count(*) from trade.waiting where shop_id = :shop"
                " and offer_id = :offer and state = 'waiting') as here,"
                " (select count(*) from trade.waiting where buyer_id = :buyer"
                " and state in ('waiting', 'offered')) as his"
            ),
            {"shop": shop_id, "offer": offer_id, "buyer": buyer_id},
        )
    ).one()
    return row.here, row.his


async def under_way(tx: Tx, shop_id: UUID, offer_id: UUID) -> list[UUID]:
    """Everybody's waits for an offer that have not ended."""
    rows = await tx.execute(
        text(
            "select waiting_id from trade.waiting where shop_id = :shop and offer_id = :offer"
            " and state in ('waiting', 'offered') order by place"
        ),
        {"shop": shop_id, "offer": offer_id},
    )
    return [row.waiting_id for row in rows]


async def due(tx: Tx, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Offers (shop, offer) that keep units longer than they should, or have some for who waits:
    those that were paused when they came back.
    """
    rows = await tx.execute(
        text(
            "select shop_id, offer_id from trade.waiting where state = 'offered'"
            " and offered_until <= :now union select w.shop_id, w.offer_id from trade.waiting w"
            " join trade.offer f on f.shop_id = w.shop_id and f.offer_id = w.offer_id"
            " where w.state = 'waiting' and f.state = 'open' and (select min(p.available"
            " / d.per_unit) from trade.draw d join trade.pool p on p.shop_id = d.shop_id"
            " and p.pool_id = d.pool_id where d.shop_id = w.shop_id"
            " and d.offer_id = w.offer_id) > 0 order by 1, 2 limit :limit"
        ),
        {"now": now, "limit": limit},
    )
    return [(row.shop_id, row.offer_id) for row in rows]


async def due_of(tx: Tx, shop_id: UUID, offer_id: UUID, now: datetime) -> list[UUID]:
    """The waits of an offer whose kept units are due back."""
    rows = await tx.execute(
        text(
            "select waiting_id from trade.waiting where shop_id = :shop and offer_id = :offer"
            " and state = 'offered' and offered_until <= :now order by place for update"
        ),
        {"shop": shop_id, "offer": offer_id, "now": now},
    )
    return [row.waiting_id for row in rows]


async def end(
    tx: Tx, shop_id: UUID, offer_id: UUID, waits: Sequence[UUID], to: str, now: datetime
) -> list[tuple[UUID, UUID, int]]:
    """Ends waits; kept units go back. Gives (wait, buyer, units) of those that were under way."""
    rows = await tx.execute(
        text(
            "select waiting_id, buyer_id, units"
            " from trade.end_waiting(:shop, :offer, :waits, :to, :now)"
        ).bindparams(bindparam("waits", type_=ARRAY(Uuid))),
        {"shop": shop_id, "offer": offer_id, "waits": list(waits), "to": to, "now": now},
    )
    return [(row.waiting_id, row.buyer_id, row.units) for row in rows]
