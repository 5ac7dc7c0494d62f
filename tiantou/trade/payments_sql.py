"""Statements of payments."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from tiantou.core.db import Tx


class PaymentRow(Struct, frozen=True, kw_only=True):
    """A payment as it stands."""

    payment_id: UUID
    buyer_id: UUID
    provider: str
    provider_no: str | None
    state: str
    amount_fen: int
    return_to: str
    redirect_url: str
    ends_at: datetime


_PAYMENT = (
    "select p.payment_id, p.buyer_id, p.provider, p.provider_no, p.state, p.amount_fen,"
    " p.return_to, p.redirect_url, p.ends_at from trade.payment p"
)


async def add(tx: Tx, parts: list[tuple[UUID, UUID, int]], **row: Any) -> None:
    """Inserts a payment with its parts (shop, order, fen)."""
    names = sorted(row)
    await tx.execute(
        text(f"insert into trade.payment ({', '.join(names)}) values (:{', :'.join(names)})"), row
    )
    for shop_id, order_id, fen in parts:
        await tx.execute(
            text("insert into trade.payment_part values (:payment, :shop, :order, :fen)"),
            {"payment": row["payment_id"], "shop": shop_id, "order": order_id, "fen": fen},
        )


async def hold(tx: Tx, payment_id: UUID) -> PaymentRow | None:
    """A payment, its row locked."""
    row = (
        await tx.execute(
            text(f"{_PAYMENT} where p.payment_id = :payment for update"), {"payment": payment_id}
        )
    ).one_or_none()
    return None if row is None else PaymentRow(**row._mapping)


async def parts(tx: Tx, payment_id: UUID) -> list[tuple[UUID, UUID, int]]:
    """What a payment is for: (shop, order, fen), in that order."""
    rows = await tx.execute(
        text(
            "select shop_id, order_id, amount_fen from trade.payment_part"
            " where payment_id = :payment order by 1, 2"
        ),
        {"payment": payment_id},
    )
    return [(row.shop_id, row.order_id, row.amount_fen) for row in rows]


async def of_order(tx: Tx, shop_id: UUID, order_id: UUID) -> list[PaymentRow]:
    """An order's payments, oldest first."""
    rows = await tx.execute(
        text(
            f"{_PAYMENT} join trade.payment_part x on x.payment_id = p.payment_id"
            " where x.shop_id = :shop and x.order_id = :order order by p.payment_id"
        ),
        {"shop": shop_id, "order": order_id},
    )
    return [PaymentRow(**row._mapping) for row in rows]


async def set_state(
    tx: Tx, payment_id: UUID, state: str, provider_no: str | None, now: datetime
) -> None:
    """The payment is decided; the caller holds the row."""
    await tx.execute(
        text(
            "update trade.payment set state = :state, decided_at = :now,"
            " provider_no = coalesce(:no, provider_no) where payment_id = :payment"
        ),
        {"payment": payment_id, "state": state, "no": provider_no, "now": now},
    )


async def lapse(tx: Tx, now: datetime, before: str, after: str, limit: int) -> int:
    """Payments that nobody made in time; says how many."""
    done = await tx.execute(
        text(
            "update trade.payment p set state = :after, decided_at = :now from"
            " (select payment_id from trade.payment where state = 'started' and state = :before"
            "   and ends_at <= :now order by ends_at limit :limit for update skip locked) x"
            " where p.payment_id = x.payment_id returning 1"
        ),
        {"now": now, "before": before, "after": after, "limit": limit},
    )
    return len(done.all())


async def first_notice(tx: Tx, provider: str, nonce: str, now: datetime) -> bool:
    """Marks a callback as used; False if it was used before."""
    done = await tx.execute(
        text(
            "insert into trade.payment_notice values (:provider, :nonce, :now)"
            " on conflict do nothing returning 1"
        ),
        {"provider": provider, "nonce": nonce, "now": now},
    )
    return done.first() is not None


async def forget_notices(tx: Tx, before: datetime) -> None:
    """Forgets marks so old that their callbacks would be refused for their age."""
    await tx.execute(
        text("delete from trade.payment_notice where at < :before"), {"before": before}
    )
