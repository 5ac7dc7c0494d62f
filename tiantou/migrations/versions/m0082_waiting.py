"""Units that come back go to who waits for them, in the transaction that brought them back."""

from alembic import op

from tiantou.migrations.beside import run_beside

revision = "0082_waiting"
down_revision = "0081_coupons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the statements; they stand in the script beside this file."""
    op.execute("set local lock_timeout = '5s'")
    run_beside(__file__)
