"""Statements of the book: entries are added, never changed; balances are sums."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tiantou.core.db import Tx

# Pending entries and the ones that void them are on record, but move no balance.
_COUNTS = "e.phase in ('direct', 'post')"


async def add_account(tx: Tx, shop_id: UUID, name: str, kind: str, ref: UUID | None) -> None:
    """The account stands."""
    await tx.execute(
        text("insert into trade.account values (:shop, :name, :kind, :ref) on conflict do nothing"),
        {"shop": shop_id, "name": name, "kind": kind, "ref": ref},
    )


async def add_entry(
    tx: Tx,
    shop_id: UUID,
    entry_id: UUID,
    kind: str,
    phase: str,
    settles: UUID | None,
    order_id: UUID | None,
    ref: str,
    now: datetime,
    lines: Sequence[tuple[str, int]],
) -> None:
    """An entry with its postings (account, fen; debit positive)."""
    await tx.execute(
        text(
            "insert into trade.entry"
            " (shop_id, entry_id, kind, phase, settles, order_id, ref, at) values"
            " (:shop, :entry, :kind, :phase, :settles, :order, :ref, :now)"
        ),
        {
            "shop": shop_id,
            "entry": entry_id,
            "kind": kind,
            "phase": phase,
            "settles": settles,
            "order": order_id,
            "ref": ref,
            "now": now,
        },
    )
    for line_no, (account, fen) in enumerate(lines, 1):
        await tx.execute(
            text("insert into trade.posting values (:shop, :entry, :line, :account, :fen)"),
            {
                "shop": shop_id,
                "entry": entry_id,
                "line": line_no,
                "account": account,
                "fen": fen,
            },
        )


async def pending(tx: Tx, shop_id: UUID, entry_id: UUID) -> tuple[str, UUID | None, str]:
    """Kind, order and reference of a pending entry."""
    row = (
        await tx.execute(
            text(
                "select kind, order_id, ref from trade.entry where shop_id = :shop"
                " and entry_id = :entry and phase = 'pending'"
            ),
            {"shop": shop_id, "entry": entry_id},
        )
    ).one()
    return row.kind, row.order_id, row.ref


async def lines_of(tx: Tx, shop_id: UUID, entry_id: UUID) -> list[tuple[str, int]]:
    """The postings of an entry."""
    rows = await tx.execute(
        text(
            "select account, amount_fen from trade.posting where shop_id = :shop"
            " and entry_id = :entry order by line_no"
        ),
        {"shop": shop_id, "entry": entry_id},
    )
    return [(row.account, row.amount_fen) for row in rows]


async def add_owed(tx: Tx, shop_id: UUID, entry_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """What an entry owes to whom for which slip's grams."""
    for line_no, row in enumerate(rows, 1):
        await tx.execute(
            text(
                "insert into trade.owed values (:shop, :entry, :line, :household, :order, :slip,"
                " :grams, :price, :fen, :now)"
            ),
            {"shop": shop_id, "entry": entry_id, "line": line_no, **row},
        )


async def owed_of_order(tx: Tx, shop_id: UUID, order_id: UUID) -> list[Any]:
    """What an order owes to growers, net of what was taken back."""
    rows = await tx.execute(
        text(
            "select household_id, slip_id, price_fen_per_jin, sum(grams)::bigint as grams,"
            " sum(amount_fen)::bigint as amount_fen from trade.owed"
            " where shop_id = :shop and order_id = :order"
            " group by 1, 2, 3 having sum(grams) > 0 order by 1, 2"
        ),
        {"shop": shop_id, "order": order_id},
    )
    return list(rows.all())


async def balance(tx: Tx, shop_id: UUID, account: str) -> int:
    """Debits less credits of an account, in fen."""
    found = await tx.scalar(
        text(
            "select coalesce(sum(p.amount_fen), 0)::bigint from trade.posting p"
            " join trade.entry e on e.shop_id = p.shop_id and e.entry_id = p.entry_id"
            f" where p.shop_id = :shop and p.account = :account and {_COUNTS}"
        ),
        {"shop": shop_id, "account": account},
    )
    return int(found or 0)


async def sums(tx: Tx, shop_id: UUID) -> dict[tuple[str, str], int]:
    """The sum of the postings by (kind of entry, kind of account), in fen."""
    rows = await tx.execute(
        text(
            "select e.kind as entry, a.kind as account, sum(p.amount_fen)::bigint as fen"
            " from trade.entry e"
            " join trade.posting p on p.shop_id = e.shop_id and p.entry_id = e.entry_id"
            " join trade.account a on a.shop_id = p.shop_id and a.name = p.account"
            f" where e.shop_id = :shop and {_COUNTS} group by 1, 2"
        ),
        {"shop": shop_id},
    )
    return {(row.entry, row.account): row.fen for row in rows}


async def hold_account(tx: Tx, shop_id: UUID, name: str) -> None:
    """Locks an account, so that what is owed is not paid twice."""
    await tx.execute(
        text("select 1 from trade.account where shop_id = :shop and name = :name for update"),
        {"shop": shop_id, "name": name},
    )


async def last_entries(tx: Tx, shop_id: UUID, limit: int) -> list[Any]:
    """The newest entries with what they did to the shop's own account."""
    rows = await tx.execute(
        text(
            "select e.entry_id as id, e.at, e.kind, e.phase, e.ref, o.number as order_number,"
            " coalesce(-sum(p.amount_fen) filter (where p.account = 'shop'), 0)::bigint"
            " as shop_fen,"
            " coalesce(sum(p.amount_fen) filter (where p.amount_fen > 0), 0)::bigint as amount_fen"
            " from trade.entry e"
            " join trade.posting p on p.shop_id = e.shop_id and p.entry_id = e.entry_id"
            " left join trade.orders o on o.shop_id = e.shop_id and o.order_id = e.order_id"
            f" where e.shop_id = :shop and {_COUNTS}"
            " group by e.shop_id, e.entry_id, o.number order by e.seq desc limit :limit"
        ),
        {"shop": shop_id, "limit": limit},
    )
    return list(rows.all())


# Each finds what is wrong; the first column is the shop.
_WRONG = (
    "select p.shop_id from trade.posting p group by p.shop_id, p.entry_id"
    " having sum(p.amount_fen) <> 0",
    "select e.shop_id from trade.entry e where not exists (select 1 from trade.posting p"
    " where p.shop_id = e.shop_id and p.entry_id = e.entry_id)",
    # What the gateway holds of a shop is what its orders were paid and not refunded.
    "select coalesce(o.shop_id, b.shop_id) from"
    " (select shop_id, sum(paid_fen - refunded_fen) as fen from trade.orders"
    "   where paid_by = 'gateway' group by 1) o full join"
    " (select p.shop_id, sum(p.amount_fen) as fen from trade.posting p"
    "   join trade.entry e on e.shop_id = p.shop_id and e.entry_id = p.entry_id"
    f"  where p.account = 'gateway' and e.kind in ('pay', 'refund') and {_COUNTS}"
    "   group by 1) b on b.shop_id = o.shop_id"
    " where coalesce(o.fen, 0) <> coalesce(b.fen, 0)",
    # What households are owed and were paid is what the rows behind the entries say.
    "select coalesce(a.shop_id, b.shop_id) from"
    " (select p.shop_id, sum(p.amount_fen) as fen from trade.posting p"
    "   join trade.account c on c.shop_id = p.shop_id and c.name = p.account"
    "  where c.kind = 'grower' group by 1) a full join"
    " (select shop_id, sum(fen) as fen from"
    "   (select shop_id, -amount_fen as fen from trade.owed union all"
    "    select shop_id, amount_fen from trade.payout) x group by 1) b on b.shop_id = a.shop_id"
    " where coalesce(a.fen, 0) <> coalesce(b.fen, 0)",
)


async def unbalanced(tx: Tx, shop_id: UUID | None) -> bool:
    """Whether anything in the book (of a shop, or at all) does not add up."""
    for statement in _WRONG:
        found = await tx.scalar(
            text(
                f"select 1 from ({statement}) w(shop_id)"
                " where cast(:shop as uuid) is null or w.shop_id = :shop limit 1"
            ),
            {"shop": shop_id},
        )
        if found:
            return True
    return False
