"""Claims of packs: scheme certificates, yield ceilings, pools of certified grams."""

from pathlib import Path

from alembic import op

revision = "0041_claims"
down_revision = "0040_chain"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Runs the script beside this file."""
    op.execute("set local lock_timeout = '5s'")
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for statement in script.split("\n--;\n"):
        op.get_bind().exec_driver_sql(statement)
