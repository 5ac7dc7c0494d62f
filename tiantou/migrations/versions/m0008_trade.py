"""The schema of trade: tables, the admission of orders, stock, the ledger's guards."""

from pathlib import Path

from alembic import op

from tiantou.core.partitions import outbox_ddl

revision = "0008_trade"
down_revision = "0007_supply"
branch_labels = None
depends_on = None

PARTS = ("tables", "stock", "place_orders", "ledger", "first_statistics")


def upgrade() -> None:
    """Creates the schema of trade. Each part's statements stand in a file beside this one."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema trade")
    for statement in outbox_ddl("trade"):
        op.execute(statement)
    for part in PARTS:
        script = Path(__file__).with_name(f"m0008_{part}.sql").read_text()
        for statement in script.split("\n--;\n"):
            if statement.strip():
                op.get_bind().exec_driver_sql(statement)
