"""The tables of catalog."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table
from tiantou.core.outbox import outbox_table

CatalogOutbox = outbox_table("catalog")


class CropRow(Table):
    """A crop. `certificate_due`: its lots need a certificate of conformity by law."""

    __tablename__ = "crop"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint(
            "kind in ('fruit','vegetable','fungus','grain','tea','nut','herb')", name="kind"
        ),
        {"schema": "catalog"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    certificate_due: Mapped[bool]


class VarietyRow(Table):
    """A variety: the months of its harvest, how it is stored, how many days it keeps so."""

    __tablename__ = "variety"
    __table_args__ = (
        UniqueConstraint("crop_id", "name"),
        CheckConstraint("storage in ('ambient','cool','chilled')", name="storage"),
        CheckConstraint("shelf_days between 1 and 1000", name="shelf_days"),
        {"schema": "catalog"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    crop_id: Mapped[UUID] = mapped_column(ForeignKey("catalog.crop.id"))
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    months: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    storage: Mapped[str] = mapped_column(Text)
    shelf_days: Mapped[int] = mapped_column(SmallInteger)
    shelf_source: Mapped[str] = mapped_column(Text)


class ProductRow(Table):
    """What an organization offers: a variety of a grade from a place, in packs.

    `rooms_permille`: the commission at which other sellers' rooms may show it; null: none may.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("state in ('on','off')", name="state"),
        CheckConstraint("cardinality(photos) between 1 and 9", name="photos"),
        CheckConstraint("rooms_permille between 0 and 500", name="rooms_permille"),
        Index("product_org_id_ix", "org_id", "id"),
        Index("product_open_ix", "changed_at", postgresql_where=text("rooms_permille is not null")),
        Index("product_variety_id_ix", "variety_id"),
        Index(
            "product_search_ix",
            "search",
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        ),
        {"schema": "catalog"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(Text)
    variety_id: Mapped[UUID] = mapped_column(ForeignKey("catalog.variety.id"))
    grade: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    origin_code: Mapped[str] = mapped_column(CHAR(6))
    photos: Mapped[list[str]] = mapped_column(ARRAY(Text))
    fresh: Mapped[bool]
    state: Mapped[str] = mapped_column(Text)
    search: Mapped[str] = mapped_column(Text)
    rooms_permille: Mapped[int | None] = mapped_column(SmallInteger)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PackRow(Table):
    """A size of a product. Retired packs stay: lots, offers and orders name them."""

    __tablename__ = "pack"
    __table_args__ = (
        CheckConstraint("net_g > 0", name="net_g"),
        CheckConstraint("pieces > 0", name="pieces"),
        CheckConstraint("price_fen > 0", name="price_fen"),
        Index("pack_product_id_ix", "product_id"),
        {"schema": "catalog"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("catalog.product.id"))
    org_id: Mapped[UUID]
    variety_id: Mapped[UUID] = mapped_column(ForeignKey("catalog.variety.id"))
    grade: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    net_g: Mapped[int] = mapped_column(BigInteger)
    pieces: Mapped[int | None]
    price_fen: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
