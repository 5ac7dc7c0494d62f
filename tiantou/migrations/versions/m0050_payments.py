"""Payments are asked for outside of transactions; providers' bills are compared with ours."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0050_payments"
down_revision = "0042_trust"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds what an errand to a provider needs, and the tables of reconciliation."""
    op.execute("set local lock_timeout = '5s'")
    _errands()
    _bill_line()
    _reconciliation()
    _difference()


def _errands() -> None:
    when = sa.DateTime(timezone=True)
    for name in ("payment", "refund"):
        op.add_column(name, sa.Column("ask_at", when), schema="trade")
        op.add_column(
            name,
            sa.Column("asks", sa.Integer(), nullable=False, server_default="0"),
            schema="trade",
        )
        op.alter_column(name, "asks", server_default=None, schema="trade")
        op.create_index(
            f"{name}_ask_ix",
            name,
            ["ask_at"],
            schema="trade",
            postgresql_where=sa.text("ask_at is not null"),
        )
    way = sa.Column("way", sa.Text(), nullable=False, server_default="page")
    op.add_column("payment", way, schema="trade")
    op.alter_column("payment", "way", server_default=None, schema="trade")
    op.add_column("payment", sa.Column("code", sa.Text()), schema="trade")
    op.add_column("payment", sa.Column("bridge", JSONB()), schema="trade")
    op.add_column("payment", sa.Column("paid_at", when), schema="trade")
    op.create_index(
        "payment_paid_ix",
        "payment",
        ["provider", "paid_at"],
        schema="trade",
        postgresql_where=sa.text("paid_at is not null"),
    )
    # What waited for a callback or a reaction is asked for by errands from now on.
    op.execute("update trade.payment set ask_at = now() where state = 'started'")
    op.execute("update trade.payment set paid_at = decided_at where state in ('paid', 'returned')")
    op.execute("update trade.refund set ask_at = now(), asks = 1 where state = 'refunding'")
    op.execute("delete from core.timer where kind = 'trade.payment-query'")


def _bill_line() -> None:
    op.create_table(
        "bill_line",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("provider_no", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "kind", "ref", "provider_no", name="bill_line_pk"),
        sa.CheckConstraint("kind in ('payment', 'refund')", name="kind"),
        schema="trade",
    )
    op.create_index("bill_line_day_ix", "bill_line", ["provider", "day"], schema="trade")


def _reconciliation() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("ours_paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("ours_refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "day", name="reconciliation_pk"),
        sa.CheckConstraint("state in ('compared', 'no_bill')", name="state"),
        schema="trade",
    )


def _difference() -> None:
    op.create_table(
        "difference",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("provider_no", sa.Text(), nullable=False),
        sa.Column("ours_fen", sa.BigInteger()),
        sa.Column("theirs_fen", sa.BigInteger()),
        sa.Column("shop_id", sa.Uuid()),
        sa.Column("number", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("provider", "day", "kind", "ref", "what", name="difference_pk"),
        sa.CheckConstraint("kind in ('payment', 'refund')", name="kind"),
        sa.CheckConstraint(
            "what in ('missing_here', 'missing_there', 'amount_differs')", name="what"
        ),
        schema="trade",
    )
    op.create_index(
        "difference_open_ix",
        "difference",
        ["day"],
        schema="trade",
        postgresql_where=sa.text("gone_at is null"),
    )
