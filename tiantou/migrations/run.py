"""Brings a database to the newest schema; one process at a time, others wait."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tiantou.regions.load_sql import load_on as load_regions

_LOCK = 7_426_001
LOCK_WAIT_S = 120


def config() -> Config:
    """Alembic's configuration without a file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    return made


def newest() -> str:
    """The newest revision's name. Raises if the history has several heads."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None
    return head


def _upgrade(connection: Connection) -> None:
    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, "head")


async def migrate(engine: AsyncEngine) -> str:
    """Upgrades to the newest revision and loads the shipped facts; gives the revision's name.

    Raises TimeoutError if another process migrates for longer than LOCK_WAIT_S.
    """
    async with engine.connect() as guard:
        async with asyncio.timeout(LOCK_WAIT_S):
            while not await guard.scalar(text("select pg_try_advisory_lock(:n)"), {"n": _LOCK}):
                await guard.rollback()
                await asyncio.sleep(0.2)
        await guard.commit()
        try:
            async with engine.begin() as connection:
                await connection.execute(text("create schema if not exists core"))
                await connection.run_sync(_upgrade)
                await connection.run_sync(load_regions)
        finally:
            await guard.execute(text("select pg_advisory_unlock(:n)"), {"n": _LOCK})
            await guard.commit()
    return newest()
