"""Alembic's environment: runs on the connection it is given, under an advisory lock."""

from alembic import context

from tiantou.core.db import Table
from tiantou.migrations.filters import ours, ours_too
from tiantou.migrations.tables import load_tables

load_tables()

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    include_schemas=True,
    include_name=ours,
    include_object=ours_too,
    compare_type=True,
    version_table="migration",
    version_table_schema="core",
)
with context.begin_transaction():
    context.run_migrations()
