"""Statements on decisions and on the audit chain."""

from sqlalchemy import select

from tiantou.core.audit import AuditRow
from tiantou.core.db import Tx
from tiantou.oversight.tables import DecisionRow


async def add(tx: Tx, row: DecisionRow) -> None:
    """Stores a decision."""
    tx.add(row)
    await tx.flush()


async def acts(tx: Tx, before: int | None, on: str | None, limit: int) -> list[AuditRow]:
    """Acts of the audit chain, latest first."""
    wanted = select(AuditRow)
    if before is not None:
        wanted = wanted.where(AuditRow.no < before)
    if on:
        wanted = wanted.where(AuditRow.on == on)
    return list(await tx.scalars(wanted.order_by(AuditRow.no.desc()).limit(limit)))


async def decisions(tx: Tx, on: str) -> list[DecisionRow]:
    """The decisions on one thing, latest first."""
    wanted = select(DecisionRow).where(DecisionRow.on == on).order_by(DecisionRow.at.desc())
    return list(await tx.scalars(wanted.limit(100)))
