"""Tables of schema regions."""

from sqlalchemy import Boolean, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table


class DivisionRow(Table):
    """A division in its years; `until` null is in force."""

    __tablename__ = "division"
    __table_args__ = (
        Index(
            "division_code_in_force_key",
            "code",
            unique=True,
            postgresql_where=text("until is null"),
        ),
        Index("division_parent_ix", "parent", "code", postgresql_where=text("until is null")),
        Index(
            "division_full_name_ix",
            "full_name",
            postgresql_using="gin",
            postgresql_ops={"full_name": "gin_trgm_ops"},
        ),
        {"schema": "regions"},
    )

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    until: Mapped[int | None] = mapped_column(SmallInteger)
    name: Mapped[str] = mapped_column(Text)
    full_name: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    parent: Mapped[str | None] = mapped_column(Text)
    province_name: Mapped[str] = mapped_column(Text)
    # whether nothing lies below it: an address may end here
    leaf: Mapped[bool] = mapped_column(Boolean)
    in832: Mapped[bool] = mapped_column(Boolean)


class DivisionChangeRow(Table):
    """What a division out of force became, in which year; several rows where it was divided."""

    __tablename__ = "division_change"
    __table_args__ = {"schema": "regions"}

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    became: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)


class ProgramCountyRow(Table):
    """A county as listed among the 832; two listed names may be one place today."""

    __tablename__ = "program_county"
    __table_args__ = {"schema": "regions"}

    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name_listed: Mapped[str] = mapped_column(Text)
    province: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text, index=True)
    within: Mapped[str] = mapped_column(Text)
    exited: Mapped[int] = mapped_column(SmallInteger)
    remark: Mapped[str] = mapped_column(Text)


class FactsRow(Table):
    """Which version of the shipped facts is loaded; one row."""

    __tablename__ = "facts"
    __table_args__ = {"schema": "regions"}

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text)
