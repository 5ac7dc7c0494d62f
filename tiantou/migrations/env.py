"""Alembic's environment: runs on the connection it is given, under an advisory lock."""

from typing import Any

from alembic import context

from tiantou.core.db import Table
from tiantou.migrations.tables import load_tables

load_tables()

_OWN = frozenset(t.schema for t in Table.metadata.tables.values())


def _ours(name: str | None, kind: str, _: Any) -> bool:
    return kind != "schema" or name in _OWN


def _ours_too(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Partitions of outboxes are made by the worker and are nobody's table."""
    return not (kind == "table" and reflected and compare_to is None and "outbox_" in (name or ""))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    include_schemas=True,
    include_name=_ours,
    include_object=_ours_too,
    compare_type=True,
    compare_server_default=False,
    version_table="migration",
    version_table_schema="core",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
