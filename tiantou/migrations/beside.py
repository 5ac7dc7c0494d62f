"""Statements of a migration that stand in a .sql file beside it, parted by lines of `--;`."""

from pathlib import Path

from alembic import op


def run_beside(migration: str) -> None:
    """Runs the script of a migration's own name (`__file__`), statement by statement."""
    script = Path(migration).with_suffix(".sql").read_text(encoding="utf-8")
    for statement in script.split("\n--;\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
