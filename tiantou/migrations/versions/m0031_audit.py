"""What the standing audits found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031_audit"
down_revision = "0030_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table of audits."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "audit_run",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("found", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("at", name="audit_run_pk"),
        schema="trade",
    )
