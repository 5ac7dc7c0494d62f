"""The tables of growing: seasons with their steps, and what was used in them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table


class SeasonRow(Table):
    """A variety on a plot, from planting (or the last harvest) to the end of the harvest."""

    __tablename__ = "season"
    __table_args__ = (
        CheckConstraint(
            "state in ('planned','growing','harvesting','closed','abandoned')", name="state"
        ),
        CheckConstraint("expected_g > 0", name="expected_g"),
        CheckConstraint("expected_from <= expected_until", name="expected"),
        Index("season_org_id_ix", "org_id", "state", "id"),
        Index("season_plot_id_ix", "plot_id", "variety_id"),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    plot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.plot.id"))
    variety_id: Mapped[UUID] = mapped_column(ForeignKey("catalog.variety.id"))
    state: Mapped[str] = mapped_column(Text)
    planted_on: Mapped[date | None] = mapped_column(Date)
    expected_g: Mapped[int] = mapped_column(BigInteger)
    expected_from: Mapped[date] = mapped_column(Date)
    expected_until: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text)
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SeasonStepRow(Table):
    """A step of a season, and why it was taken. Append-only."""

    __tablename__ = "season_step"
    __table_args__ = (Index("season_step_season_id_ix", "season_id", "id"), {"schema": "supply"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    season_id: Mapped[UUID] = mapped_column(ForeignKey("supply.season.id"))
    event: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    by_person: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class InputUseRow(Table):
    """What was used in a season, on which day, and how many days nothing may be harvested after.

    Append-only: a row that `corrects` another stands in its place; `withdrawn` says that there was
    nothing.
    """

    __tablename__ = "input_use"
    __table_args__ = (
        CheckConstraint(
            "kind in ('fertiliser','pesticide','regulator','other')",
            name="kind",
        ),
        CheckConstraint("withhold_days between 0 and 365", name="withhold_days"),
        CheckConstraint("kind <> 'pesticide' or registration_no <> ''", name="registration_no"),
        CheckConstraint("not withdrawn or corrects is not null", name="withdrawn"),
        Index("input_use_season_id_ix", "season_id", "id"),
        Index("input_use_corrects_key", "corrects", unique=True),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    season_id: Mapped[UUID] = mapped_column(ForeignKey("supply.season.id"))
    kind: Mapped[str] = mapped_column(Text)
    product: Mapped[str] = mapped_column(Text)
    registration_no: Mapped[str] = mapped_column(Text)
    dose: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    used_on: Mapped[date] = mapped_column(Date)
    withhold_days: Mapped[int] = mapped_column(SmallInteger)
    corrects: Mapped[UUID | None] = mapped_column(ForeignKey("supply.input_use.id"))
    withdrawn: Mapped[bool]
    why: Mapped[str] = mapped_column(Text)
    by_person: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CollectionRow(Table):
    """A collection run (收购路线): a vehicle on a day, with the stops it calls at.

    `driver` is a label, not a person of the register.
    """

    __tablename__ = "collection"
    __table_args__ = (
        UniqueConstraint("org_id", "no"),
        CheckConstraint("state in ('planned','under_way','done','cancelled')", name="state"),
        Index("collection_org_id_ix", "org_id", "day", "id"),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    no: Mapped[int]
    day: Mapped[date] = mapped_column(Date)
    vehicle: Mapped[str] = mapped_column(Text)
    driver: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class StopRow(Table):
    """A stop of a collection run: a household, or a village where several bring what they have.

    `planned_minute` counts from midnight in China.
    """

    __tablename__ = "collection_stop"
    __table_args__ = (
        UniqueConstraint("collection_id", "place"),
        CheckConstraint("state in ('waiting','weighed','skipped')", name="state"),
        CheckConstraint("called_g >= 0", name="called_g"),
        CheckConstraint("planned_minute between 0 and 1439", name="planned_minute"),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    collection_id: Mapped[UUID] = mapped_column(ForeignKey("supply.collection.id"))
    place: Mapped[int] = mapped_column(SmallInteger)
    household_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.household.id"))
    village: Mapped[str] = mapped_column(Text)
    called_g: Mapped[int] = mapped_column(BigInteger)
    planned_minute: Mapped[int | None] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
