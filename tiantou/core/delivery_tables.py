"""Where consumers stand, and which facts wait for another try."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, Identity, Index, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table, Xid8


class CursorRow(Table):
    """The watermark of a consumer in one outbox, good for one database system only."""

    __tablename__ = "cursor"
    __table_args__ = {"schema": "core"}

    consumer: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    system: Mapped[str] = mapped_column(Text)
    xid: Mapped[int] = mapped_column(Xid8)
    fact_id: Mapped[UUID] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class WaitingRow(Table):
    """A fact that one reaction must take again; in order of `no` within (reaction, key)."""

    __tablename__ = "waiting"
    __table_args__ = (
        Index("waiting_reaction_key_ix", "reaction", "key", "no"),
        Index("waiting_next_at_ix", "next_at", postgresql_where="not parked"),
        {"schema": "core"},
    )

    no: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reaction: Mapped[str] = mapped_column(Text)
    fact_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    tries: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    parked: Mapped[bool] = mapped_column(Boolean)
    error: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
