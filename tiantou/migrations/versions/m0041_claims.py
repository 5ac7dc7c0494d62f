"""Claims of packs: scheme certificates, yield ceilings, pools of certified grams."""

from alembic import op

from tiantou.migrations.beside import run_beside

revision = "0041_claims"
down_revision = "0040_chain"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Runs the script beside this file."""
    op.execute("set local lock_timeout = '5s'")
    run_beside(__file__)
