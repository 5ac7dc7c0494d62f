"""A session's steps: the only place where its state changes, with its timer and its news."""

from datetime import datetime, timedelta
from uuid import UUID

from tiantou.core import timers
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import NotFound
from tiantou.kit import clock
from tiantou.live import sessions_sql as sql
from tiantou.live.events import RoomEvent, SessionChanged
from tiantou.live.lifecycle import (
    AFTER_ENTRY,
    AFTER_GRACE,
    AFTER_START,
    HOURS_MAX,
    ON_AIR,
    PLANNED,
    PUBLIC,
    SESSION,
)
from tiantou.live.room_events import AnyEvent, StateEvent
from tiantou.live.tables import SessionRow
from tiantou.media import face as media

TIMER = "live.session"
REMIND_TIMER = "live.remind"
REMIND_BEFORE = timedelta(minutes=10)


async def found(tx: Tx, session_id: UUID) -> SessionRow:
    """The session, locked. Raises NotFound."""
    row = await sql.locked(tx, session_id)
    if row is None:
        raise NotFound()
    return row


def _waits_for_signal(row: SessionRow) -> bool:
    return row.state == "interrupted" or (row.state == "live" and row.signal_at is None)


def _timer(row: SessionRow, grace: timedelta | None) -> tuple[str, datetime] | None:
    if _waits_for_signal(row):
        if grace is None:
            raise ValueError(f"a session that is {row.state} waits for a signal: how long?")
        return AFTER_GRACE[row.state], row.state_at + grace
    if row.state in AFTER_ENTRY:
        event, after = AFTER_ENTRY[row.state]
        return event, row.state_at + after
    if row.state in AFTER_START:
        event, after = AFTER_START[row.state]
        return event, max(row.starts_at, row.state_at) + after
    if row.state == "live" and row.started_at is not None:
        return "max_duration", row.started_at + timedelta(hours=HOURS_MAX)
    if row.state == "archived" and row.keep_until is not None:
        return "retention_due_no_hold", row.keep_until
    return None


async def set_timer(tx: Tx, row: SessionRow, grace: timedelta | None = None) -> None:
    """Sets the timers of the session's present state and hour, or takes them away.

    Raises ValueError without a `grace` for a session that waits for a signal.
    """
    due = _timer(row, grace)
    if due is None:
        await timers.cancel(tx, TIMER, str(row.id))
    else:
        await timers.set(tx, TIMER, str(row.id), due[1], {"event": due[0]})
    if row.state in PLANNED and row.starts_at > clock.now():
        remind_at = max(clock.now(), row.starts_at - REMIND_BEFORE)
        await timers.set(tx, REMIND_TIMER, str(row.id), remind_at)
    else:
        await timers.cancel(tx, REMIND_TIMER, str(row.id))


async def step(tx: Tx, row: SessionRow, event: str, grace: timedelta | None = None) -> None:
    """Takes `event`: state, timer, fact, and news to the room. Raises WrongState.

    `grace`: how long it waits for a signal from now on, if it does.
    """
    before = row.state
    row.state = SESSION.after(before, event)
    row.state_at = clock.now()
    await set_timer(tx, row, grace)
    await _shut(tx, row, before)
    await announce(
        tx,
        SessionChanged(
            session_id=row.id, org_id=row.org_id, event=event, state=row.state, at=row.state_at
        ),
    )
    if before in PUBLIC:
        await tell_room(tx, row.id, StateEvent(state=row.state))


async def _shut(tx: Tx, row: SessionRow, before: str) -> None:
    """Whoever tried out his encoder is sent away when the session is not approved any more."""
    if row.state == "cancelled" and await media.health(tx, row.id) is not None:
        await media.end_broadcast(tx, row.id)
    elif before == "ready" and row.state not in ON_AIR:
        await media.revoke_key(tx, row.id)


async def tell_room(tx: Tx, session_id: UUID, event: AnyEvent) -> None:
    """Every viewer will see `event`, in order, once this transaction is committed."""
    await announce(tx, RoomEvent(session_id=session_id, event=event.model_dump(mode="json")))
