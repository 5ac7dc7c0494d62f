"""The few shapes that trade's columns, checks and keys have."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from tiantou.core.db import Table as House


def uuid_(name: str, null: bool = False) -> Column[Any]:
    return Column(name, Uuid, nullable=null)


def text_(name: str, null: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=null)


def fen(name: str, null: bool = False) -> Column[Any]:
    return Column(name, BigInteger, nullable=null)


def int_(name: str, null: bool = False) -> Column[Any]:
    return Column(name, Integer, nullable=null)


def at(name: str, null: bool = False) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=null)


def bytes_(name: str, null: bool = False) -> Column[Any]:
    return Column(name, LargeBinary, nullable=null)


def check(rule: str, name: str) -> CheckConstraint:
    return CheckConstraint(rule, name=name)


def refers(table: str, *columns: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(columns, [f"trade.{table}.{column}" for column in columns])


def table(name: str, *parts: Any, **more: Any) -> Table:
    return Table(name, House.metadata, *parts, schema="trade", **more)


def index(name: str, *columns: Any, where: str | None = None, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, postgresql_where=text(where) if where else None)
