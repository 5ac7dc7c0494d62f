"""Statements behind what a household is told, and its payouts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tiantou.core.db import Tx


async def owed_lines(tx: Tx, shop_id: UUID, household_id: UUID) -> list[Any]:
    """What was sold of a household's slips, oldest first; negative: taken back.

    `ended_at`: when the order was completed or closed; `taken_back`: nothing of it is owed.
    """
    rows = await tx.execute(
        text(
            "select w.at, w.slip_id, w.order_id, w.grams, w.price_fen_per_jin, w.amount_fen,"
            " o.number as order_number, coalesce(o.completed_at, (select max(e.at)"
            "   from trade.order_event e where e.shop_id = o.shop_id"
            "   and e.order_id = o.order_id and e.state = 'closed')) as ended_at,"
            " exists (select from trade.owed back where back.shop_id = w.shop_id"
            "   and back.order_id = w.order_id and back.grams < 0) as taken_back"
            " from trade.owed w"
            " join trade.orders o on o.shop_id = w.shop_id and o.order_id = w.order_id"
            " where w.shop_id = :shop and w.household_id = :household"
            " order by w.at, w.entry_id, w.line_no"
        ),
        {"shop": shop_id, "household": household_id},
    )
    return list(rows.all())


async def payouts(tx: Tx, shop_id: UUID, household_id: UUID) -> list[Any]:
    """What a household was paid, oldest first."""
    rows = await tx.execute(
        text(
            "select payout_id as id, amount_fen, method, evidence, note, paid_on, at"
            " from trade.payout where shop_id = :shop and household_id = :household"
            " order by payout_id"
        ),
        {"shop": shop_id, "household": household_id},
    )
    return list(rows.all())


async def add_payout(
    tx: Tx,
    shop_id: UUID,
    payout_id: UUID,
    household_id: UUID,
    entry_id: UUID,
    amount_fen: int,
    method: str,
    evidence: str | None,
    note: str,
    paid_on: date,
    by_id: UUID,
    now: datetime,
) -> None:
    """Writes a payout down."""
    await tx.execute(
        text(
            "insert into trade.payout values (:shop, :payout, :household, :entry, :fen, :method,"
            " :evidence, :note, :paid_on, :by, :now)"
        ),
        {
            "shop": shop_id,
            "payout": payout_id,
            "household": household_id,
            "entry": entry_id,
            "fen": amount_fen,
            "method": method,
            "evidence": evidence,
            "note": note,
            "paid_on": paid_on,
            "by": by_id,
            "now": now,
        },
    )
