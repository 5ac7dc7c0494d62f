"""Supply's chain: grade standards, runs of several lots, boxes with codes, steps of lots."""

import sqlalchemy as sa
from alembic import op

from tiantou.kit import ids
from tiantou.migrations.beside import run_beside

revision = "0040_chain"
down_revision = "0021_rehearsal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Runs the script beside this file; boxes packed before get codes of their own."""
    op.execute("set local lock_timeout = '5s'")
    run_beside(__file__)
    _boxes()


def _boxes() -> None:
    """A code for each box that a packed lot began with; who has it is known by its lot."""
    box = sa.table("box", *(sa.column(name) for name in _BOX), schema="supply")
    lots = op.get_bind().execute(
        sa.text("select id, org_id, net_g, grams_in from supply.lot where kind = 'packed'")
    )
    for lot in lots.all():
        rows = [
            dict(zip(_BOX, (ids.draw(), lot.org_id, lot.id, no, lot.net_g, 0), strict=True))
            for no in range(1, lot.grams_in // lot.net_g + 1)
        ]
        if rows:
            op.get_bind().execute(sa.insert(box), rows)


_BOX = ("code", "org_id", "lot_id", "no", "net_g", "tare_g")
