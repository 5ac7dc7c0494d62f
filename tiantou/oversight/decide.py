"""Reviews and sanctions of sessions: decided here, pushed down, on record."""

from datetime import timedelta
from uuid import UUID

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.live import face as live
from tiantou.media import face as media
from tiantou.oversight import decisions_sql as sql
from tiantou.oversight.tables import DecisionRow

_SANCTIONS = {"suspend": live.suspend, "terminate": live.terminate}


async def _note(tx: Tx, who: Subject, session_id: UUID, what: str, reason: str) -> None:
    on = f"session:{session_id}"
    row = DecisionRow(
        id=ids.uuid7(), on=on, what=what, reason=reason, by=who.person_id, at=clock.now()
    )
    await sql.add(tx, row)
    await audit.write(tx, who, f"oversight.{what}", on, None, {"reason": reason})


async def review(
    tx: Tx, who: Subject, session_id: UUID, approved: bool, reasons: str
) -> live.SessionRow:
    """Approves a session in review, or returns it with reasons. Raises NotFound, WrongState."""
    row = await live.review_decided(tx, session_id, approved, reasons or None)
    await _note(tx, who, session_id, "approve" if approved else "return", reasons)
    return row


async def sanction(
    tx: Tx, who: Subject, session_id: UUID, what: str, reason: str, grace: timedelta
) -> live.SessionRow:
    """`suspend`, `lift` or `terminate`. Raises NotFound, WrongState.

    `grace`: how long a lifted session waits for a signal.
    """
    if what == "lift":
        row = await live.lift(tx, session_id, grace)
    elif what in _SANCTIONS:
        row = await _SANCTIONS[what](tx, session_id)
    else:
        raise NotFound()
    await _note(tx, who, session_id, what, reason)
    return row


async def delete_recording(tx: Tx, who: Subject | None, session_id: UUID) -> None:
    """Hands a recording to the retention job, on record. Raises KeptByLaw, NotFound, WrongState."""
    await media.delete_recording(tx, session_id)
    await audit.write(tx, who, "oversight.delete-recording", f"session:{session_id}")
