"""The schema of core: answers kept, delivery, timers, limits, audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tiantou.core.db import Xid8

revision = "0001_core"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates core's tables."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create extension if not exists pg_trgm")
    op.create_table(
        "once",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger()),
        sa.Column("media_type", sa.Text()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="once_pk"),
        schema="core",
    )
    op.create_index("once_at_ix", "once", ["at"], schema="core")
    _audit()
    _cursor()
    _file()
    _limit()
    _timer()
    _waiting()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("no", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("for_whom", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("no", name="audit_pk"),
        schema="core",
    )
    op.create_index("audit_on_ix", "audit", ["on"], unique=False, schema="core")
    op.create_index("audit_person_id_ix", "audit", ["person_id"], unique=False, schema="core")


def _cursor() -> None:
    op.create_table(
        "cursor",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("xid", Xid8(), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", name="cursor_pk"),
        schema="core",
    )


def _file() -> None:
    op.create_table(
        "file",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="file_pk"),
        schema="core",
    )
    op.create_index("file_by_ix", "file", ["by"], unique=False, schema="core")


def _limit() -> None:
    op.create_table(
        "limit",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("window_s", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "key", "window_s", "begins_at", name="limit_pk"),
        schema="core",
    )


def _timer() -> None:
    op.create_table(
        "timer",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key", name="timer_pk"),
        schema="core",
    )
    op.create_index("timer_due_at_ix", "timer", ["due_at"], unique=False, schema="core")


def _waiting() -> None:
    op.create_table(
        "waiting",
        sa.Column("no", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("reaction", sa.Text(), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("no", name="waiting_pk"),
        schema="core",
    )
    op.create_index(
        "waiting_next_at_ix",
        "waiting",
        ["next_at"],
        unique=False,
        schema="core",
        postgresql_where="not parked",
    )
    op.create_index(
        "waiting_reaction_key_ix", "waiting", ["reaction", "key", "no"], unique=False, schema="core"
    )
