"""The schema of logistics."""

from alembic import op

revision = "0006_logistics"
down_revision = "0005_catalog"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of logistics."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema logistics")
