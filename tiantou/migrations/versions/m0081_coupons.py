"""Coupons are claimed in batches, and what the platform adds to a price stands in the ledger."""

from alembic import op

from tiantou.migrations.beside import run_beside

revision = "0081_coupons"
down_revision = "0080_promises"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the statement and two kinds of entries; they stand in the script beside this file."""
    op.execute("set local lock_timeout = '5s'")
    run_beside(__file__)
