"""Mute, ban, hide: by the room's crew, on record, felt at once."""

from datetime import timedelta
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import OWNER, Subject
from tiantou.kit import clock, ids
from tiantou.live import sessions_sql, talk_sql
from tiantou.live import steps as machine
from tiantou.live.room_events import AnyEvent, BanEvent, HideEvent, MuteEvent, UnbanEvent
from tiantou.live.sessions import CREW, mine
from tiantou.live.tables import SanctionRow, SessionRow

MUTE_MINUTES_MAX = 7 * 24 * 60


async def sanction(
    tx: Tx,
    caller: Subject,
    session_id: UUID,
    person_no: int,
    kind: str,
    minutes: int | None,
    reason: str,
) -> None:
    """Mutes for `minutes` or bans; in all rooms of the shop.

    Nobody does so to himself, or to who runs a room of the shop. Raises InvalidFields, NotFound.
    """
    row = await mine(tx, caller, session_id, *CREW)
    person = await accounts.by_no(tx, person_no)
    if person is None:
        raise NotFound()
    if person.id == caller.person_id:
        raise InvalidFields.one("person_no", "yourself")
    if await _runs_it(tx, row, person):
        raise InvalidFields.one("person_no", "crew")
    at = clock.now()
    until = at + timedelta(minutes=minutes) if minutes else None
    await talk_sql.lift(tx, row.org_id, person_no, kind, at)
    made = SanctionRow(
        id=ids.uuid7(),
        org_id=row.org_id,
        session_id=row.id,
        person_id=person.id,
        person_no=person_no,
        kind=kind,
        reason=reason,
        by=caller.person_id,
        at=at,
        until=until,
    )
    await sessions_sql.add(tx, made)
    event: MuteEvent | BanEvent = BanEvent(person_no=person_no)
    if kind == "mute":
        event = MuteEvent(person_no=person_no, until=until)
    await _tell_rooms(tx, row, event)
    after = {"kind": kind, "minutes": minutes, "reason": reason}
    await audit.write(tx, caller, f"live.{kind}", f"person:{person_no}", None, after)


async def _runs_it(tx: Tx, row: SessionRow, person: accounts.PersonView) -> bool:
    """Whether a person's words are marked in this room: only the roles, not who asks, count."""
    crew = await accounts.people_with(tx, row.org_id, (OWNER, *CREW))
    return person.operator or person.id == row.host_person_id or person.id in crew


async def pardon(tx: Tx, caller: Subject, session_id: UUID, person_no: int, kind: str) -> None:
    """Lifts a mute or a ban. Raises NotFound if there is none."""
    row = await mine(tx, caller, session_id, *CREW)
    if not await talk_sql.lift(tx, row.org_id, person_no, kind, clock.now()):
        raise NotFound()
    event: MuteEvent | UnbanEvent = UnbanEvent(person_no=person_no)
    if kind == "mute":
        event = MuteEvent(person_no=person_no, until=None)
    await _tell_rooms(tx, row, event)
    await audit.write(tx, caller, f"live.un{kind}", f"person:{person_no}")


async def _tell_rooms(tx: Tx, row: SessionRow, event: AnyEvent) -> None:
    """Tells the room, and every other one of the shop where people are now."""
    for session_id in sorted({row.id, *await sessions_sql.on_air_of(tx, row.org_id)}):
        await machine.tell_room(tx, session_id, event)


async def hide(tx: Tx, caller: Subject, session_id: UUID, no: int) -> None:
    """Hides a line from viewers; it stays on record. Raises NotFound."""
    row = await mine(tx, caller, session_id, *CREW)
    if not await talk_sql.hide(tx, session_id, no, caller.person_id, clock.now()):
        raise NotFound()
    await machine.tell_room(tx, row.id, HideEvent(no=no))
    await audit.write(tx, caller, "live.hide", f"line:{session_id}:{no}")
