"""The schema of catalog: crops, varieties, products, packs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tiantou.catalog import seeds
from tiantou.core.partitions import outbox_ddl

revision = "0005_catalog"
down_revision = "0004_media"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of catalog."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema catalog")
    _crop()
    for statement in outbox_ddl("catalog"):
        op.execute(statement)
    _variety()
    _product()
    _pack()
    _facts()


def _crop() -> None:
    op.create_table(
        "crop",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("certificate_due", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind in ('fruit','vegetable','fungus','grain','tea','nut','herb')",
            name=op.f("crop_kind_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("crop_pk")),
        sa.UniqueConstraint("name", name=op.f("crop_name_key")),
        schema="catalog",
    )


def _variety() -> None:
    op.create_table(
        "variety",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crop_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("months", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("storage", sa.Text(), nullable=False),
        sa.Column("shelf_days", sa.SmallInteger(), nullable=False),
        sa.Column("shelf_source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "storage in ('ambient','cool','chilled')", name=op.f("variety_storage_check")
        ),
        sa.CheckConstraint("shelf_days between 1 and 1000", name=op.f("variety_shelf_days_check")),
        sa.ForeignKeyConstraint(["crop_id"], ["catalog.crop.id"], name=op.f("variety_crop_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("variety_pk")),
        sa.UniqueConstraint("crop_id", "name", name=op.f("variety_crop_id_name_key")),
        schema="catalog",
    )


def _product() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("variety_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("origin_code", sa.CHAR(length=6), nullable=False),
        sa.Column("photos", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('on','off')", name=op.f("product_state_check")),
        sa.CheckConstraint(
            "cardinality(photos) between 1 and 9", name=op.f("product_photos_check")
        ),
        sa.ForeignKeyConstraint(
            ["variety_id"], ["catalog.variety.id"], name=op.f("product_variety_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("product_pk")),
        schema="catalog",
    )
    op.create_index(
        "product_org_id_ix", "product", ["org_id", "id"], unique=False, schema="catalog"
    )
    op.create_index(
        "product_search_ix",
        "product",
        ["search"],
        unique=False,
        schema="catalog",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(
        "product_variety_id_ix", "product", ["variety_id"], unique=False, schema="catalog"
    )


def _pack() -> None:
    op.create_table(
        "pack",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("variety_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("net_g", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=True),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("net_g > 0", name=op.f("pack_net_g_check")),
        sa.CheckConstraint("pieces > 0", name=op.f("pack_pieces_check")),
        sa.CheckConstraint("price_fen > 0", name=op.f("pack_price_fen_check")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("pack_product_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["variety_id"], ["catalog.variety.id"], name=op.f("pack_variety_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pack_pk")),
        schema="catalog",
    )
    op.create_index("pack_product_id_ix", "pack", ["product_id"], unique=False, schema="catalog")


def _facts() -> None:
    """Crops and varieties as the package's own table of facts has them."""
    crops, varieties = seeds.read()
    crop = sa.table(
        "crop",
        sa.column("id", sa.Uuid()),
        sa.column("name", sa.Text()),
        sa.column("name_en", sa.Text()),
        sa.column("kind", sa.Text()),
        sa.column("certificate_due", sa.Boolean()),
        schema="catalog",
    )
    variety = sa.table(
        "variety",
        sa.column("id", sa.Uuid()),
        sa.column("crop_id", sa.Uuid()),
        sa.column("name", sa.Text()),
        sa.column("name_en", sa.Text()),
        sa.column("months", postgresql.ARRAY(sa.SmallInteger())),
        sa.column("storage", sa.Text()),
        sa.column("shelf_days", sa.SmallInteger()),
        sa.column("shelf_source", sa.Text()),
        schema="catalog",
    )
    op.bulk_insert(crop, crops)
    op.bulk_insert(variety, varieties)
