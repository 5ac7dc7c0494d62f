"""The schema of supply."""

from alembic import op

revision = "0007_supply"
down_revision = "0006_logistics"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of supply."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema supply")
