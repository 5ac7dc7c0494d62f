"""Idempotency of unsafe requests: a key, the hash of what was asked, the answer given; 24 h.

The answer is written in the transaction of the act itself, so an act and its answer are one.
"""

from datetime import datetime

from sqlalchemy import DateTime, LargeBinary, SmallInteger, Text, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table, Tx
from tiantou.core.problems import KeyReused
from tiantou.kit import clock

KEEP_HOURS = 24
KEY_CHARS_MAX = 100


class OnceRow(Table):
    """One answered request."""

    __tablename__ = "once"
    __table_args__ = {"schema": "core"}

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    asked: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    media_type: Mapped[str | None] = mapped_column(Text)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


async def begin(tx: Tx, scope: str, key: str, asked: bytes) -> tuple[int, str | None, bytes] | None:
    """Claims the key for this transaction, or gives the answer of the first request.

    A rival with the same key waits here until the first commits or fails.
    Raises KeyReused if the key was used for something else.
    """
    claim = (
        insert(OnceRow)
        .values(scope=scope, key=key, asked=asked, at=clock.now())
        .on_conflict_do_nothing()
        .returning(OnceRow.key)
    )
    if await tx.scalar(claim) is not None:
        return None
    found = (
        await tx.execute(
            select(OnceRow.asked, OnceRow.status, OnceRow.media_type, OnceRow.body).where(
                OnceRow.scope == scope, OnceRow.key == key
            )
        )
    ).one()
    if found.asked != asked:
        raise KeyReused()
    return found.status, found.media_type, found.body


async def answer(
    tx: Tx, scope: str, key: str, status: int, media_type: str | None, body: bytes
) -> None:
    """Keeps the answer of the request that `begin` let through."""
    row = await tx.get_one(OnceRow, (scope, key))
    row.status, row.media_type, row.body = status, media_type, body


async def release(tx: Tx, scope: str, key: str) -> None:
    """Gives the claim up: this answer is not kept, and the next request acts anew."""
    await tx.execute(delete(OnceRow).where(OnceRow.scope == scope, OnceRow.key == key))


async def forget_scope(tx: Tx, scope: str) -> None:
    """Deletes every answer kept for one caller."""
    await tx.execute(delete(OnceRow).where(OnceRow.scope == scope))


async def forget(tx: Tx, before: datetime, limit: int = 5000) -> int:
    """Deletes up to `limit` answers older than `before`; says how many."""
    old = select(OnceRow.scope, OnceRow.key).where(OnceRow.at < before).limit(limit)
    gone = (await tx.execute(old)).all()
    for scope, key in gone:
        await tx.execute(delete(OnceRow).where(OnceRow.scope == scope, OnceRow.key == key))
    return len(gone)
