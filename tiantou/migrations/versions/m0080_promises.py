"""What an order takes besides stock: days of packing, coupons, units kept for who waited."""

from pathlib import Path

from alembic import op

from tiantou.migrations.beside import run_beside

revision = "0080_promises"
down_revision = "0070_passports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables, widens orders and their lines, and puts a newer admission in place.

    New columns have constant defaults and the new checks hold for every row there is: the tables
    are not rewritten. The statements stand in the scripts beside this file.
    """
    op.execute("set local lock_timeout = '5s'")
    run_beside(__file__)
    for name in ("m0080_place_orders.sql", "m0080_give_back.sql"):
        run_beside(str(Path(__file__).with_name(name)))
