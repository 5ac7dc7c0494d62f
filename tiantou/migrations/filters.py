"""What alembic compares: our schemas, without the partitions that the worker makes."""

from typing import Any

from tiantou.core.db import Table


def ours(name: str | None, kind: str, _: Any) -> bool:
    """Whether a schema is one of ours; everything inside is looked at."""
    return kind != "schema" or name in {table.schema for table in Table.metadata.tables.values()}


def ours_too(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Partitions of outboxes are made by the worker and are nobody's table."""
    partition = kind == "table" and reflected and compare_to is None
    return not (partition and (name or "").startswith("outbox_"))
