"""The schema of accounts."""

from alembic import op

revision = "0003_accounts"
down_revision = "0002_regions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of accounts."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema accounts")
