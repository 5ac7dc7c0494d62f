"""The schema of oversight."""

import sqlalchemy as sa
from alembic import op

revision = "0010_oversight"
down_revision = "0009_live"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of oversight."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema oversight")
    _decision()


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="decision_pk"),
        schema="oversight",
    )
    op.create_index("decision_on_at_ix", "decision", ["on", "at"], unique=False, schema="oversight")
