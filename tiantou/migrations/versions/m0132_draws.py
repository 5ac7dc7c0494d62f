"""Samples that were drawn, by which seed and from what; nobody changes what stands there."""

import sqlalchemy as sa
from alembic import op

revision = "0132_draws"
down_revision = "0131_on_camera"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds both tables with the trigger that keeps them as written."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "draw",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("population_sha256", sa.Text(), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("by_operator", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("what in ('boxes','slips','lots')", name="what"),
        sa.CheckConstraint("(lot_id is null) <> (day is null)", name="scope"),
        sa.CheckConstraint("n between 1 and population and no > 0", name="amounts"),
        sa.ForeignKeyConstraint(["lot_id"], ["supply.lot.id"], name="draw_lot_id_fk"),
        sa.PrimaryKeyConstraint("id", name="draw_pk"),
        sa.UniqueConstraint("org_id", "no"),
        schema="trust",
    )
    op.create_index("draw_org_id_ix", "draw", ["org_id", "id"], schema="trust")
    op.create_table(
        "drawn",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["trust.draw.id"], name="drawn_draw_id_fk"),
        sa.ForeignKeyConstraint(["lot_id"], ["supply.lot.id"], name="drawn_lot_id_fk"),
        sa.PrimaryKeyConstraint("draw_id", "place", name="drawn_pk"),
        sa.UniqueConstraint("draw_id", "code"),
        schema="trust",
    )
    for table in ("draw", "drawn"):
        op.execute(
            f"create trigger append_only before update or delete or truncate on trust.{table} "
            "for each statement execute function supply.refuse_change()"
        )
