"""A broadcast whose owner is not on air yet: a signal that comes and goes ends nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0021_rehearsal"
down_revision = "0020_guests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds `rehearses`; what exists counts as on air."""
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "broadcast",
        sa.Column("rehearses", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="media",
    )
