"""The schema of media."""

from alembic import op

revision = "0004_media"
down_revision = "0003_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of media."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema media")
