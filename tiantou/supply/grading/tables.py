"""The tables of grading: standards with their limits, and what was measured."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table


class GradeStandardRow(Table):
    """A grade standard in one edition. Without `org_id` it is everybody's. Never changed, retired.

    `variety_id` None: it says nothing of the variety.
    """

    __tablename__ = "grade_standard"
    __table_args__ = (
        Index(
            "grade_standard_code_key",
            "org_id",
            "code",
            "edition",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID | None]
    variety_id: Mapped[UUID | None] = mapped_column(ForeignKey("catalog.variety.id"))
    code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    edition: Mapped[str] = mapped_column(Text)
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class GradeSpecRow(Table):
    """A grade of a standard, 1 the best; so many thousandths of a sample may pass its limits."""

    __tablename__ = "grade_spec"
    __table_args__ = (
        CheckConstraint("rank between 1 and 20", name="rank"),
        CheckConstraint("tolerance_permille between 0 and 1000", name="tolerance"),
        Index("grade_spec_name_key", "standard_id", "name", unique=True),
        {"schema": "supply"},
    )

    standard_id: Mapped[UUID] = mapped_column(
        ForeignKey("supply.grade_standard.id"), primary_key=True
    )
    rank: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    tolerance_permille: Mapped[int] = mapped_column(SmallInteger)


class GradeLimitRow(Table):
    """What a grade asks of one attribute, both ends included, in the attribute's own unit."""

    __tablename__ = "grade_limit"
    __table_args__ = (
        CheckConstraint(
            "attribute in ('diameter_tenth_mm','brix_tenth','blemish_mm2','weight_g')",
            name="attribute",
        ),
        CheckConstraint("low is not null or high is not null", name="some"),
        CheckConstraint("low <= high", name="order"),
        ForeignKeyConstraint(
            ["standard_id", "rank"], ["supply.grade_spec.standard_id", "supply.grade_spec.rank"]
        ),
        {"schema": "supply"},
    )

    standard_id: Mapped[UUID] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    attribute: Mapped[str] = mapped_column(Text, primary_key=True)
    low: Mapped[int | None]
    high: Mapped[int | None]


class SampleRow(Table):
    """One piece that was measured of a graded lot; what was not measured is null."""

    __tablename__ = "sample"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(diameter_tenth_mm, brix_tenth, blemish_mm2, weight_g) > 0", name="some"
        ),
        {"schema": "supply"},
    )

    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"), primary_key=True)
    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    diameter_tenth_mm: Mapped[int | None]
    brix_tenth: Mapped[int | None]
    blemish_mm2: Mapped[int | None]
    weight_g: Mapped[int | None]
