"""Statements of what a host is due, by the origin of orders."""

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


async def sells_at(tx: Tx, shop_id: UUID, origin: str) -> bool:
    """Whether the shop sells at an origin: only then was it told what such orders owe."""
    return bool(
        await tx.scalar(
            text("select true from trade.fee_rule where shop_id = :shop and origin = :origin"),
            {"shop": shop_id, "origin": origin},
        )
    )


async def fee_of(tx: Tx, shop_id: UUID, origin: str) -> int:
    """The thousandths that orders of an origin owe; 0 if nobody named any."""
    found = await tx.scalar(
        text("select permille from trade.fee_rule where shop_id = :shop and origin = :origin"),
        {"shop": shop_id, "origin": origin},
    )
    return int(found or 0)
