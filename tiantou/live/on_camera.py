"""A lot before the camera: what viewers see is what they get, so the lot is named and kept.

It ends when it is taken off, when another product is explained, and with the session.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from tiantou.catalog import face as catalog
from tiantou.catalog.face import Variety
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.live import on_camera_sql as sql
from tiantou.live import sessions, sessions_sql, shelf
from tiantou.live import steps as machine
from tiantou.live.camera_wire import (
    CameraLot,
    CameraTest,
    CameraTestIn,
    LotOnCamera,
    ShowIn,
)
from tiantou.live.lifecycle import ON_AIR
from tiantou.live.on_camera_sql import Showing
from tiantou.live.problems import NoLotOnCamera, NotOnAir
from tiantou.live.room_events import LotEvent
from tiantou.live.tables import SessionRow
from tiantou.media import face as media
from tiantou.regions import face as regions
from tiantou.supply import face as supply
from tiantou.supply.face import LotNotOpen, LotView

TESTS_SHOWN, LOTS_SHOWN, PLACES_SHOWN = 5, 50, 3
STOPPED = frozenset({"suspended", "terminated"})


async def show(tx: Tx, caller: Subject, session_id: UUID, asked: ShowIn) -> LotOnCamera:
    """Puts a lot on camera, in place of another.

    Raises NotFound, InvalidFields (code), LotNotOpen, NotOnAir, NotAllowed.
    """
    row = await _on_air(tx, caller, session_id)
    lot = await _wanted(tx, row, asked)
    if lot.state != "open":
        raise LotNotOpen(state=lot.state)
    at, before = clock.now(), await sql.now(tx, row.id)
    if before is not None and before.lot_id == lot.id:
        return await _shown(tx, before)
    await sql.end(tx, row.id, at)
    await sql.add(
        tx,
        id=ids.uuid7(),
        session_id=row.id,
        org_id=lot.org_id,
        lot_id=lot.id,
        begins_at=at,
        shown_by=caller.person_id,
    )
    return await _tell(tx, row.id)


async def take_off(tx: Tx, caller: Subject, session_id: UUID) -> None:
    """No lot is on camera any more. Raises NotFound, NotAllowed, NotOnAir."""
    row = await _on_air(tx, caller, session_id)
    await end(tx, row.id, clock.now())


async def end(tx: Tx, session_id: UUID, at: datetime) -> None:
    """Ends what is on camera, if anything is, and tells the room."""
    if await sql.end(tx, session_id, at):
        await machine.tell_room(tx, session_id, LotEvent(lot=None))


async def follow_pin(tx: Tx, session_id: UUID, pack_id: UUID | None, at: datetime) -> None:
    """Another product is explained: a lot stays on camera only if its boxes are that product's."""
    held = await sql.now(tx, session_id)
    if held is None:
        return
    lot = (await supply.lots(tx, [held.lot_id]))[held.lot_id]
    if pack_id is None or lot.pack_id != pack_id:
        await end(tx, session_id, at)


async def record(tx: Tx, caller: Subject, session_id: UUID, asked: CameraTestIn) -> LotOnCamera:
    """What was just measured of the lot on camera: it is written down, and viewers are told.

    Raises NoLotOnCamera, InvalidFields, NotFound, NotAllowed, NotOnAir.
    """
    row = await _on_air(tx, caller, session_id)
    held = await sql.now(tx, row.id)
    if held is None:
        raise NoLotOnCamera()
    values = supply.Values(**asked.model_dump(exclude={"sample_n"}))
    test = supply.InspectionIn(
        kind="on_camera", sample_n=asked.sample_n, values=values, session_id=row.id
    )
    await supply.inspect(tx, caller, held.org_id, held.lot_id, test)
    return await _tell(tx, row.id)


async def now(tx: Tx, session_id: UUID) -> LotOnCamera | None:
    """What is on camera, as viewers see it."""
    held = await sql.now(tx, session_id)
    return None if held is None else await _shown(tx, held)


async def lots(tx: Tx, row: SessionRow) -> list[CameraLot]:
    """The packed lots of what is explained, or of the whole shelf, first expired first."""
    rows = [one for one in await sessions_sql.items(tx, [row.id]) if one.state != "withdrawn"]
    pinned = [one for one in rows if one.id == row.pinned_item_id]
    found: list[supply.PackedLotView] = []
    for one in pinned or rows:
        found += await supply.lots_for_pack(tx, one.org_id, one.pack_id)
    return [
        CameraLot(
            lot_id=lot.lot_id,
            code=lot.code,
            harvested_at=lot.harvested_at,
            place=lot.village or "",
            boxes_left=lot.boxes_left,
        )
        for lot in found[:LOTS_SHOWN]
    ]


async def _on_air(tx: Tx, caller: Subject, session_id: UUID) -> SessionRow:
    row = await sessions.mine(tx, caller, session_id, *sessions.CREW)
    if row.state not in ON_AIR:
        raise NotOnAir()
    return row


async def _wanted(tx: Tx, row: SessionRow, asked: ShowIn) -> LotView:
    """A lot of the room's shop, or of a seller whose goods are on its shelf."""
    items = await sessions_sql.items(tx, [row.id])
    sellers = {row.org_id} | {one.org_id for one in items if one.state != "withdrawn"}
    if asked.lot_id is not None:
        lot = (await supply.lots(tx, [asked.lot_id])).get(asked.lot_id)
        if lot is None or lot.org_id not in sellers:
            raise NotFound()
        return lot
    if asked.code is None:
        raise InvalidFields.one("code", "missing")
    # a label's QR holds the address of its passport: the code is its last part
    code = asked.code.strip().rstrip("/").rpartition("/")[2].upper().replace("-", "")
    found = await supply.lot_by_code(tx, sellers, code)
    if found is None:
        raise InvalidFields.one("code", "unknown")
    return found


async def _tell(tx: Tx, session_id: UUID) -> LotOnCamera:
    shown = await now(tx, session_id)
    assert shown is not None
    await machine.tell_room(tx, session_id, LotEvent(lot=shown))
    return shown


async def _shown(tx: Tx, held: Showing) -> LotOnCamera:
    lot = (await supply.lots(tx, [held.lot_id]))[held.lot_id]
    variety = await catalog.variety(tx, lot.variety_id)
    assert variety is not None
    roots = await supply.root_lots(tx, [lot.id])
    names = await regions.named(tx, {one.division_code for one in roots if one.division_code})
    places = dict.fromkeys(
        (names[one.division_code].full_name if one.division_code in names else "")
        + (one.village or "")
        for one in roots
    )
    tests = await supply.inspections_of_session(
        tx, held.session_id, lot.id, held.begins_at, TESTS_SHOWN
    )
    return LotOnCamera(
        id=held.id,
        code=lot.code,
        variety=Variety.model_validate(variety),
        grade=lot.grade,
        harvested_at=lot.harvested_at,
        places=[place for place in places if place][:PLACES_SHOWN],
        roots=len(roots),
        since=held.begins_at,
        tests=[CameraTest.model_validate(one, from_attributes=True) for one in tests],
    )


class Clip(Struct, frozen=True, kw_only=True):
    """Some seconds of a session's recording. `why`: what keeps it from being shown, or "".

    public_service (no image of an official in an advertisement, Advertising Law Art. 9; a clip is
    one, Order 117 Art. 35), stopped (by the operator), gone (its time is over).
    """

    session_id: UUID
    start: datetime
    seconds: int
    why: str


async def clips(tx: Tx, moments: Sequence[tuple[UUID, datetime, datetime]]) -> list[Clip]:
    """A clip for each (session, from, to), at most CLIP_S_MAX seconds of it."""
    known = await sql.sessions(tx, {session_id for session_id, _, _ in moments})
    why: dict[UUID, str] = {}
    for session_id, (state, host_kind) in known.items():
        if host_kind == shelf.FREE_KIND:
            why[session_id] = "public_service"
        elif state in STOPPED or await media.is_blocked(tx, session_id):
            why[session_id] = "stopped"
        else:
            why[session_id] = "gone" if await media.is_disposed(tx, session_id) else ""
    return [
        Clip(
            session_id=session_id,
            start=start,
            seconds=min(media.CLIP_S_MAX, max(1, -int((start - until).total_seconds() // 1))),
            why=why.get(session_id, "gone"),
        )
        for session_id, start, until in moments
    ]


async def showings(tx: Tx, lots_: Iterable[UUID], limit: int) -> list[Showing]:
    """When these lots were on camera, newest first."""
    return await sql.of_lots(tx, lots_, limit)
