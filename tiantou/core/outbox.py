"""Facts that other modules may react to, written in the transaction that made them true.

Each schema that announces has an `outbox` table of one shape, partitioned by day. A row carries the
id of its own transaction (xid8); consumers move a watermark of (xid, id), never a serial.
"""

import re
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import (
    Date,
    DateTime,
    TableClause,
    Text,
    Uuid,
    column,
    insert,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table, Tx, Xid8
from tiantou.kit import clock, ids

WAKE = "tiantou_facts"
KEY_CHARS_MAX = 100

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened. Subclasses live in a module's `events.py`; past tense, whole names.

    `keyed_by` names the field whose value orders the fact: order holds within a key.
    """

    keyed_by: ClassVar[str]

    @classmethod
    def kind(cls) -> str:
        """`tiantou.trade.events.OrderPlaced` -> `trade.order-placed`."""
        return f"{cls.schema()}.{_HUMP.sub('-', cls.__name__).lower()}"

    @classmethod
    def schema(cls) -> str:
        """The module that announces it, which is the schema of its outbox."""
        return cls.__module__.split(".")[1]

    def key(self) -> str:
        """What the fact is about."""
        return str(getattr(self, self.keyed_by))


class OutboxRow:
    """The columns of every `outbox` table; subclass together with Table in a module's tables.py."""

    __tablename__ = "outbox"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    xid: Mapped[int] = mapped_column(
        Xid8, primary_key=True, server_default=text("pg_current_xact_id()")
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def outbox_table(schema: str) -> type[Table]:
    """The mapped `outbox` of a schema, for its module's tables.py."""
    args = {"schema": schema, "postgresql_partition_by": "RANGE (day)"}
    return type(f"{schema.title()}Outbox", (OutboxRow, Table), {"__table_args__": args})


async def announce(tx: Tx, *facts: Fact) -> None:
    """Writes facts into their schemas' outboxes, in order, and wakes the worker at commit."""
    at = clock.now()
    for fact in facts:
        row = {
            "day": at.date(),
            "id": ids.uuid7(),
            "kind": fact.kind(),
            "key": fact.key()[:KEY_CHARS_MAX],
            "body": msgspec.to_builtins(fact, str_keys=True),
            "at": at,
        }
        await tx.execute(insert(_outbox(fact.schema())).values(row))
    await tx.execute(text("select pg_notify(:channel, '')"), {"channel": WAKE})


def _outbox(schema: str) -> TableClause:
    """The outbox by its columns alone: a process need not have loaded its module's tables."""
    typed = {"day": Date, "id": Uuid, "kind": Text, "key": Text, "body": JSONB}
    columns = [column(name, kind()) for name, kind in typed.items()]
    return table("outbox", *columns, column("at", DateTime(timezone=True)), schema=schema)
