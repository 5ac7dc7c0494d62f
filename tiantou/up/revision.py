"""Which schema a database has, and whether this version knows it."""

from alembic.script import ScriptDirectory
from sqlalchemy import text

from tiantou.core.db import Tx
from tiantou.migrations.run import config


async def revision_of(tx: Tx) -> str | None:
    """The revision of the database; None if it is empty."""
    if not await tx.scalar(text("select to_regclass('core.migration') is not null")):
        return None
    found = await tx.scalar(text("select version_num from core.migration"))
    return None if found is None else str(found)


def known(revision: str) -> bool:
    """Whether this version's history has the revision."""
    history = ScriptDirectory.from_config(config()).walk_revisions()
    return revision in {one.revision for one in history}


async def holds_demo_rows(tx: Tx) -> bool:
    """Whether people or organizations of a demo are in the database, whoever put them there."""
    query = "select exists (select from accounts.{} where demo)"
    found = [await tx.scalar(text(query.format(name))) for name in ("person", "organization")]
    return any(found)
