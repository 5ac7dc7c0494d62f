"""What was tested of lots; nobody changes what stands there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0130_inspections"
down_revision = "0122_weighed"
branch_labels = None
depends_on = None

_CHECKS = {
    "kind": "kind in ('self','quick','lab','on_camera')",
    "verdict": "verdict in ('pass','fail','noted')",
    "outcome": "outcome in ('none','proposed','held')",
    "outcome_of_fail": "outcome = 'none' or verdict = 'fail'",
    "sample_n": "sample_n between 1 and 10000",
    "some": "num_nonnulls(brix_tenth, diameter_tenth_mm, weight_g, blemish_mm2,"
    " inhibition_permille, residue_ug_kg, lab_says) > 0",
    "inhibition": "inhibition_permille between 0 and 1000",
    "residue": "num_nonnulls(residue_ug_kg, residue_limit_ug_kg, substance) in (0, 3)",
    "lab_says": "lab_says in ('pass','fail')",
    "lab": "(kind = 'lab') = (lab is not null)",
    "lab_says_of_lab": "lab_says is null or kind = 'lab'",
    "camera": "(kind = 'on_camera') = (session_id is not null)"
    " and (kind = 'on_camera') = (video_at is not null)",
    "draw": "(draw_id is null) = (drawn_code is null)",
}
_MEASURES = (
    "brix_tenth",
    "diameter_tenth_mm",
    "weight_g",
    "blemish_mm2",
    "inhibition_permille",
    "residue_ug_kg",
    "residue_limit_ug_kg",
)


def upgrade() -> None:
    """Adds the table, its reading ways, and the trigger that keeps it as written."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "inspection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sample_n", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in _MEASURES),
        *(
            sa.Column(name, sa.Text(), nullable=True)
            for name in ("substance", "lab", "lab_says", "report")
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("failed", ARRAY(sa.Text()), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("video_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draw_id", sa.Uuid(), nullable=True),
        sa.Column("drawn_code", sa.Text(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.CheckConstraint(said, name=name) for name, said in _CHECKS.items()),
        sa.ForeignKeyConstraint(["lot_id"], ["supply.lot.id"], name="inspection_lot_id_fk"),
        sa.PrimaryKeyConstraint("id", name="inspection_pk"),
        schema="supply",
    )
    op.create_index("inspection_lot_id_ix", "inspection", ["lot_id", "id"], schema="supply")
    op.create_index(
        "inspection_session_id_ix",
        "inspection",
        ["session_id"],
        schema="supply",
        postgresql_where="session_id is not null",
    )
    op.create_index(
        "inspection_draw_key",
        "inspection",
        ["draw_id", "drawn_code"],
        unique=True,
        schema="supply",
        postgresql_where="draw_id is not null",
    )
    op.execute(
        "create trigger append_only before update or delete or truncate on supply.inspection "
        "for each statement execute function supply.refuse_change()"
    )
