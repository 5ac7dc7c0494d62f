"""Which lot a session's camera showed, from when to when."""

import sqlalchemy as sa
from alembic import op

revision = "0131_on_camera"
down_revision = "0130_inspections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table; one lot at a time in a session."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "lot_shown",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("shown_by", sa.Uuid(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at >= begins_at", name="window"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live.session.id"], name="lot_shown_session_id_fk"
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["supply.lot.id"], name="lot_shown_lot_id_fk"),
        sa.PrimaryKeyConstraint("id", name="lot_shown_pk"),
        schema="live",
    )
    op.create_index(
        "lot_shown_now_key",
        "lot_shown",
        ["session_id"],
        unique=True,
        schema="live",
        postgresql_where=sa.text("ends_at is null"),
    )
    op.create_index("lot_shown_session_id_ix", "lot_shown", ["session_id", "id"], schema="live")
    op.create_index("lot_shown_lot_id_ix", "lot_shown", ["lot_id", "id"], schema="live")
