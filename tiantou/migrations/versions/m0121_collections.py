"""Collection runs with their stops; what mixes and relabels a lot."""

from alembic import op

from tiantou.migrations.beside import run_beside

revision = "0121_collections"
down_revision = "0120_growing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Runs the script beside this file."""
    op.execute("set local lock_timeout = '5s'")
    run_beside(__file__)
