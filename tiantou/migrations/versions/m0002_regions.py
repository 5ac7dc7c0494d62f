"""The schema of regions."""

from alembic import op

revision = "0002_regions"
down_revision = "0001_core"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of regions."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema regions")
