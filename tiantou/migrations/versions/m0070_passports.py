"""Passports: scans counted, problems reported, households that agreed to be shown."""

from alembic import op

from tiantou.migrations.beside import run_beside

revision = "0070_passports"
down_revision = "0061_transit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables; they stand in the script beside this file."""
    op.execute("set local lock_timeout = '5s'")
    run_beside(__file__)
