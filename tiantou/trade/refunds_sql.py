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
    asks: int


_ROW = (
    "r.shop_id, r.refund_id, r.order_id, r.payment_id, r.late, r.amount_fen, r.reason, r.state,"
    " r.tries, r.entry_id, r.asks"
)


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
                f"select {_ROW} from trade.refund r"
                " where r.shop_id = :shop and r.refund_id = :refund for update"
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
    ask_at: datetime | None = None,
) -> None:
    """The refund goes on; `ask_at`: when the provider is asked. The caller holds the row."""
    await tx.execute(
        text(
            "update trade.refund set state = :state, tries = :tries,"
            " provider_no = coalesce(:no, provider_no), done_at = :done, ask_at = :ask"
            " where shop_id = :shop and refund_id = :refund"
        ),
        {
            "shop": shop_id,
            "refund": refund_id,
            "state": state,
            "tries": tries,
            "no": provider_no,
            "done": done_at,
            "ask": ask_at,
        },
    )


async def take_due(tx: Tx, now: datetime, lease: datetime, limit: int) -> list[Row]:
    """Refunds whose provider is to be asked now; nobody else takes them before `lease`.

    That one was taken is counted before the provider is asked: whoever comes after knows of it.
    """
    rows = await tx.execute(
        text(
            "with due as (select shop_id, refund_id, asks from trade.refund"
            "   where ask_at <= :now and state = 'refunding'"
            "   order by ask_at limit :limit for update skip locked)"
            " update trade.refund r set ask_at = :lease, asks = r.asks + 1 from due"
            " where r.shop_id = due.shop_id and r.refund_id = due.refund_id"
            f" returning {_ROW}"
        ),
        {"now": now, "lease": lease, "limit": limit},
    )
    return [Row(**row._mapping) for row in rows]


async def ask_again(tx: Tx, shop_id: UUID, refund_id: UUID, at: datetime) -> None:
    """When the provider is asked next; a refund that was decided meanwhile is left alone."""
    await tx.execute(
        text(
            "update trade.refund set ask_at = :at where shop_id = :shop and refund_id = :refund"
            " and ask_at is not null"
        ),
        {"shop": shop_id, "refund": refund_id, "at": at},
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
