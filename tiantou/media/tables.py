"""The tables of media: broadcasts and the outbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Index, Integer, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table
from tiantou.core.outbox import outbox_table

WATCHED = text("state in ('opened', 'on_air', 'lost', 'ending') or blocked or chapters_new")


class Broadcast(Table):
    """One recording, live or closed. `folder` is relative to the root of recordings.

    `rehearses` until its owner is on air: a signal that comes and goes before ends nothing.
    `chapters` are as given (seconds of wall clock since `started_at`); `chapters_new` until the
    media process has laid them beside the recording. `kbps` and `fps_x10` are the last measured.
    """

    __tablename__ = "broadcast"
    __table_args__ = (
        Index("broadcast_watched_ix", "id", postgresql_where=WATCHED),
        Index("broadcast_keep_until_ix", "keep_until"),
        {"schema": "media"},
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    folder: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    blocked: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    rehearses: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    key_generation: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    key_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_signal_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    kbps: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    fps_x10: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    chapters: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    chapters_new: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    duration_ms: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    root_hash: Mapped[str | None] = mapped_column(Text)
    keep_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    disposed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


Outbox = outbox_table("media")
