"""Several sellers' goods on one shelf: what is open to other rooms, and what it owes there."""

import sqlalchemy as sa
from alembic import op

revision = "0020_guests"
down_revision = "0011_instance"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the sellers' consent, the terms of items, and fees by goods."""
    op.execute("set local lock_timeout = '5s'")
    _product()
    _item()
    _goods_fee()


def _product() -> None:
    op.add_column("product", sa.Column("rooms_permille", sa.SmallInteger()), schema="catalog")
    op.create_check_constraint(
        "product_rooms_permille_check",
        "product",
        "rooms_permille between 0 and 500",
        schema="catalog",
    )
    op.create_index(
        "product_open_ix",
        "product",
        ["changed_at"],
        schema="catalog",
        postgresql_where=sa.text("rooms_permille is not null"),
    )


def _item() -> None:
    op.create_unique_constraint(
        "session_id_host_kind_key", "session", ["id", "host_kind"], schema="live"
    )
    op.add_column("item", sa.Column("host_kind", sa.Text()), schema="live")
    op.execute(
        "update live.item set host_kind = s.host_kind from live.session s where s.id = session_id"
    )
    op.alter_column("item", "host_kind", nullable=False, schema="live")
    op.add_column("item", sa.Column("granted_permille", sa.Integer()), schema="live")
    op.create_foreign_key(
        "item_session_id_host_kind_fk",
        "item",
        "session",
        ["session_id", "host_kind"],
        ["id", "host_kind"],
        source_schema="live",
        referent_schema="live",
        onupdate="CASCADE",
    )
    op.create_check_constraint(
        "item_granted_check", "item", "granted_permille between 0 and 500", schema="live"
    )
    op.create_check_constraint(
        "item_public_service_is_free_check",
        "item",
        "host_kind <> 'public_service' or coalesce(granted_permille, 0) = 0",
        schema="live",
    )
    op.create_index(
        "item_guest_ix",
        "item",
        ["org_id", "session_id"],
        schema="live",
        postgresql_where=sa.text("granted_permille is not null"),
    )


def _goods_fee() -> None:
    op.create_table(
        "goods_fee",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("permille", sa.Integer(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("shop_id", "origin", "pack_id", "from_at", name="goods_fee_pk"),
        sa.CheckConstraint("permille between 0 and 900", name="goods_fee_permille_check"),
        schema="trade",
    )
