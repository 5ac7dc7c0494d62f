"""The migrations make what the tables say, and nothing else."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from tiantou.core.db import Database, Table
from tiantou.migrations.filters import ours, ours_too
from tiantou.migrations.tables import load_tables


async def test_the_tables_are_what_the_migrations_make(database: Database) -> None:
    load_tables()

    def differences(connection: Connection) -> list[object]:
        options = {
            "include_schemas": True,
            "include_name": ours,
            "include_object": ours_too,
            "compare_type": True,
            "version_table": "migration",
            "version_table_schema": "core",
        }
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Table.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
