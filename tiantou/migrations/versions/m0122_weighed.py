"""When a device without a network weighed: a slip's own time beside that of its writing down."""

import sqlalchemy as sa
from alembic import op

revision = "0122_weighed"
down_revision = "0121_collections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; slips of before have no time of a device."""
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "slip", sa.Column("weighed_at", sa.DateTime(timezone=True), nullable=True), schema="supply"
    )
