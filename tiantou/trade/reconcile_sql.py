"""Statements of reconciliation.

Our numbers at providers: a payment's id as 32 hexadecimal digits; for a refund its shop's and its
own, 64 digits.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from tiantou.core.db import Tx
from tiantou.trade.ports import BillLine

LINES_AT_ONCE = 5000
# A refund that a person paid has no line at the provider.
_BY_HAND = "coalesce(r.provider_no, '') like 'hand:%'"
_ORDER = (
    " left join lateral (select x.shop_id, o.number from trade.payment_part x"
    "   join trade.orders o on o.shop_id = x.shop_id and o.order_id = x.order_id"
    "   where x.payment_id = p.payment_id order by 1, 2 limit 1) n on true"
)
_NUMBER = " left join trade.orders o on o.shop_id = r.shop_id and o.order_id = r.order_id"
_THEIRS = (
    "theirs as (select kind, ref, provider_no, amount_fen,"
    "   case when kind = 'payment' and ref ~ '^[0-9a-f]{32}$' then ref::uuid end as payment_id,"
    "   case when kind = 'refund' and ref ~ '^[0-9a-f]{64}$' then left(ref, 32)::uuid end as shop,"
    "   case when kind = 'refund' and ref ~ '^[0-9a-f]{64}$' then right(ref, 32)::uuid end as own"
    "   from trade.bill_line where provider = :provider and day = :day)"
)
_PAYMENTS = (
    "select t.kind, t.ref, case when p.state in ('paid', 'returned') then 'amount_differs'"
    "   else 'missing_here' end as what, t.provider_no, p.amount_fen as ours_fen,"
    "   t.amount_fen as theirs_fen, n.shop_id, n.number"
    " from theirs t left join trade.payment p on p.payment_id = t.payment_id"
    "   and p.provider = :provider" + _ORDER + " where t.kind = 'payment'"
    "   and (p.state in ('paid', 'returned') and p.amount_fen = t.amount_fen) is not true"
    " union all"
    " select 'payment', replace(p.payment_id::text, '-', ''), 'missing_there',"
    "   coalesce(p.provider_no, ''), p.amount_fen, null, n.shop_id, n.number"
    " from trade.payment p" + _ORDER + " where p.provider = :provider"
    "   and p.paid_at >= :begins and p.paid_at < :ends and not exists (select from"
    "   trade.bill_line b where b.provider = p.provider and b.kind = 'payment'"
    "   and b.ref = replace(p.payment_id::text, '-', ''))"
)
_REFUNDS = (
    " select t.kind, t.ref, case when r.state in ('refunding', 'refunded') and not " + _BY_HAND + ""
    "   then 'amount_differs' else 'missing_here' end, t.provider_no, r.amount_fen, t.amount_fen,"
    "   r.shop_id, o.number"
    " from theirs t left join trade.refund r on r.shop_id = t.shop and r.refund_id = t.own"
    + _NUMBER
    + " where t.kind = 'refund' and (r.state in ('refunding', 'refunded')"
    "   and not " + _BY_HAND + " and r.amount_fen = t.amount_fen) is not true"
    " union all"
    " select 'refund', replace(r.shop_id::text || r.refund_id::text, '-', ''), 'missing_there',"
    "   coalesce(r.provider_no, ''), r.amount_fen, null, r.shop_id, o.number"
    " from trade.refund r join trade.payment p on p.payment_id = r.payment_id" + _NUMBER + ""
    " where p.provider = :provider and r.state = 'refunded' and not " + _BY_HAND + ""
    "   and r.done_at >= :begins and r.done_at < :ends and not exists (select from"
    "   trade.bill_line b where b.provider = p.provider and b.kind = 'refund'"
    "   and b.ref = replace(r.shop_id::text || r.refund_id::text, '-', ''))"
)


class Difference(Struct, frozen=True, kw_only=True):
    """What a bill and our rows do not agree in."""

    kind: str
    ref: str
    what: str
    provider_no: str
    ours_fen: int | None
    theirs_fen: int | None
    shop_id: UUID | None
    number: str | None


async def put_lines(tx: Tx, provider: str, day: date, lines: Sequence[BillLine]) -> None:
    """The lines of a bill stand; those that stood already are as the newest bill says."""
    for at in range(0, len(lines), LINES_AT_ONCE):
        some = lines[at : at + LINES_AT_ONCE]
        await tx.execute(
            text(
                "insert into trade.bill_line (provider, day, kind, ref, provider_no, amount_fen)"
                " select :provider, :day, * from unnest(cast(:kinds as text[]),"
                " cast(:refs as text[]), cast(:nos as text[]), cast(:fens as bigint[]))"
                " on conflict (provider, kind, ref, provider_no) do update"
                " set day = excluded.day, amount_fen = excluded.amount_fen"
            ),
            {
                "provider": provider,
                "day": day,
                "kinds": [one.kind for one in some],
                "refs": [one.ref for one in some],
                "nos": [one.provider_no for one in some],
                "fens": [one.amount_fen for one in some],
            },
        )


async def differences(
    tx: Tx, provider: str, day: date, begins: datetime, ends: datetime
) -> list[Difference]:
    """What the bill of a day and our rows of it do not agree in."""
    rows = await tx.execute(
        text(f"with {_THEIRS} {_PAYMENTS} union all {_REFUNDS} order by 1, 2, 3"),
        {"provider": provider, "day": day, "begins": begins, "ends": ends},
    )
    return [Difference(**row._mapping) for row in rows]


async def put_differences(
    tx: Tx, provider: str, day: date, found: Sequence[Difference], now: datetime
) -> None:
    """Keeps what differs; what no longer does is marked, never deleted."""
    await tx.execute(
        text(
            "update trade.difference set gone_at = :now"
            " where provider = :provider and day = :day and gone_at is null"
        ),
        {"provider": provider, "day": day, "now": now},
    )
    for one in found:
        await tx.execute(
            text(
                "insert into trade.difference (provider, day, kind, ref, what, provider_no,"
                " ours_fen, theirs_fen, shop_id, number, at) values (:provider, :day, :kind, :ref,"
                " :what, :provider_no, :ours_fen, :theirs_fen, :shop_id, :number, :now)"
                " on conflict (provider, day, kind, ref, what) do update set gone_at = null,"
                " ours_fen = excluded.ours_fen, theirs_fen = excluded.theirs_fen"
            ),
            {
                "provider": provider,
                "day": day,
                "now": now,
                **{name: getattr(one, name) for name in one.__struct_fields__},
            },
        )


async def put_reconciliation(
    tx: Tx, provider: str, day: date, state: str, begins: datetime, ends: datetime, now: datetime
) -> None:
    """A day was compared: its sums by the bill and by our rows."""
    await tx.execute(
        text(
            "insert into trade.reconciliation (provider, day, state, lines, paid_fen,"
            " refunded_fen, ours_paid_fen, ours_refunded_fen, at)"
            " select :provider, :day, :state, count(*),"
            "  coalesce(sum(amount_fen) filter (where kind = 'payment'), 0),"
            "  coalesce(sum(amount_fen) filter (where kind = 'refund'), 0),"
            "  (select coalesce(sum(p.amount_fen), 0) from trade.payment p where p.provider ="
            "   :provider and p.paid_at >= :begins and p.paid_at < :ends),"
            "  (select coalesce(sum(r.amount_fen), 0) from trade.refund r join trade.payment p"
            "   on p.payment_id = r.payment_id where p.provider = :provider"
            f"  and r.state = 'refunded' and not {_BY_HAND}"
            "   and r.done_at >= :begins and r.done_at < :ends), :now"
            " from trade.bill_line where provider = :provider and day = :day"
            " on conflict (provider, day) do update set state = excluded.state,"
            " lines = excluded.lines, paid_fen = excluded.paid_fen,"
            " refunded_fen = excluded.refunded_fen, ours_paid_fen = excluded.ours_paid_fen,"
            " ours_refunded_fen = excluded.ours_refunded_fen, at = excluded.at"
        ),
        {
            "provider": provider,
            "day": day,
            "state": state,
            "begins": begins,
            "ends": ends,
            "now": now,
        },
    )


async def state_of(tx: Tx, provider: str, day: date) -> str | None:
    """How a day's comparison stands; None if there was none."""
    return (await states(tx, provider, day)).get(day)


async def states(tx: Tx, provider: str, since: date) -> dict[date, str]:
    """The days that were compared, from one on."""
    rows = await tx.execute(
        text(
            "select day, state from trade.reconciliation"
            " where provider = :provider and day >= :since"
        ),
        {"provider": provider, "since": since},
    )
    return {row.day: row.state for row in rows}


async def first_payment(tx: Tx, provider: str) -> datetime | None:
    """When money first came by a provider."""
    found: datetime | None = await tx.scalar(
        text("select min(paid_at) from trade.payment where provider = :provider"),
        {"provider": provider},
    )
    return found


async def days(tx: Tx, limit: int) -> list[Any]:
    """The newest comparisons; those that differ first."""
    rows = await tx.execute(
        text(
            "select r.*, n.differing from trade.reconciliation r, lateral (select count(*) as"
            " differing from trade.difference d where d.provider = r.provider and d.day = r.day"
            " and d.gone_at is null) n"
            " order by n.differing > 0 desc, r.day desc, r.provider limit :limit"
        ),
        {"limit": limit},
    )
    return list(rows.all())


async def open_differences(tx: Tx, limit: int) -> list[Any]:
    """What differs still, the newest day first."""
    rows = await tx.execute(
        text(
            "select provider, day, kind, ref, what, provider_no, ours_fen, theirs_fen, shop_id,"
            " number, at from trade.difference where gone_at is null"
            " order by day desc, provider, kind, ref limit :limit"
        ),
        {"limit": limit},
    )
    return list(rows.all())
