"""The schema of catalog."""

from alembic import op

revision = "0005_catalog"
down_revision = "0004_media"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of catalog."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema catalog")
