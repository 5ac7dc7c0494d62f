"""What a shop said when it was asked to hold a lot and did not."""

import sqlalchemy as sa
from alembic import op

revision = "0150_holds"
down_revision = "0132_draws"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table; nobody changes what stands in it, not even by hand."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "hold_declined",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("boxes_reported", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "char_length(why) between 2 and 200", name=op.f("hold_declined_why_check")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["supply.lot.id"], name=op.f("hold_declined_lot_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("hold_declined_pk")),
        schema="trust",
    )
    op.create_index("hold_declined_lot_id_ix", "hold_declined", ["lot_id", "id"], schema="trust")
    op.execute(
        "create trigger append_only before update or delete or truncate on trust.hold_declined "
        "for each statement execute function supply.refuse_change()"
    )
