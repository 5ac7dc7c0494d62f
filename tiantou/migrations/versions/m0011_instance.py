"""What a database has been: demo or production."""

import sqlalchemy as sa
from alembic import op

revision = "0011_instance"
down_revision = "0010_oversight"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates core's row about the instance."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "instance",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("demo_at", sa.DateTime(timezone=True)),
        sa.Column("fair_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("one", name="instance_pk"),
        sa.CheckConstraint("one", name="one"),
        schema="core",
    )
