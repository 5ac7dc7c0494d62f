"""After a dump and restore transaction ids start anew: cursors of another system are re-based.

What a consumer had not yet taken is put into its waiting queue; the old rows' transaction ids are
set below every cursor, so they stay as a record and are never taken again.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text

from tiantou.core.db import Database, Tx
from tiantou.core.delivery import Consumer, system_identifier
from tiantou.core.delivery_tables import CursorRow

_FIRST_XID = 3
_HIGHEST = UUID(int=(1 << 128) - 1)


async def rebase(database: Database, everybody: Sequence[Consumer]) -> int:
    """Re-bases every cursor of another database system; says how many facts were carried over."""
    async with database.begin() as tx:
        await tx.execute(text("lock table core.cursor in share row exclusive mode"))
        here = await system_identifier(tx)
        stale = (await tx.scalars(select(CursorRow).where(CursorRow.system != here))).all()
        if not stale:
            return 0
        carried = 0
        for cursor in stale:
            consumer = next((one for one in everybody if one.name == cursor.consumer), None)
            if consumer is not None:
                carried += await _carry(tx, cursor, consumer)
        for source in sorted({cursor.source for cursor in stale}):
            await tx.execute(
                text(f"update {source}.outbox set xid = cast(:xid as xid8)"),
                {"xid": _FIRST_XID},
            )
        for cursor in stale:
            cursor.system, cursor.xid = here, _FIRST_XID
            cursor.fact_id = _HIGHEST
        return carried


async def _carry(tx: Tx, cursor: CursorRow, consumer: Consumer) -> int:
    """Puts the facts that a consumer had not taken into its waiting queue, in order."""
    kinds = [kind for kind in consumer.reactions if kind.split(".")[0] == cursor.source]
    carried = 0
    for kind in kinds:
        for reaction in consumer.reactions[kind]:
            done = await tx.execute(
                text(
                    "insert into core.waiting"
                    " (reaction, fact_id, kind, key, body, tries, next_at, parked, error, at)"
                    " select :reaction, id, kind, key, body, 0, now(), false, 'carried over', now()"
                    f" from {cursor.source}.outbox where kind = :kind"
                    " and (xid, id) > (cast(:xid as xid8), :id) order by xid, id"
                ),
                {"reaction": reaction.name, "kind": kind, "xid": cursor.xid, "id": cursor.fact_id},
            )
            carried += int(getattr(done, "rowcount", 0))
    return carried
