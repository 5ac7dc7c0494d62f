"""Places that nothing goes to for a while, and the promises that moved behind them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0060_disruption"
down_revision = "0031_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of disruptions."""
    op.execute("set local lock_timeout = '5s'")
    _disruption()
    _moved_promise()


def _disruption() -> None:
    when = sa.DateTime(timezone=True)
    op.create_table(
        "disruption",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid()),
        sa.Column("pick_up", ARRAY(sa.Text()), nullable=False),
        sa.Column("deliver", ARRAY(sa.Text()), nullable=False),
        sa.Column("from_at", when, nullable=False),
        sa.Column("until_at", when, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stated_by", sa.Uuid(), nullable=False),
        sa.Column("stated_at", when, nullable=False),
        sa.Column("ended_at", when),
        sa.PrimaryKeyConstraint("id", name="disruption_pk"),
        sa.CheckConstraint("cardinality(pick_up) + cardinality(deliver) > 0", name="places"),
        sa.CheckConstraint("until_at > from_at", name="window"),
        schema="logistics",
    )
    op.create_index(
        "disruption_until_at_ix",
        "disruption",
        ["until_at"],
        schema="logistics",
        postgresql_where=sa.text("ended_at is null"),
    )


def _moved_promise() -> None:
    op.create_table(
        "moved_promise",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("disruption_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("shop_id", "order_id", "disruption_id", name="moved_promise_pk"),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["trade.orders.shop_id", "trade.orders.order_id"],
            name="moved_promise_shop_id_order_id_fk",
        ),
        sa.CheckConstraint("to_day > from_day", name="days"),
        schema="trade",
    )
    op.create_index(
        "moved_promise_disruption_id_ix", "moved_promise", ["disruption_id"], schema="trade"
    )
    op.create_index(
        "moved_promise_untold_ix",
        "moved_promise",
        ["disruption_id", "shop_id", "order_id"],
        schema="trade",
        postgresql_where=sa.text("told_at is null"),
    )
