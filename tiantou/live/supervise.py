"""What the platform's operator does to sessions: each verdict is pushed down by oversight."""

from datetime import timedelta
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.kit import clock
from tiantou.live import sessions, sessions_sql
from tiantou.live import steps as machine
from tiantou.live.tables import SessionRow
from tiantou.media import face as media


async def review_decided(
    tx: Tx, session_id: UUID, approved: bool, reasons: str | None
) -> SessionRow:
    """Approves a session in review, or returns it with reasons. Raises NotFound, WrongState."""
    row = await machine.found(tx, session_id)
    await machine.step(tx, row, "approve" if approved else "return")
    row.reviewed_at = clock.now()
    row.review_state = "approved" if approved else "returned"
    row.review_reasons = reasons
    return row


async def suspend(tx: Tx, session_id: UUID) -> SessionRow:
    """Stops picture and sound for now; 30 minutes later the session is terminated by itself."""
    row = await machine.found(tx, session_id)
    await machine.step(tx, row, "suspend")
    if await media.health(tx, row.id) is not None:
        await media.block(tx, row.id)
    return row


async def lift(tx: Tx, session_id: UUID, grace: timedelta) -> SessionRow:
    """Lets a suspended session go on; a signal that never came is waited for anew."""
    row = await machine.found(tx, session_id)
    await machine.step(tx, row, "lift", grace)
    if await media.health(tx, row.id) is not None:
        await media.unblock(tx, row.id)
    return row


async def terminate(tx: Tx, session_id: UUID) -> SessionRow:
    """Ends a suspended session for good; orders placed in it are served."""
    row = await machine.found(tx, session_id)
    await machine.step(tx, row, "terminate")
    await sessions.over(tx, row)
    return row


async def waiting_for_review(tx: Tx, limit: int) -> list[SessionRow]:
    """Sessions in review, the longest waiting first."""
    return await sessions_sql.waiting_for_review(tx, limit)
