"""Statements of refunds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from tiantou.core.db import Tx
from tiantou.trade.views import RefundView

_REFUND = (
    "select refund_id as id, order_id, amount_fen, reason, state, tries, at, done_at"
    " from trade.refund"
)


class Row(Struct, frozen=True, kw_only=True):
    """A refund with what its execution needs."""

    shop_id: UUID
    refund_id: UUID
    order_id: UUID
    payment_id: UUID
    late: bool
    amount_fen: int
    reason: str
    state: str
    tries: int
    entry_id: UUID


async def add(tx: Tx, **row: Any) -> None:
    """Inserts a refund."""
    names = sorted(row)
    await tx.execute(
        text(f"insert into trade.refund ({', '.join(names)}) values (:{', :'.join(names)})"), row
    )


async def by_key(tx: Tx, shop_id: UUID, order_id: UUID, key: str) -> RefundView | None:
    """The refund that was asked under a key."""
    row = (
        await tx.execute(
            text(f"{_REFUND} where shop_id = :shop and order_id = :order and key = :key"),
            {"shop": shop_id, "order": order_id, "key": key},
        )
    ).one_or_none()
    return None if row is None else RefundView(**row._mapping)


async def of_order(tx: Tx, shop_id: UUID, order_id: UUID) -> list[RefundView]:
    """An order's refunds, oldest first."""
    rows = await tx.execute(
        text(f"{_REFUND} where shop_id = :shop and order_id = :order order by refund_id"),
        {"shop": shop_id, "order": order_id},
    )
    return [RefundView(**row._mapping) for row in rows]


async def hold(tx: Tx, shop_id: UUID, refund_id: UUID) -> Row | None:
    """A refund, its row locked."""
    row = (
        await tx.execute(
            text(
                "select shop_id, refund_id, order_id, payment_id, late, amount_fen, reason, state,"
                " tries, entry_id from trade.refund"
                " where shop_id = :shop and refund_id = :refund for update"
            ),
            {"shop": shop_id, "refund": refund_id},
        )
    ).one_or_none()
    return None if row is None else Row(**row._mapping)


async def set_state(
    tx: Tx,
    shop_id: UUID,
    refund_id: UUID,
    state: str,
    tries: int,
    provider_no: str | None,
    done_at: datetime | None,
) -> None:
    """The refund goes on; the caller holds the row."""
    await tx.execute(
        text(
            "update trade.refund set state = :state, tries = :tries,"
            " provider_no = coalesce(:no, provider_no), done_at = :done"
            " where shop_id = :shop and refund_id = :refund"
        ),
        {
            "shop": shop_id,
            "refund": refund_id,
            "state": state,
            "tries": tries,
            "no": provider_no,
            "done": done_at,
        },
    )


async def waiting(tx: Tx, states: Sequence[str], limit: int) -> list[Any]:
    """Refunds of all shops in some states, oldest first."""
    rows = await tx.execute(
        text(
            "select r.shop_id, r.refund_id as id, r.order_id, o.number, r.amount_fen, r.reason,"
            " r.state, r.tries, r.at from trade.refund r"
            " join trade.orders o on o.shop_id = r.shop_id and o.order_id = r.order_id"
            " where r.state = any(:states) order by r.at limit :limit"
        ),
        {"states": list(states), "limit": limit},
    )
    return list(rows.all())
