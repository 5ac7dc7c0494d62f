"""The chain of an organization's trace events, and the signed root of each day."""

import sqlalchemy as sa
from alembic import op

revision = "0092_traces"
down_revision = "0091_destination"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds both tables; nobody changes what stands in them, not even by hand."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "trace_event",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "seq", name="trace_event_pk"),
        schema="trust",
    )
    op.create_index(
        "trace_event_id_key", "trace_event", ["org_id", "event_id"], unique=True, schema="trust"
    )
    op.create_table(
        "trace_root",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "day", name="trace_root_pk"),
        schema="trust",
    )
    for table in ("trace_event", "trace_root"):
        op.execute(
            f"create trigger append_only before update or delete or truncate on trust.{table} "
            "for each statement execute function supply.refuse_change()"
        )
