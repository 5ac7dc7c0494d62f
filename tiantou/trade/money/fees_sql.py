"""Statements of what a host is due, by the origin of orders."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from tiantou.core.db import Tx
from tiantou.kit import clock


async def set_fee(tx: Tx, shop_id: UUID, origin: str, permille: int) -> None:
    """Orders of `origin` owe the host so many thousandths of what was paid for goods.

    Raises ValueError outside of 0 to 900.
    """
    if not 0 <= permille <= 900:
        raise ValueError("a fee is 0 to 900 thousandths")
    now: datetime = clock.now()
    await tx.execute(
        text(
            "insert into trade.fee_rule values (:shop, :origin, :permille, :now)"
            " on conflict (shop_id, origin) do update set permille = excluded.permille,"
            " at = excluded.at"
        ),
        {"shop": shop_id, "origin": origin, "permille": permille, "now": now},
    )


async def sold_at(tx: Tx, asked: Sequence[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Those of (shop, origin) where the shop sells: only there it was told what orders owe."""
    rows = await tx.execute(
        text(
            "select f.shop_id, f.origin"
            " from unnest(cast(:shops as uuid[]), cast(:origins as text[])) k(shop_id, origin)"
            " join trade.fee_rule f on f.shop_id = k.shop_id and f.origin = k.origin"
        ),
        {"shops": [one[0] for one in asked], "origins": [one[1] for one in asked]},
    )
    return {(row.shop_id, row.origin) for row in rows}


async def set_goods_fee(tx: Tx, shop_id: UUID, origin: str, pack_id: UUID, permille: int) -> None:
    """Orders of this pack at `origin` owe the host so much from now on; other packs owe what
    `set_fee` said, 0 if it said nothing.

    Orders that are placed already owe what was in force. Raises ValueError outside of 0 to 900.
    """
    if not 0 <= permille <= 900:
        raise ValueError("a fee is 0 to 900 thousandths")
    await end_goods_fee(tx, shop_id, origin, pack_id)
    await tx.execute(
        text("insert into trade.fee_rule values (:shop, :origin, 0, :now) on conflict do nothing"),
        {"shop": shop_id, "origin": origin, "now": clock.now()},
    )
    await tx.execute(
        text("insert into trade.goods_fee values (:shop, :origin, :pack, :permille, :now)"),
        {
            "shop": shop_id,
            "origin": origin,
            "pack": pack_id,
            "permille": permille,
            "now": clock.now(),
        },
    )


async def end_goods_fee(tx: Tx, shop_id: UUID, origin: str, pack_id: UUID) -> None:
    """Orders of this pack that are placed from now on owe what `set_fee` said."""
    await tx.execute(
        text(
            "update trade.goods_fee set until_at = :now where shop_id = :shop"
            " and origin = :origin and pack_id = :pack and until_at is null"
        ),
        {"shop": shop_id, "origin": origin, "pack": pack_id, "now": clock.now()},
    )


async def fee_of(tx: Tx, shop_id: UUID, origin: str, pack_id: UUID, placed_at: datetime) -> int:
    """The thousandths that an order of a pack owes, placed then at an origin; 0 if nobody said."""
    found = await tx.scalar(
        text(
            "select coalesce("
            "(select permille from trade.goods_fee where shop_id = :shop and origin = :origin"
            "  and pack_id = :pack and from_at <= :placed and coalesce(until_at > :placed, true)"
            "  order by from_at desc limit 1),"
            "(select permille from trade.fee_rule where shop_id = :shop and origin = :origin))"
        ),
        {"shop": shop_id, "origin": origin, "pack": pack_id, "placed": placed_at},
    )
    return int(found or 0)
