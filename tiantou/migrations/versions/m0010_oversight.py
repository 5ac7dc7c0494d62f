"""The schema of oversight."""

from alembic import op

revision = "0010_oversight"
down_revision = "0009_live"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of oversight."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema oversight")
