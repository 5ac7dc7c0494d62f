"""The schema of trust: recalls."""

from pathlib import Path

from alembic import op

from tiantou.core.partitions import outbox_ddl

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
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for statement in script.split("\n--;\n"):
        op.get_bind().exec_driver_sql(statement)
