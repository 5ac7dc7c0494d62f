"""The schema of trade."""

from alembic import op

revision = "0008_trade"
down_revision = "0007_supply"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of trade."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema trade")
