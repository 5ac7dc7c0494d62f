"""Statements of offers and pools. Whoever changes an offer locks its pools first: `hold`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tiantou.core.db import Tx
from tiantou.kit import ids
from tiantou.trade.capacity_sql import capacities
from tiantou.trade.promises import Capacity, promise
from tiantou.trade.views import BaseView, OfferView, StockView

BASE_DAYS = 7

_OFFER = """
  select o.offer_id as id, o.shop_id, o.pack_id, o.product_id, o.kind, o.state, o.price_fen,
         o.floor_fen, o.base_kind, o.base_fen, o.paused_by, o.per_buyer, o.opens_at, o.closes_at,
         encode(o.snapshot, 'hex') as snapshot, o.ship_on, o.ship_within_days,
         coalesce((select min(p.available / d.per_unit) from trade.draw d
                     join trade.pool p on p.shop_id = d.shop_id and p.pool_id = d.pool_id
                    where d.shop_id = o.shop_id and d.offer_id = o.offer_id), 0) as units_left,
         (select count(*)::int from trade.waiting w where w.shop_id = o.shop_id
             and w.offer_id = o.offer_id and w.state = 'waiting') as waiting
    from trade.offer o"""


def _view(row: Any, shop: Capacity | None, now: datetime) -> OfferView:
    values = dict(row._mapping)
    kind, fen = values.pop("base_kind"), values.pop("base_fen")
    base = BaseView(kind=kind, price_fen=fen) if kind else None
    sent = promise(shop, values["ship_on"], values.pop("ship_within_days"), now)
    return OfferView(
        base=base, ship_day=sent.ship_day, ship_room=sent.room, ship_then=sent.then, **values
    )


async def _some(tx: Tx, where: str, now: datetime, **values: Any) -> list[OfferView]:
    rows = (await tx.execute(text(f"{_OFFER} where {where}"), values)).all()
    shops = await capacities(tx, {row.shop_id for row in rows}, now)
    return [_view(row, shops.get(row.shop_id), now) for row in rows]


async def offers(
    tx: Tx, shop_id: UUID, offer_ids: Sequence[UUID], now: datetime
) -> dict[UUID, OfferView]:
    """Those of the shop's offers that exist, by id."""
    where = "o.shop_id = :shop and o.offer_id = any(:offers)"
    found = await _some(tx, where, now, shop=shop_id, offers=list(offer_ids))
    return {one.id: one for one in found}


async def offers_of_packs(
    tx: Tx, shop_id: UUID, pack_ids: Sequence[UUID], now: datetime
) -> list[OfferView]:
    """The offers of packs that are not closed, standing ones first."""
    where = (
        "o.shop_id = :shop and o.pack_id = any(:packs) and o.state <> 'closed'"
        " order by o.kind desc, o.offer_id"
    )
    return await _some(tx, where, now, shop=shop_id, packs=list(pack_ids))


async def offers_of_product(tx: Tx, product_id: UUID, now: datetime) -> list[OfferView]:
    """A product's offers that are not closed, standing ones first."""
    where = "o.product_id = :product and o.state <> 'closed' order by o.kind desc, o.offer_id"
    return await _some(tx, where, now, product=product_id)


async def listed(tx: Tx, shop_id: UUID, offer_id: UUID) -> int | None:
    """The catalog's price that the offer last took over."""
    found: int | None = await tx.scalar(
        text("select listed_fen from trade.offer where shop_id = :shop and offer_id = :offer"),
        {"shop": shop_id, "offer": offer_id},
    )
    return found


async def net_g_of(tx: Tx, shop_id: UUID, offer_id: UUID) -> int | None:
    """The grams of one unit of an offer; it never changes under its id."""
    found: int | None = await tx.scalar(
        text("select net_g from trade.offer where shop_id = :shop and offer_id = :offer"),
        {"shop": shop_id, "offer": offer_id},
    )
    return found


_GRAMS = text(
    "select o.shop_id, o.offer_id, o.net_g"
    " from unnest(cast(:shops as uuid[]), cast(:offers as uuid[])) k(shop_id, offer_id)"
    " join trade.offer o on o.shop_id = k.shop_id and o.offer_id = k.offer_id"
)


async def grams_of(tx: Tx, asked: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], int]:
    """`net_g_of` for several (shop, offer); offers that do not exist are left out."""
    shops, wanted = [one[0] for one in asked], [one[1] for one in asked]
    rows = await tx.execute(_GRAMS, {"shops": shops, "offers": wanted})
    return {(row.shop_id, row.offer_id): row.net_g for row in rows}


async def ensure_shop(tx: Tx, shop_id: UUID, now: datetime) -> None:
    """The shop has its number."""
    await tx.execute(
        text(
            "insert into trade.shop (shop_id, at) select :shop, :now where not exists"
            " (select 1 from trade.shop where shop_id = :shop) on conflict (shop_id) do nothing"
        ),
        {"shop": shop_id, "now": now},
    )


async def ensure_pool(tx: Tx, shop_id: UUID, pool_id: UUID, kind: str) -> None:
    """The pool stands, empty if it is new."""
    await tx.execute(
        text("insert into trade.pool values (:shop, :pool, :kind, 0, 0) on conflict do nothing"),
        {"shop": shop_id, "pool": pool_id, "kind": kind},
    )


async def hold(
    tx: Tx, shop_id: UUID, offer_ids: Sequence[UUID], pack_ids: Sequence[UUID] = ()
) -> dict[UUID, int]:
    """Locks every pool of the offers and packs, in the one order; what is available in each."""
    rows = await tx.execute(
        text(
            "select pool_id, available from trade.pool where shop_id = :shop and pool_id in"
            " (select pool_id from trade.draw where shop_id = :shop and offer_id = any(:offers)"
            "  union select unnest(cast(:packs as uuid[]))) order by pool_id for update"
        ),
        {"shop": shop_id, "offers": list(offer_ids), "packs": list(pack_ids)},
    )
    return {row.pool_id: row.available for row in rows}


async def tell_stock(tx: Tx, shop_id: UUID, before: dict[UUID, int], now: datetime) -> None:
    """Announces what changed since `hold` gave `before`."""
    await tx.execute(
        text("select trade.tell_stock(:shop, cast(:pools as uuid[]), cast(:was as int[]), :now)"),
        {"shop": shop_id, "pools": list(before), "was": list(before.values()), "now": now},
    )


async def move(
    tx: Tx, shop_id: UUID, pool_id: UUID, delta: int, reason: str, ref: str, now: datetime
) -> bool:
    """Puts units into a pool, or takes them out; False if the same move was made before.

    PostgreSQL refuses what would leave less than nothing.
    """
    done = await tx.execute(
        text(
            "with m as (insert into trade.pool_move values"
            "   (:shop, :move, :pool, :delta, :reason, :ref, :now)"
            "   on conflict (shop_id, pool_id, reason, ref) do nothing returning delta)"
            " update trade.pool p set available = p.available + m.delta from m"
            " where p.shop_id = :shop and p.pool_id = :pool returning 1"
        ),
        {
            "shop": shop_id,
            "move": ids.uuid7(),
            "pool": pool_id,
            "delta": delta,
            "reason": reason,
            "ref": ref,
            "now": now,
        },
    )
    return done.first() is not None


async def moved(tx: Tx, shop_id: UUID, pool_id: UUID, reason: str, ref: str) -> int:
    """The units of one move, 0 if it was not made."""
    found = await tx.scalar(
        text(
            "select delta from trade.pool_move where shop_id = :shop and pool_id = :pool"
            " and reason = :reason and ref = :ref"
        ),
        {"shop": shop_id, "pool": pool_id, "reason": reason, "ref": ref},
    )
    return int(found or 0)


async def owed(tx: Tx, shop_id: UUID, pack_id: UUID) -> int:
    """The boxes of a pack that were put on sale ahead and have not been packed yet."""
    found = await tx.scalar(
        text(
            "select sum(delta) from trade.pool_move where shop_id = :shop and pool_id = :pool"
            " and reason = 'presale'"
        ),
        {"shop": shop_id, "pool": pack_id},
    )
    return int(found or 0)


async def drain(tx: Tx, shop_id: UUID, offer_id: UUID, now: datetime) -> int:
    """What is left of a flash offer's own units goes back to the pack; says how many."""
    done = await tx.scalar(
        text("select trade.drain_flash(:shop, :offer, :now)"),
        {"shop": shop_id, "offer": offer_id, "now": now},
    )
    return int(done or 0)


async def add_offer(tx: Tx, now: datetime, pool_id: UUID, **row: Any) -> None:
    """Inserts an offer, its draws (its pool, what its pack draws on) and its first price."""
    names = sorted(row)
    await tx.execute(
        text(f"insert into trade.offer ({', '.join(names)}) values (:{', :'.join(names)})"),
        row,
    )
    key = {"shop": row["shop_id"], "offer": row["offer_id"]}
    await tx.execute(
        text("insert into trade.draw values (:shop, :offer, :pool, 1)"), {**key, "pool": pool_id}
    )
    await tx.execute(
        text(
            "insert into trade.draw select shop_id, :offer, pool_id, per_unit from trade.pack_pool"
            " where shop_id = :shop and pack_id = :pack"
        ),
        {**key, "pack": row["pack_id"]},
    )
    await add_price(tx, row["shop_id"], row["offer_id"], row["price_fen"], now)


async def add_price(tx: Tx, shop_id: UUID, offer_id: UUID, price_fen: int, now: datetime) -> None:
    """Writes down the price in force from now on."""
    await tx.execute(
        text(
            "insert into trade.offer_price values (:shop, :offer, :now, :price)"
            " on conflict (shop_id, offer_id, from_at) do update set price_fen = excluded.price_fen"
        ),
        {"shop": shop_id, "offer": offer_id, "price": price_fen, "now": now},
    )


async def set_offer(tx: Tx, shop_id: UUID, offer_id: UUID, **row: Any) -> None:
    """Updates an offer's columns; the caller holds its pools."""
    pairs = ", ".join(f"{name} = :{name}" for name in sorted(row))
    await tx.execute(
        text(f"update trade.offer set {pairs} where shop_id = :shop and offer_id = :offer"),
        {**row, "shop": shop_id, "offer": offer_id},
    )


async def floor_of(tx: Tx, shop_id: UUID, pack_id: UUID) -> int:
    """What the growers of the pack's boxes agreed to, in fen a box; 0 if they named nothing."""
    found = await tx.scalar(
        text("select floor_fen from trade.pack_floor where shop_id = :shop and pack_id = :pack"),
        {"shop": shop_id, "pack": pack_id},
    )
    return int(found or 0)


async def raise_floor(tx: Tx, shop_id: UUID, pack_id: UUID, floor_fen: int) -> None:
    """No offer of the pack may sell below `floor_fen` a box, now and later."""
    key = {"shop": shop_id, "pack": pack_id, "floor": floor_fen}
    await tx.execute(
        text(
            "insert into trade.pack_floor as f values (:shop, :pack, :floor)"
            " on conflict (shop_id, pack_id) do update"
            " set floor_fen = greatest(f.floor_fen, excluded.floor_fen)"
        ),
        key,
    )
    await tx.execute(
        text(
            "update trade.offer set floor_fen = :floor where shop_id = :shop and pack_id = :pack"
            " and state <> 'closed' and floor_fen < :floor"
        ),
        key,
    )


async def lowest_deal(tx: Tx, shop_id: UUID, pack_id: UUID, now: datetime) -> int | None:
    """The lowest price at which a box of the pack was paid for in the 7 days before, or None.

    Asked price by price, lowest first, so that a long row of orders need not be read.
    """
    prices = await tx.execute(
        text(
            "select distinct p.price_fen from trade.offer o"
            " join trade.offer_price p on p.shop_id = o.shop_id and p.offer_id = o.offer_id"
            " where o.shop_id = :shop and o.pack_id = :pack order by 1"
        ),
        {"shop": shop_id, "pack": pack_id},
    )
    for price in prices.scalars().all():
        sold = await tx.scalar(
            text(
                "select 1 from trade.order_line l"
                " join trade.orders z on z.shop_id = l.shop_id and z.order_id = l.order_id"
                " where l.shop_id = :shop and l.price_fen = :price and z.paid_at >= :since"
                " and l.offer_id in (select offer_id from trade.offer"
                "   where shop_id = :shop and pack_id = :pack) limit 1"
            ),
            {
                "shop": shop_id,
                "pack": pack_id,
                "price": price,
                "since": now - timedelta(days=BASE_DAYS),
            },
        )
        if sold:
            return int(price)
    return None


async def stock_of(tx: Tx, shop_id: UUID, pack_ids: Sequence[UUID] | None) -> list[StockView]:
    """The stock pools of packs (all of the shop's if None); units of flash offers count as taken
    out of the free ones until they come back.
    """
    rows = await tx.execute(
        text(
            "select pool_id as pack_id, available, taken from trade.pool"
            " where shop_id = :shop and kind = 'stock'"
            " and (cast(:packs as uuid[]) is null or pool_id = any(cast(:packs as uuid[])))"
            " order by pool_id"
        ),
        {"shop": shop_id, "packs": None if pack_ids is None else list(pack_ids)},
    )
    return [StockView(**row._mapping) for row in rows]
