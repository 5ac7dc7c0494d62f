"""Cursors of another database system are re-based before anything announces.

A fact that is announced between a restore and the re-basing has a low transaction id of the new
system and would pass for one that was taken long ago. So this comes before the API starts; the
worker's own re-basing is only the net below it.
"""

from sqlalchemy import select

from tiantou.core.db import Database
from tiantou.core.delivery import consumers, system_identifier
from tiantou.core.delivery_tables import CursorRow
from tiantou.core.rebase import rebase
from tiantou.settings import Settings


async def carry_on(settings: Settings, dsn: str, database: Database) -> int:
    """Re-bases if there is something to re-base; gives the number of facts carried over."""
    async with database.begin() as tx:
        here = await system_identifier(tx)
        stale = await tx.scalar(select(CursorRow.consumer).where(CursorRow.system != here).limit(1))
    if stale is None:
        return 0
    # The whole house is needed to know who takes what; only now, because it is heavy.
    from tiantou import parts

    alone = settings.model_copy(update={"database_url": dsn, "nats_url": ""})
    async with parts.open_parts(alone, "tiantou restore") as made:
        return await rebase(database, consumers(parts.reactions(made)))
