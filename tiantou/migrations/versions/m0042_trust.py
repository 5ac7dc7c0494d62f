"""The schema of trust: recalls."""

from alembic import op

from tiantou.core.partitions import outbox_ddl
from tiantou.migrations.beside import run_beside

revision = "0042_trust"
down_revision = "0041_claims"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema; its tables stand in the script beside this file."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema trust")
    for statement in outbox_ddl("trust"):
        op.execute(statement)
    run_beside(__file__)
