"""The schema of live."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tiantou.core.partitions import outbox_ddl

revision = "0009_live"
down_revision = "0008_trade"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of live."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema live")
    for statement in outbox_ddl("live"):
        op.execute(statement)
    _session()
    _item()
    _line()
    _minute()
    _question()
    _reservation()
    _sanction()
    _tally()
    _visit()
    _segment()
    _vote()


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("cover", sa.Text(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("host_kind", sa.Text(), nullable=False),
        sa.Column("host_name", sa.Text(), nullable=False),
        sa.Column("host_title", sa.Text(), nullable=False),
        sa.Column("host_person_id", sa.Uuid(), nullable=True),
        sa.Column("slot_fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("commission_permille", sa.Integer(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_state", sa.Text(), nullable=True),
        sa.Column("review_reasons", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signal_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pinned_item_id", sa.Uuid(), nullable=True),
        sa.Column("replay_ms", sa.Integer(), nullable=True),
        sa.Column("replay_root", sa.Text(), nullable=True),
        sa.Column("chapters", postgresql.JSONB(), nullable=True),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "words",
            sa.Text(),
            sa.Computed("title || ' ' || host_name || ' ' || host_title", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint(
            "host_kind <> 'public_service' or (slot_fee_fen = 0 and commission_permille = 0)",
            name="session_public_service_is_free_check",
        ),
        sa.CheckConstraint(
            "host_kind in ('own','professional','public_service')", name="session_host_kind_check"
        ),
        sa.CheckConstraint("venue in ('here','both','elsewhere')", name="session_venue_check"),
        sa.CheckConstraint(
            "commission_permille between 0 and 500", name="session_commission_check"
        ),
        sa.CheckConstraint(
            "planned_minutes between 10 and 480", name="session_planned_minutes_check"
        ),
        sa.CheckConstraint("slot_fee_fen >= 0", name="session_slot_fee_check"),
        sa.PrimaryKeyConstraint("id", name="session_pk"),
        schema="live",
    )
    _session_indexes()


def _session_indexes() -> None:
    op.create_index(
        "session_org_starts_ix", "session", ["org_id", "starts_at"], unique=False, schema="live"
    )
    op.create_index(
        "session_state_starts_ix", "session", ["state", "starts_at"], unique=False, schema="live"
    )
    op.create_index(
        "session_words_ix",
        "session",
        ["words"],
        unique=False,
        schema="live",
        postgresql_using="gin",
        postgresql_ops={"words": "gin_trgm_ops"},
    )


def _item() -> None:
    op.create_table(
        "item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("flash_offer_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["live.session.id"], name="item_session_id_fk"),
        sa.PrimaryKeyConstraint("id", name="item_pk"),
        schema="live",
    )
    op.create_index(
        "item_flash_offer_id_ix", "item", ["flash_offer_id"], unique=False, schema="live"
    )
    op.create_index("item_pack_ix", "item", ["pack_id"], unique=False, schema="live")
    op.create_index("item_session_id_ix", "item", ["session_id"], unique=False, schema="live")
    op.create_index(
        "item_session_pack_key", "item", ["session_id", "pack_id"], unique=True, schema="live"
    )


def _line() -> None:
    op.create_table(
        "line",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_no", sa.BigInteger(), nullable=False),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("badge", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["live.session.id"], name="line_session_id_fk"),
        sa.PrimaryKeyConstraint("session_id", "no", name="line_pk"),
        schema="live",
    )


def _minute() -> None:
    op.create_table(
        "minute",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("viewers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("orders", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["live.session.id"], name="minute_session_id_fk"),
        sa.PrimaryKeyConstraint("session_id", "at", name="minute_pk"),
        schema="live",
    )


def _question() -> None:
    op.create_table(
        "question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_no", sa.BigInteger(), nullable=False),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("skipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["live.session.id"], name="question_session_id_fk"),
        sa.PrimaryKeyConstraint("id", name="question_pk"),
        schema="live",
    )
    op.create_index(
        "question_session_id_ix", "question", ["session_id"], unique=False, schema="live"
    )


def _reservation() -> None:
    op.create_table(
        "reservation",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live.session.id"], name="reservation_session_id_fk"
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name="reservation_pk"),
        schema="live",
    )


def _sanction() -> None:
    op.create_table(
        "sanction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_no", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["live.session.id"], name="sanction_session_id_fk"),
        sa.PrimaryKeyConstraint("id", name="sanction_pk"),
        schema="live",
    )
    op.create_index(
        "sanction_org_person_ix", "sanction", ["org_id", "person_no"], unique=False, schema="live"
    )


def _tally() -> None:
    op.create_table(
        "tally",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("chat_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("viewers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("peak", sa.Integer(), server_default="0", nullable=False),
        sa.Column("visits", sa.Integer(), server_default="0", nullable=False),
        sa.Column("likes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("orders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("units", sa.Integer(), server_default="0", nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["live.session.id"], name="tally_session_id_fk"),
        sa.PrimaryKeyConstraint("session_id", name="tally_pk"),
        schema="live",
    )


def _visit() -> None:
    op.create_table(
        "visit",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("viewer_key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["live.session.id"], name="visit_session_id_fk"),
        sa.PrimaryKeyConstraint("session_id", "viewer_key", name="visit_pk"),
        schema="live",
    )


def _segment() -> None:
    op.create_table(
        "segment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["live.item.id"], name="segment_item_id_fk"),
        sa.ForeignKeyConstraint(["session_id"], ["live.session.id"], name="segment_session_id_fk"),
        sa.PrimaryKeyConstraint("id", name="segment_pk"),
        schema="live",
    )
    op.create_index("segment_session_id_ix", "segment", ["session_id"], unique=False, schema="live")


def _vote() -> None:
    op.create_table(
        "vote",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["live.question.id"], name="vote_question_id_fk"),
        sa.PrimaryKeyConstraint("question_id", "person_id", name="vote_pk"),
        schema="live",
    )
