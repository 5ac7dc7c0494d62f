"""The tables of traces: append-only, by trigger."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Date, DateTime, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table


class TraceEventRow(Table):
    """An event of an organization's chain, in its one spelling; `link` is the hash of it and of all
    before it.
    """

    __tablename__ = "trace_event"
    __table_args__ = (
        Index("trace_event_id_key", "org_id", "event_id", unique=True),
        {"schema": "trust"},
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    event_id: Mapped[str] = mapped_column(Text)
    link: Mapped[bytes] = mapped_column(LargeBinary)
    event: Mapped[str] = mapped_column(Text)


class TraceRootRow(Table):
    """The signed end of a day: so many events in all, and the last one's link."""

    __tablename__ = "trace_root"
    __table_args__ = ({"schema": "trust"},)

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    events: Mapped[int] = mapped_column(BigInteger)
    link: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
