"""The tables of logistics."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table
from tiantou.core.outbox import outbox_table

LogisticsOutbox = outbox_table("logistics")


class FreightRow(Table):
    """An organization's freight: flat, free from an amount, not served by division prefix; rates by
    division, weight and cold mode; seven cut-offs, Monday first, in minutes of the day in China.
    """

    __tablename__ = "freight"
    __table_args__ = (
        CheckConstraint("flat_fen >= 0", name="flat_fen"),
        CheckConstraint("free_from_fen > 0", name="free_from_fen"),
        CheckConstraint("days_promised between 1 and 30", name="days_promised"),
        {"schema": "logistics"},
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    flat_fen: Mapped[int] = mapped_column(BigInteger)
    free_from_fen: Mapped[int | None] = mapped_column(BigInteger)
    not_served: Mapped[list[str]] = mapped_column(ARRAY(Text))
    days_promised: Mapped[int] = mapped_column(SmallInteger)
    cold: Mapped[str] = mapped_column(Text)
    rates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    cut_off: Mapped[list[int | None]] = mapped_column(JSONB)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ParcelRow(Table):
    """A parcel on its way for a reference of whoever sent it (an order, a sample)."""

    __tablename__ = "parcel"
    __table_args__ = (
        UniqueConstraint("carrier", "waybill"),
        Index("parcel_org_id_ix", "org_id", "ref"),
        Index("parcel_org_state_ix", "org_id", "state", "id"),
        {"schema": "logistics"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    ref: Mapped[str] = mapped_column(Text)
    carrier: Mapped[str] = mapped_column(Text)
    waybill: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    ready_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    handed_over_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_event_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    promised_on: Mapped[date | None] = mapped_column(Date)
    division_code: Mapped[str | None] = mapped_column(Text)
    cold: Mapped[str] = mapped_column(Text)
    boxes: Mapped[int] = mapped_column(Integer)


class ParcelEventRow(Table):
    """A scan, told by a carrier or entered by hand. `mark` makes a retold scan the same event;
    `code` is the carrier's own word for it, as it came.
    """

    __tablename__ = "parcel_event"
    __table_args__ = (UniqueConstraint("parcel_id", "mark"), {"schema": "logistics"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("logistics.parcel.id"))
    kind: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    mark: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    told_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DisruptionRow(Table):
    """Nothing is picked up in some places, or delivered to some. `org_id` none: for everybody."""

    __tablename__ = "disruption"
    __table_args__ = (
        CheckConstraint("cardinality(pick_up) + cardinality(deliver) > 0", name="places"),
        CheckConstraint("until_at > from_at", name="window"),
        Index("disruption_until_at_ix", "until_at", postgresql_where=text("ended_at is null")),
        {"schema": "logistics"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID | None]
    pick_up: Mapped[list[str]] = mapped_column(ARRAY(Text))
    deliver: Mapped[list[str]] = mapped_column(ARRAY(Text))
    from_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    until_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text)
    stated_by: Mapped[UUID]
    stated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class TransitRow(Table):
    """An organization's days on the way by division prefix, and hours that varieties bear."""

    __tablename__ = "transit"
    __table_args__ = ({"schema": "logistics"},)

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    days: Mapped[dict[str, int]] = mapped_column(JSONB)
    limits: Mapped[dict[str, int]] = mapped_column(JSONB)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class StopRow(Table):
    """What must not leave, for a recall's boxes are in it, until that is lifted."""

    __tablename__ = "stop"
    __table_args__ = ({"schema": "logistics"},)

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Text, primary_key=True)
    why: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lifted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lifted_by: Mapped[UUID | None]
