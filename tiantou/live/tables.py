"""Sessions, their shelf, what is said, who watches."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table
from tiantou.core.outbox import outbox_table

Outbox = outbox_table("live")


class SessionRow(Table):
    """A live session. A public-service host takes no fee and no commission: by check constraint."""

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint(
            "host_kind <> 'public_service' or (slot_fee_fen = 0 and commission_permille = 0)",
            name="public_service_is_free",
        ),
        CheckConstraint("slot_fee_fen >= 0", name="slot_fee"),
        CheckConstraint("commission_permille between 0 and 500", name="commission"),
        CheckConstraint("host_kind in ('own','professional','public_service')", name="host_kind"),
        CheckConstraint("venue in ('here','both','elsewhere')", name="venue"),
        UniqueConstraint("id", "host_kind", name="session_id_host_kind_key"),
        CheckConstraint("planned_minutes between 10 and 480", name="planned_minutes"),
        Index("session_org_starts_ix", "org_id", "starts_at"),
        Index("session_state_starts_ix", "state", "starts_at"),
        Index(
            "session_words_ix",
            "words",
            postgresql_using="gin",
            postgresql_ops={"words": "gin_trgm_ops"},
        ),
        {"schema": "live"},
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    org_id: Mapped[UUID] = mapped_column(Uuid)
    state: Mapped[str] = mapped_column(Text)
    state_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    title: Mapped[str] = mapped_column(Text)
    cover: Mapped[str | None] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    planned_minutes: Mapped[int] = mapped_column(Integer)
    host_kind: Mapped[str] = mapped_column(Text)
    host_name: Mapped[str] = mapped_column(Text)
    host_title: Mapped[str] = mapped_column(Text)
    host_person_id: Mapped[UUID | None] = mapped_column(Uuid)
    slot_fee_fen: Mapped[int] = mapped_column(BigInteger)
    commission_permille: Mapped[int] = mapped_column(Integer)
    venue: Mapped[str] = mapped_column(Text)
    demo: Mapped[bool] = mapped_column(Boolean)
    created_by: Mapped[UUID] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reviewed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    review_state: Mapped[str | None] = mapped_column(Text)
    review_reasons: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    signal_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    pinned_item_id: Mapped[UUID | None] = mapped_column(Uuid)
    replay_ms: Mapped[int | None] = mapped_column(Integer)
    replay_root: Mapped[str | None] = mapped_column(Text)
    chapters: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    keep_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    words: Mapped[str] = mapped_column(
        Text, Computed("title || ' ' || host_name || ' ' || host_title", persisted=True)
    )


class ItemRow(Table):
    """A product on the shelf of a session: a pack whose standing or flash offer is sold.

    `granted_permille`: another seller's goods, and the commission it agreed to; null: own goods.
    `host_kind` is the session's, so that the check on public service holds for every seller.
    """

    __tablename__ = "item"
    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id", "host_kind"],
            ["live.session.id", "live.session.host_kind"],
            name="item_session_id_host_kind_fk",
            onupdate="CASCADE",
        ),
        CheckConstraint("granted_permille between 0 and 500", name="granted"),
        CheckConstraint(
            "host_kind <> 'public_service' or coalesce(granted_permille, 0) = 0",
            name="public_service_is_free",
        ),
        Index(
            "item_guest_ix",
            "org_id",
            "session_id",
            postgresql_where=text("granted_permille is not null"),
        ),
        Index("item_session_pack_key", "session_id", "pack_id", unique=True),
        Index("item_pack_ix", "pack_id"),
        {"schema": "live"},
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey(SessionRow.id), index=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    pack_id: Mapped[UUID] = mapped_column(Uuid)
    org_id: Mapped[UUID] = mapped_column(Uuid)
    state: Mapped[str] = mapped_column(Text)
    flash_offer_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    host_kind: Mapped[str] = mapped_column(Text)
    granted_permille: Mapped[int | None] = mapped_column(Integer)


class SegmentRow(Table):
    """A product was explained from then to then, at that price; a replay's chapter."""

    __tablename__ = "segment"
    __table_args__ = {"schema": "live"}

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey(SessionRow.id), index=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey(ItemRow.id))
    title: Mapped[str] = mapped_column(Text)
    price_fen: Mapped[int] = mapped_column(BigInteger)
    begins_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class LotShownRow(Table):
    """A lot was before the camera from then to then; one at a time in a session."""

    __tablename__ = "lot_shown"
    __table_args__ = (
        CheckConstraint("ends_at >= begins_at", name="window"),
        Index(
            "lot_shown_now_key",
            "session_id",
            unique=True,
            postgresql_where=text("ends_at is null"),
        ),
        Index("lot_shown_session_id_ix", "session_id", "id"),
        Index("lot_shown_lot_id_ix", "lot_id", "id"),
        {"schema": "live"},
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey(SessionRow.id))
    org_id: Mapped[UUID] = mapped_column(Uuid)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"))
    shown_by: Mapped[UUID] = mapped_column(Uuid)
    begins_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ReservationRow(Table):
    """Somebody wants to be told when it starts."""

    __tablename__ = "reservation"
    __table_args__ = {"schema": "live"}

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SessionRow.id), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class TallyRow(Table):
    """What a room counts; `chat_no` numbers what is said, in order."""

    __tablename__ = "tally"
    __table_args__ = {"schema": "live"}

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SessionRow.id), primary_key=True)
    chat_no: Mapped[int] = mapped_column(BigInteger, server_default="0")
    viewers: Mapped[int] = mapped_column(Integer, server_default="0")
    peak: Mapped[int] = mapped_column(Integer, server_default="0")
    visits: Mapped[int] = mapped_column(Integer, server_default="0")
    likes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    orders: Mapped[int] = mapped_column(Integer, server_default="0")
    units: Mapped[int] = mapped_column(Integer, server_default="0")
    paid_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")


class MinuteRow(Table):
    """A minute of a session: viewers at most, orders paid in it."""

    __tablename__ = "minute"
    __table_args__ = {"schema": "live"}

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SessionRow.id), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    viewers: Mapped[int] = mapped_column(Integer, server_default="0")
    orders: Mapped[int] = mapped_column(Integer, server_default="0")


class VisitRow(Table):
    """A person or device that was in the room for at least 3 s; counted once a session."""

    __tablename__ = "visit"
    __table_args__ = {"schema": "live"}

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SessionRow.id), primary_key=True)
    viewer_key: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LineRow(Table):
    """Something said in a room, in the room's order; hidden lines stay on record."""

    __tablename__ = "line"
    __table_args__ = {"schema": "live"}

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SessionRow.id), primary_key=True)
    no: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    person_no: Mapped[int] = mapped_column(BigInteger)
    nickname: Mapped[str] = mapped_column(Text)
    badge: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    hidden_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    hidden_by: Mapped[UUID | None] = mapped_column(Uuid)


class QuestionRow(Table):
    """A question to the host; answered, skipped, or open."""

    __tablename__ = "question"
    __table_args__ = {"schema": "live"}

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey(SessionRow.id), index=True)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    person_no: Mapped[int] = mapped_column(BigInteger)
    nickname: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    votes: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    answered_by: Mapped[UUID | None] = mapped_column(Uuid)
    answer: Mapped[str | None] = mapped_column(Text)
    skipped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class VoteRow(Table):
    """A person wants a question answered, once."""

    __tablename__ = "vote"
    __table_args__ = {"schema": "live"}

    question_id: Mapped[UUID] = mapped_column(ForeignKey(QuestionRow.id), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)


class SanctionRow(Table):
    """A person was muted in, or banned from, the rooms of an organization."""

    __tablename__ = "sanction"
    __table_args__ = (
        Index("sanction_org_person_ix", "org_id", "person_no"),
        {"schema": "live"},
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    org_id: Mapped[UUID] = mapped_column(Uuid)
    session_id: Mapped[UUID] = mapped_column(ForeignKey(SessionRow.id))
    person_id: Mapped[UUID] = mapped_column(Uuid)
    person_no: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[UUID] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lifted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
