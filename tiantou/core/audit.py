"""Who did what, on what, for whom, before and after: append-only and hash-chained."""

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, LargeBinary, Text, Uuid, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table, Tx
from tiantou.core.subject import Subject
from tiantou.kit import clock

_LOCK = 7_426_002
_FIRST = b"\0" * 32


class AuditRow(Table):
    """One act. `hash` is SHA-256 over the previous hash and the row's canonical JSON."""

    __tablename__ = "audit"
    __table_args__ = {"schema": "core"}

    no: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    person_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    act: Mapped[str] = mapped_column(Text)
    on: Mapped[str] = mapped_column(Text, index=True)
    for_whom: Mapped[str | None] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    prev: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


def _digest(row: AuditRow) -> bytes:
    content = {
        "at": row.at.isoformat(),
        "person": str(row.person_id),
        "act": row.act,
        "on": row.on,
        "for": row.for_whom,
        "before": row.before,
        "after": row.after,
    }
    raw = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(row.prev + raw.encode()).digest()


async def write(
    tx: Tx,
    who: Subject | None,
    act: str,
    on: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    for_whom: str | None = None,
) -> None:
    """Adds an act to the chain; `who` None is the system. Values are JSON and hold no secrets.

    The chain is one, so writers queue until the transaction ends: for acts of people, not of load.
    """
    await tx.execute(text("select pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    last = await tx.scalar(select(AuditRow.hash).order_by(AuditRow.no.desc()).limit(1))
    row = AuditRow(
        at=clock.now(),
        person_id=who.person_id if who else None,
        act=act,
        on=on,
        for_whom=for_whom,
        before=before,
        after=after,
        prev=last or _FIRST,
    )
    row.hash = _digest(row)
    tx.add(row)
    await tx.flush()


async def broken_at(tx: Tx) -> int | None:
    """The number of the first row that does not fit the chain; None if all fit."""
    prev = _FIRST
    rows = await tx.stream_scalars(select(AuditRow).order_by(AuditRow.no))
    async for row in rows:
        if row.prev != prev or _digest(row) != row.hash:
            return row.no
        prev = row.hash
    return None
