"""What this database has been: whether it ever ran as a demo, and whether it holds the fair.

One row, which a dump carries along: a demo database never becomes a production one.
"""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, DateTime, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table, Tx
from tiantou.kit import clock


class InstanceRow(Table):
    """The one row."""

    __tablename__ = "instance"
    __table_args__ = (CheckConstraint("one", name="one"), {"schema": "core"})

    one: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    demo_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    fair_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


async def past(tx: Tx) -> tuple[bool, bool]:
    """Whether the database was ever in demo mode, and whether it holds the demo fair."""
    row = (await tx.execute(select(InstanceRow.demo_at, InstanceRow.fair_at))).first()
    return (False, False) if row is None else (row[0] is not None, row[1] is not None)


async def note_start(tx: Tx, demo: bool) -> None:
    """Remembers that the instance was started, and in which mode; the first demo start stays."""
    now = clock.now()
    row = {"one": True, "made_at": now, "demo_at": now if demo else None}
    await tx.execute(insert(InstanceRow).values(row).on_conflict_do_nothing())
    if demo:
        at = func.coalesce(InstanceRow.demo_at, now)
        await tx.execute(update(InstanceRow).values(demo_at=at))


async def note_fair(tx: Tx) -> None:
    """Remembers that the demo fair's rows are in the database; call it where they are written."""
    await tx.execute(
        update(InstanceRow).values(fair_at=func.coalesce(InstanceRow.fair_at, clock.now()))
    )
