"""The admission's plans are made once a session.

Its arrays differ from batch to batch, so PostgreSQL judged a plan for their sizes a little better
each time and planned every call anew: more than half of what a small batch cost.
"""

from alembic import op

revision = "0090_plans"
down_revision = "0082_waiting"
branch_labels = None
depends_on = None

FUNCTIONS = ("place_orders", "write_orders", "tell_stock", "serve_waiting")


def upgrade() -> None:
    """Keeps the generic plans; sequential scans stay off, so they go by the keys."""
    op.execute("set local lock_timeout = '5s'")
    for name in FUNCTIONS:
        op.execute(f"alter function trade.{name} set plan_cache_mode = force_generic_plan")
