"""Decisions of the operator."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table


class DecisionRow(Table):
    """A decision: on what, which, why, by whom."""

    __tablename__ = "decision"
    __table_args__ = (Index("decision_on_at_ix", "on", "at"), {"schema": "oversight"})

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    on: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[UUID] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
