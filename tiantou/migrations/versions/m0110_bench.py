"""The packing bench: waybills known before packing, and every scan."""

from alembic import op

from tiantou.migrations.beside import run_beside

revision = "0110_bench"
down_revision = "0092_traces"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds both tables; their statements stand in the script beside this file."""
    op.execute("set local lock_timeout = '5s'")
    run_beside(__file__)
