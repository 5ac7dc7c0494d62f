"""Statements of coupons and of the claims on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from tiantou.core.db import Tx


class CouponView(Struct, frozen=True, kw_only=True):
    """A coupon. `left` pieces may still be claimed of `issued`; `used` are in orders."""

    id: UUID
    issuer_id: UUID
    kind: str
    state: str
    title: str
    off_fen: int
    threshold_fen: int
    per_buyer: int
    claim_from: datetime
    claim_until: datetime
    use_days: int | None
    use_until: datetime | None
    left: int
    issued: int
    used: int


class ClaimView(Struct, frozen=True, kw_only=True):
    """A buyer's piece of a coupon."""

    id: UUID
    coupon_id: UUID
    issuer_id: UUID
    kind: str
    title: str
    off_fen: int
    threshold_fen: int
    state: str
    usable_until: datetime
    used_shop_id: UUID | None
    used_order_id: UUID | None


_COUPON = """
  select k.coupon_id as id, k.issuer_id, k.kind, k.state, k.title, k.off_fen, k.threshold_fen,
         k.per_buyer, k.claim_from, k.claim_until, k.use_days, k.use_until, p.available as left,
         p.available + p.taken as issued,
         (select count(*)::int from trade.coupon_claim m where m.issuer_id = k.issuer_id
             and m.coupon_id = k.coupon_id and m.state = 'used') as used
    from trade.coupon k
    join trade.pool p on p.shop_id = k.issuer_id and p.pool_id = k.coupon_id"""
_CLAIM = """
  select m.claim_id as id, m.coupon_id, m.issuer_id, k.kind, k.title, k.off_fen, k.threshold_fen,
         case when m.state = 'held' and m.usable_until <= :now then 'expired' else m.state end
           as state, m.usable_until, m.used_shop_id, m.used_order_id
    from trade.coupon_claim m
    join trade.coupon k on k.issuer_id = m.issuer_id and k.coupon_id = m.coupon_id"""


async def coupons_of(tx: Tx, issuer_id: UUID, before: UUID | None, limit: int) -> list[CouponView]:
    """An issuer's coupons, newest first."""
    rows = await tx.execute(
        text(
            f"{_COUPON} where k.issuer_id = :issuer"
            " and (cast(:before as uuid) is null or k.coupon_id < :before)"
            " order by k.coupon_id desc limit :limit"
        ),
        {"issuer": issuer_id, "before": before, "limit": limit},
    )
    return [CouponView(**row._mapping) for row in rows]


async def coupon(tx: Tx, issuer_id: UUID, coupon_id: UUID, hold: bool = False) -> CouponView | None:
    """One of an issuer's coupons; `hold` locks its pool first."""
    key = {"issuer": issuer_id, "coupon": coupon_id}
    if hold:
        await tx.execute(
            text(
                "select 1 from trade.pool where shop_id = :issuer and pool_id = :coupon for update"
            ),
            key,
        )
    row = (
        await tx.execute(
            text(f"{_COUPON} where k.issuer_id = :issuer and k.coupon_id = :coupon"), key
        )
    ).one_or_none()
    return None if row is None else CouponView(**row._mapping)


async def open_now(tx: Tx, issuers: Sequence[UUID], now: datetime, limit: int) -> list[CouponView]:
    """What can be claimed of these issuers now, the most that is taken off first."""
    rows = await tx.execute(
        text(
            f"{_COUPON} where k.issuer_id = any(cast(:issuers as uuid[])) and k.state = 'open'"
            " and k.claim_from <= :now and k.claim_until > :now"
            " order by k.off_fen desc, k.coupon_id limit :limit"
        ),
        {"issuers": list(issuers), "now": now, "limit": limit},
    )
    return [CouponView(**row._mapping) for row in rows]


async def count_open(tx: Tx, issuer_id: UUID, now: datetime) -> int:
    """An issuer's coupons that can be claimed now or later."""
    found = await tx.scalar(
        text(
            "select count(*) from trade.coupon where issuer_id = :issuer and state = 'open'"
            " and claim_until > :now"
        ),
        {"issuer": issuer_id, "now": now},
    )
    return int(found or 0)


async def add(tx: Tx, row: dict[str, Any]) -> None:
    """Inserts a coupon; its pool stands."""
    names = sorted(row)
    await tx.execute(
        text(f"insert into trade.coupon ({', '.join(names)}) values (:{', :'.join(names)})"), row
    )


async def close(tx: Tx, issuer_id: UUID, coupon_id: UUID, now: datetime) -> None:
    """Nobody claims it any more; claims stay usable."""
    await tx.execute(
        text(
            "update trade.coupon set state = 'closed', closed_at = :now"
            " where issuer_id = :issuer and coupon_id = :coupon"
        ),
        {"issuer": issuer_id, "coupon": coupon_id, "now": now},
    )


async def claims_of(
    tx: Tx, buyer_id: UUID, state: str | None, before: UUID | None, limit: int, now: datetime
) -> list[ClaimView]:
    """A buyer's claims, newest first."""
    rows = await tx.execute(
        text(
            f"select * from ({_CLAIM} where m.buyer_id = :buyer) x"
            " where (cast(:state as text) is null or x.state = :state)"
            " and (cast(:before as uuid) is null or x.id < :before)"
            " order by x.id desc limit :limit"
        ),
        {"buyer": buyer_id, "state": state, "before": before, "limit": limit, "now": now},
    )
    return [ClaimView(**row._mapping) for row in rows]


async def usable(tx: Tx, buyer_id: UUID, issuers: Sequence[UUID], now: datetime) -> list[ClaimView]:
    """A buyer's claims of these issuers that he can use now, the most that is taken off first."""
    rows = await tx.execute(
        text(
            f"{_CLAIM} where m.buyer_id = :buyer and m.state = 'held' and m.usable_until > :now"
            " and m.issuer_id = any(cast(:issuers as uuid[]))"
            " order by k.off_fen desc, m.usable_until, m.claim_id limit 100"
        ),
        {"buyer": buyer_id, "issuers": list(issuers), "now": now},
    )
    return [ClaimView(**row._mapping) for row in rows]


async def claimed(tx: Tx, buyer_id: UUID, coupons: Sequence[UUID]) -> dict[UUID, int]:
    """How many pieces of each coupon a buyer has claimed."""
    rows = await tx.execute(
        text(
            "select coupon_id, count(*)::int as n from trade.coupon_claim where buyer_id = :buyer"
            " and coupon_id = any(cast(:coupons as uuid[])) group by 1"
        ),
        {"buyer": buyer_id, "coupons": list(coupons)},
    )
    return {row.coupon_id: row.n for row in rows}


_CLAIM_ALL = text(
    "select * from trade.claim_coupons(:issuer, :coupon, :now, cast(:claims as uuid[]),"
    " cast(:buyers as uuid[]))"
)


async def claim_all(
    tx: Tx,
    issuer_id: UUID,
    coupon_id: UUID,
    now: datetime,
    claims: Sequence[UUID],
    buyers: Sequence[UUID],
) -> tuple[list[int], int | None]:
    """A verdict for each, and the pieces that are left."""
    names = {
        "issuer": issuer_id,
        "coupon": coupon_id,
        "now": now,
        "claims": list(claims),
        "buyers": list(buyers),
    }
    row = (await tx.execute(_CLAIM_ALL, names)).one()
    return list(row.verdict), row.left_over


async def expire(tx: Tx, now: datetime, limit: int) -> int:
    """Claims whose time is over; says how many."""
    done = await tx.execute(
        text(
            "update trade.coupon_claim set state = 'expired' where claim_id in"
            " (select claim_id from trade.coupon_claim where state = 'held'"
            "  and usable_until <= :now limit :limit for update skip locked) returning 1"
        ),
        {"now": now, "limit": limit},
    )
    return len(done.all())
