"""The schema of logistics: freight, parcels and their events."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tiantou.core.partitions import outbox_ddl

revision = "0006_logistics"
down_revision = "0005_catalog"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of logistics."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema logistics")
    _freight()
    for statement in outbox_ddl("logistics"):
        op.execute(statement)
    _parcel()
    _parcel_event()


def _freight() -> None:
    op.create_table(
        "freight",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("flat_fen", sa.BigInteger(), nullable=False),
        sa.Column("free_from_fen", sa.BigInteger(), nullable=True),
        sa.Column("not_served", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("days_promised", sa.SmallInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "days_promised between 1 and 30", name=op.f("freight_days_promised_check")
        ),
        sa.CheckConstraint("flat_fen >= 0", name=op.f("freight_flat_fen_check")),
        sa.CheckConstraint("free_from_fen > 0", name=op.f("freight_free_from_fen_check")),
        sa.PrimaryKeyConstraint("org_id", name=op.f("freight_pk")),
        schema="logistics",
    )


def _parcel() -> None:
    op.create_table(
        "parcel",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("waybill", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("parcel_pk")),
        sa.UniqueConstraint("carrier", "waybill", name=op.f("parcel_carrier_waybill_key")),
        schema="logistics",
    )
    op.create_index(
        "parcel_org_id_ix", "parcel", ["org_id", "ref"], unique=False, schema="logistics"
    )


def _parcel_event() -> None:
    op.create_table(
        "parcel_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["logistics.parcel.id"], name=op.f("parcel_event_parcel_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("parcel_event_pk")),
        sa.UniqueConstraint("parcel_id", "mark", name=op.f("parcel_event_parcel_id_mark_key")),
        schema="logistics",
    )
