"""The schema of live."""

from alembic import op

revision = "0009_live"
down_revision = "0008_trade"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of live."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema live")
