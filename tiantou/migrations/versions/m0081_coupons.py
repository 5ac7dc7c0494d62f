"""Coupons are claimed in batches and stand in the ledger; parts of a payment may come too late."""

from alembic import op

from tiantou.migrations.beside import run_beside

revision = "0081_coupons"
down_revision = "0080_promises"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the statement, kinds of entries, a mark; they stand in the script beside this file."""
    op.execute("set local lock_timeout = '5s'")
    run_beside(__file__)
