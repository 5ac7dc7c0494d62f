"""The schema of media: broadcasts and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tiantou.core.partitions import outbox_ddl

revision = "0004_media"
down_revision = "0003_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of media."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema media")
    _create_broadcast()
    for statement in outbox_ddl("media"):
        op.execute(statement)


def _create_broadcast() -> None:
    instant = sa.DateTime(timezone=True)
    no, zero = sa.text("false"), sa.text("0")
    op.create_table(
        "broadcast",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("blocked", sa.Boolean(), server_default=no, nullable=False),
        sa.Column("key_generation", sa.Integer(), server_default=zero, nullable=False),
        sa.Column("key_hash", sa.LargeBinary()),
        sa.Column("key_expires_at", instant),
        sa.Column("opened_at", instant, nullable=False),
        sa.Column("started_at", instant),
        sa.Column("last_signal_at", instant),
        sa.Column("ended_at", instant),
        sa.Column("kbps", sa.Integer(), server_default=zero, nullable=False),
        sa.Column("fps_x10", sa.Integer(), server_default=zero, nullable=False),
        sa.Column("chapters", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("chapters_new", sa.Boolean(), server_default=no, nullable=False),
        sa.Column("duration_ms", sa.Integer(), server_default=zero, nullable=False),
        sa.Column("root_hash", sa.Text()),
        sa.Column("keep_until", instant, nullable=False),
        sa.Column("disposed_at", instant),
        sa.PrimaryKeyConstraint("id", name="broadcast_pk"),
        schema="media",
    )
    watched = "state in ('opened', 'on_air', 'lost', 'ending') or blocked or chapters_new"
    op.create_index(
        "broadcast_watched_ix",
        "broadcast",
        ["id"],
        schema="media",
        postgresql_where=sa.text(watched),
    )
    op.create_index("broadcast_keep_until_ix", "broadcast", ["keep_until"], schema="media")
