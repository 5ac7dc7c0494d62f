"""Orders: at most so many unpaid ones of a buyer in a shop; a floor may pause an offer."""

from pathlib import Path

from alembic import op

revision = "0030_orders"
down_revision = "0050_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the index of unpaid orders by buyer, and puts a newer admission in the old one's place.

    The index is small: only unpaid orders stand in it.
    """
    op.execute("set local lock_timeout = '5s'")
    script = Path(__file__).with_suffix(".sql").read_text()
    for statement in script.split("\n--;\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
