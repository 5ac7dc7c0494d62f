"""Parcels before they leave, ready or stopped; rates by place, weight and cold mode."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0140_tracking"
down_revision = "0150_holds"
branch_labels = None
depends_on = None

_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Adds columns to freight, parcels and events, and the tables beside them."""
    _add("freight", "cold", sa.Text(), "'ambient'")
    _add("freight", "rates", JSONB(), "'[]'")
    _add("freight", "cut_off", JSONB(), "'[]'")
    _add("parcel_event", "code", sa.Text(), "''")
    _add("parcel", "cold", sa.Text(), "'ambient'")
    _add("parcel", "boxes", sa.Integer(), "1")
    op.add_column("parcel", sa.Column("ready_at", _AT, nullable=True), schema="logistics")
    op.execute("update logistics.parcel set ready_at = handed_over_at")
    op.alter_column("parcel", "ready_at", nullable=False, schema="logistics")
    op.alter_column("parcel", "handed_over_at", nullable=True, schema="logistics")
    for name, kind in (
        ("promised_on", sa.Date()),
        ("division_code", sa.Text()),
    ):
        op.add_column("parcel", sa.Column(name, kind, nullable=True), schema="logistics")
    op.create_index("parcel_org_state_ix", "parcel", ["org_id", "state", "id"], schema="logistics")
    _stops()


def _add(table: str, name: str, kind: sa.types.TypeEngine[Any], value: str) -> None:
    """A column that older rows have too, and that newer ones must say."""
    made = sa.Column(name, kind, nullable=False, server_default=sa.text(value))
    op.add_column(table, made, schema="logistics")
    op.alter_column(table, name, server_default=None, schema="logistics")


def _stops() -> None:
    op.create_table(
        "stop",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("lifted_at", _AT),
        sa.Column("lifted_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("org_id", "ref", name="stop_pk"),
        schema="logistics",
    )
