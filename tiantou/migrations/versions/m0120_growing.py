"""Plots in full, seasons with what they should yield, records of what was used in them."""

from alembic import op

from tiantou.migrations.beside import run_beside

revision = "0120_growing"
down_revision = "0110_bench"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Runs the script beside this file."""
    op.execute("set local lock_timeout = '5s'")
    run_beside(__file__)
