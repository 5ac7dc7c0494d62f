"""Statements of payments."""

import json
from datetime import datetime
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
    way: str
    code: str | None
    bridge: dict[str, str] | None
    asks: int


_PAYMENT = (
    "select p.payment_id, p.buyer_id, p.provider, p.provider_no, p.state, p.amount_fen,"
    " p.return_to, p.redirect_url, p.ends_at, p.way, p.code, p.bridge, p.asks"
    " from trade.payment p"
)


async def add(
    tx: Tx, row: PaymentRow, parts: list[tuple[UUID, UUID, int]], now: datetime, ask_at: datetime
) -> None:
    """Inserts a payment with its parts (shop, order, fen)."""
    await tx.execute(
        text(
            "insert into trade.payment (payment_id, buyer_id, provider, state, amount_fen,"
            " return_to, redirect_url, at, ends_at, ask_at, asks, way) values (:payment, :buyer,"
            " :provider, :state, :fen, :return_to, :url, :now, :ends, :ask, 0, :way)"
        ),
        {
            "payment": row.payment_id,
            "buyer": row.buyer_id,
            "provider": row.provider,
            "state": row.state,
            "fen": row.amount_fen,
            "return_to": row.return_to,
            "url": row.redirect_url,
            "now": now,
            "ends": row.ends_at,
            "ask": ask_at,
            "way": row.way,
        },
    )
    for shop_id, order_id, fen in parts:
        await tx.execute(
            text(
                "insert into trade.payment_part (payment_id, shop_id, order_id, amount_fen)"
                " values (:payment, :shop, :order, :fen)"
            ),
            {"payment": row.payment_id, "shop": shop_id, "order": order_id, "fen": fen},
        )


async def set_begun(tx: Tx, payment_id: UUID, url: str, code: str, bridge: dict[str, str]) -> None:
    """The provider has begun a payment: what the buyer's page does next."""
    await tx.execute(
        text(
            "update trade.payment set redirect_url = :url, code = nullif(:code, ''),"
            " bridge = cast(:bridge as jsonb) where payment_id = :payment"
        ),
        {
            "payment": payment_id,
            "url": url,
            "code": code,
            "bridge": json.dumps(bridge) if bridge else None,
        },
    )


async def title_of(tx: Tx, payment_id: UUID) -> str:
    """The numbers of a payment's orders."""
    rows = await tx.execute(
        text(
            "select o.number from trade.payment_part x join trade.orders o"
            " on o.shop_id = x.shop_id and o.order_id = x.order_id"
            " where x.payment_id = :payment order by o.shop_id, o.order_id"
        ),
        {"payment": payment_id},
    )
    return " ".join(rows.scalars())


async def number_taken(tx: Tx, provider: str, provider_no: str, payment_id: UUID) -> bool:
    """Whether a provider's number is another payment's; rivals with the same number wait."""
    await tx.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"trade.payment:{provider}:{provider_no}"},
    )
    return bool(
        await tx.scalar(
            text(
                "select true from trade.payment where provider = :provider and provider_no = :no"
                " and payment_id <> :payment"
            ),
            {"provider": provider, "no": provider_no, "payment": payment_id},
        )
    )


async def hold(tx: Tx, payment_id: UUID) -> PaymentRow | None:
    """A payment, its row locked."""
    row = (
        await tx.execute(
            text(f"{_PAYMENT} where p.payment_id = :payment for update"), {"payment": payment_id}
        )
    ).one_or_none()
    return None if row is None else PaymentRow(**row._mapping)


async def one(tx: Tx, payment_id: UUID) -> PaymentRow | None:
    """A payment."""
    row = (
        await tx.execute(text(f"{_PAYMENT} where p.payment_id = :payment"), {"payment": payment_id})
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


async def paid_by(tx: Tx, shop_id: UUID, order_id: UUID) -> UUID:
    """The payment that an order was paid by."""
    found = await tx.scalar(
        text(
            "select p.payment_id from trade.payment p join trade.payment_part x using (payment_id)"
            " where x.shop_id = :shop and x.order_id = :order and p.state = 'paid' and not x.late"
        ),
        {"shop": shop_id, "order": order_id},
    )
    return UUID(str(found))


async def mark_late(tx: Tx, payment_id: UUID, shop_id: UUID, order_id: UUID) -> None:
    """The money of this part came when its order no longer waited for it."""
    await tx.execute(
        text(
            "update trade.payment_part set late = true where payment_id = :payment"
            " and shop_id = :shop and order_id = :order"
        ),
        {"payment": payment_id, "shop": shop_id, "order": order_id},
    )


async def decide(
    tx: Tx,
    payment_id: UUID,
    state: str,
    provider_no: str | None,
    now: datetime,
    paid_at: datetime | None,
) -> None:
    """The payment is decided, and nobody is asked any more; the caller holds the row."""
    await tx.execute(
        text(
            "update trade.payment set state = :state, decided_at = :now, ask_at = null,"
            " provider_no = coalesce(:no, provider_no), paid_at = :paid"
            " where payment_id = :payment"
        ),
        {"payment": payment_id, "state": state, "no": provider_no, "now": now, "paid": paid_at},
    )


async def take_due(tx: Tx, now: datetime, lease: datetime, limit: int) -> list[PaymentRow]:
    """Payments whose provider is to be asked now; nobody else takes them before `lease`."""
    rows = await tx.execute(
        text(
            "update trade.payment p set ask_at = :lease from (select payment_id from trade.payment"
            "   where ask_at <= :now order by ask_at limit :limit for update skip locked) x"
            " where p.payment_id = x.payment_id returning p.payment_id, p.buyer_id, p.provider,"
            " p.provider_no, p.state, p.amount_fen, p.return_to, p.redirect_url, p.ends_at, p.way,"
            " p.code, p.bridge, p.asks"
        ),
        {"now": now, "lease": lease, "limit": limit},
    )
    return [PaymentRow(**row._mapping) for row in rows]


async def ask_again(tx: Tx, payment_id: UUID, at: datetime | None, asks: int) -> None:
    """When the provider is asked next, None if never; a payment decided meanwhile is left alone."""
    await tx.execute(
        text(
            "update trade.payment set ask_at = :at, asks = :asks"
            " where payment_id = :payment and ask_at is not null"
        ),
        {"payment": payment_id, "at": at, "asks": asks},
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
