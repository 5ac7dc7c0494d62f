"""How long the way takes, and how long varieties bear it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0061_transit"
down_revision = "0060_disruption"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table of times of transit."""
    op.create_table(
        "transit",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("days", JSONB(), nullable=False),
        sa.Column("limits", JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name="transit_pk"),
        schema="logistics",
    )
