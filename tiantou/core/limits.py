"""Rate limits in rows of PostgreSQL: exact over processes and restarts."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import DateTime, Integer, LargeBinary, Text, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Database, Table
from tiantou.core.problems import TooManyRequests
from tiantou.kit import clock


class LimitRow(Table):
    """How often something was done in one window."""

    __tablename__ = "limit"
    __table_args__ = {"schema": "core"}

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    window_s: Mapped[int] = mapped_column(Integer, primary_key=True)
    begins_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


def _window(at: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)


async def spend(
    database: Database, name: str, key: str, per: Sequence[tuple[int, int]], cost: int = 1
) -> None:
    """Counts `cost` in each window of `per` (count, seconds), in a transaction of its own.

    The key is stored as a digest. Raises TooManyRequests, after counting, with the wait in seconds.
    """
    at = clock.now()
    digest = hashlib.sha256(f"{name}\0{key}".encode()).digest()[:16]
    wait_s = 0
    async with database.beside() as tx:
        for most, seconds in per:
            begins = _window(at, seconds)
            row = insert(LimitRow).values(
                name=name, key=digest, window_s=seconds, begins_at=begins, count=cost
            )
            count = await tx.scalar(
                row.on_conflict_do_update(
                    index_elements=["name", "key", "window_s", "begins_at"],
                    set_={"count": LimitRow.count + cost},
                ).returning(LimitRow.count)
            )
            if (count or 0) > most:
                left = begins + timedelta(seconds=seconds) - at
                wait_s = max(wait_s, int(left.total_seconds()) + 1)
    if wait_s:
        raise TooManyRequests(limit=name, retry_after_s=wait_s)


async def forget(database: Database) -> None:
    """Deletes windows that ended more than a day ago."""
    async with database.begin() as tx:
        old = clock.now() - timedelta(days=2)
        await tx.execute(delete(LimitRow).where(LimitRow.begins_at < old))
