"""Sessions as their shop plans and runs them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.core.db import Tx
from tiantou.core.keys import Keys
from tiantou.core.problems import InvalidFields, NotFound, WrongStep
from tiantou.core.subject import ASSISTANT, HOST, MANAGER, Subject
from tiantou.kit import clock, ids
from tiantou.live import gate, on_camera_sql, sessions_sql, wire
from tiantou.live import shelf as shelf_
from tiantou.live import steps as machine
from tiantou.live.lifecycle import EDITABLE, ON_AIR, SESSION
from tiantou.live.ports import Broadcasting
from tiantou.live.room_events import EndEvent
from tiantou.live.tables import SessionRow, TallyRow
from tiantou.media import face as media
from tiantou.trade import face as trade

AHEAD_MAX = timedelta(days=180)
KEY_HOURS = 14
OPEN_MAX = 50
PLANNERS = (MANAGER, HOST)
CREW = (MANAGER, HOST, ASSISTANT)
ACTS = ("announce", "submit", "withdraw", "cancel")


async def mine(tx: Tx, caller: Subject, session_id: UUID, *roles: str) -> SessionRow:
    """A session of one of the caller's organizations, locked; its host may do what hosts may.

    Raises NotFound to strangers, NotAllowed if no role fits.
    """
    return _allowed(await machine.found(tx, session_id), caller, roles)


async def seen(tx: Tx, caller: Subject, session_id: UUID, *roles: str) -> SessionRow:
    """Like `mine`, to look at: a page that looks on keeps no act waiting."""
    row = await sessions_sql.session(tx, session_id)
    if row is None:
        raise NotFound()
    return _allowed(row, caller, roles)


def _allowed(row: SessionRow, caller: Subject, roles: Sequence[str]) -> SessionRow:
    if row.host_person_id != caller.person_id or HOST not in roles:
        caller.must(row.org_id, *roles)
    return row


async def plan(
    tx: Tx, keys: Keys, caller: Subject, org_id: UUID, asked: wire.SessionIn
) -> SessionRow:
    """A new session in draft. Raises NotAllowed, NotFound, InvalidFields, TooMany."""
    caller.must(org_id, *PLANNERS)
    org = await accounts.org(tx, org_id)
    if org is None or org.state != "admitted":
        raise InvalidFields.one("org_id", "not-admitted")
    await sessions_sql.hold_plans(tx, org_id)
    if await sessions_sql.count_open(tx, org_id) >= OPEN_MAX:
        raise accounts.TooMany(limit=OPEN_MAX)
    at = clock.now()
    row = SessionRow(
        id=ids.uuid7(),
        org_id=org_id,
        state=SESSION.init,
        state_at=at,
        demo=org.demo,
        created_by=caller.person_id,
        created_at=at,
    )
    await _fill(tx, keys, row, asked)
    await sessions_sql.add(tx, row)
    await sessions_sql.add(tx, TallyRow(session_id=row.id))
    await shelf_.put(tx, row, asked.shelf)
    await machine.set_timer(tx, row)
    return row


async def change(
    tx: Tx, keys: Keys, caller: Subject, session_id: UUID, asked: wire.SessionIn
) -> SessionRow:
    """Another plan; a session that was approved goes back into review if goods or host changed.

    Raises WrongStep once it is on air.
    """
    row = await mine(tx, caller, session_id, *PLANNERS)
    if row.state not in EDITABLE:
        raise WrongStep(machine="live_session", state=row.state, event="change")
    before = (row.host_kind, row.host_name, row.host_title, row.title, row.cover)
    was_free = row.host_kind == shelf_.FREE_KIND
    free = asked.host.kind == shelf_.FREE_KIND
    if free:
        await shelf_.make_free(tx, row)
    await _fill(tx, keys, row, asked)
    if was_free and not free:
        await shelf_.agree_anew(tx, row)
    goods = await shelf_.put(tx, row, asked.shelf)
    after = (row.host_kind, row.host_name, row.host_title, row.title, row.cover)
    await _declare_anew(tx, row, goods or before != after)
    await machine.set_timer(tx, row)
    return row


async def _declare_anew(tx: Tx, row: SessionRow, changed: bool) -> None:
    """Art. 28: what was declared before the live is declared anew when it changes."""
    if changed and SESSION.can(row.state, "goods_or_host_changed"):
        row.submitted_at, row.review_state = clock.now(), "waiting"
        await machine.step(tx, row, "goods_or_host_changed")


async def reshelve(
    tx: Tx, caller: Subject, session_id: UUID, shelf: Sequence[wire.ShelfIn]
) -> SessionRow:
    """Another shelf in this order; on air, products are added and reordered but not taken off."""
    row = await mine(tx, caller, session_id, *CREW)
    if row.state not in EDITABLE | ON_AIR:
        raise WrongStep(machine="live_session", state=row.state, event="change")
    changed = await shelf_.put(tx, row, shelf)
    await _declare_anew(tx, row, changed)
    return row


async def _fill(tx: Tx, keys: Keys, row: SessionRow, asked: wire.SessionIn) -> None:
    if asked.starts_at.tzinfo is None:
        raise InvalidFields.one("starts_at", "timezone")
    if not clock.now() - timedelta(hours=1) <= asked.starts_at <= clock.now() + AHEAD_MAX:
        raise InvalidFields.one("starts_at", "window", days_max=AHEAD_MAX.days)
    free = asked.slot_fee_fen == 0 and asked.commission_permille == 0
    if asked.host.kind == "public_service" and not free:
        raise InvalidFields.one("slot_fee_fen", "public-service-is-free")
    row.title, row.cover = asked.title, asked.cover
    row.starts_at, row.planned_minutes = asked.starts_at, asked.planned_minutes
    row.host_kind, row.host_name, row.host_title = (
        asked.host.kind,
        asked.host.name,
        asked.host.title,
    )
    row.host_person_id = None
    if asked.host.phone:
        row.host_person_id = await accounts.invited(tx, keys, asked.host.phone, "host.phone")
    row.slot_fee_fen, row.commission_permille = asked.slot_fee_fen, asked.commission_permille
    row.venue = asked.venue


async def act(
    tx: Tx, caller: Subject, session_id: UUID, event: str, ways: Broadcasting
) -> SessionRow:
    """One of ACTS. Raises NotFound, WrongState."""
    row = await mine(tx, caller, session_id, *PLANNERS)
    await machine.step(tx, row, event)
    if event == "submit":
        row.submitted_at, row.review_state, row.review_reasons = clock.now(), "waiting", None
        if ways.review_at_once:
            await machine.step(tx, row, "approve")
            row.reviewed_at, row.review_state = clock.now(), "approved"
    return row


async def key(
    tx: Tx, keys: Keys, caller: Subject, session_id: UUID, ways: Broadcasting
) -> wire.PublishKey:
    """A key to publish with, shown once; an older one is useless from now on.

    Raises WrongStep unless the session is approved or on air.
    """
    row = await mine(tx, caller, session_id, MANAGER, HOST)
    if row.state not in ON_AIR | {"ready"}:
        raise WrongStep(machine="live_session", state=row.state, event="key")
    await media.open_broadcast(tx, row.id, clock.now() + ways.keep, rehearses=True)
    made = await media.issue_key(tx, keys, row.id, KEY_HOURS * 3600)
    return wire.PublishKey(
        rtmp_url=ways.rtmp_url,
        stream_key=made.stream_key,
        publish_url=(
            media.publish_url(ways.publish_url, row.id) if ways.publish_url else f"/in/{row.id}"
        ),
        publish_token=made.publish_token,
        expires_at=made.expires_at,
    )


async def go_live(
    tx: Tx, caller: Subject, session_id: UUID, ways: Broadcasting, writable: bool
) -> SessionRow:
    """Opens the room, if the gate is open. Raises GateClosed, WrongState."""
    row = await mine(tx, caller, session_id, MANAGER, HOST)
    SESSION.after(row.state, "go_live")
    await gate.must_be_open(tx, row, writable)
    row.started_at = clock.now()
    row.keep_until = row.started_at + ways.keep
    await media.open_broadcast(tx, row.id, row.keep_until)
    await trade.set_fee(tx, row.org_id, shelf_.origin_of(row), row.commission_permille)
    await shelf_.charge(tx, row, await sessions_sql.items(tx, [row.id]))
    health = await media.health(tx, row.id)
    if health is None or not health.publishing:
        # what was tried out before is no signal of this live
        row.signal_at = None
    await machine.step(tx, row, "go_live", ways.grace)
    return row


async def end(tx: Tx, caller: Subject, session_id: UUID) -> SessionRow:
    """Closes the room. Raises WrongState."""
    row = await mine(tx, caller, session_id, MANAGER, HOST)
    await machine.step(tx, row, "end")
    await over(tx, row)
    return row


async def over(tx: Tx, row: SessionRow) -> None:
    """What follows the end, whoever ended it: chapters, broadcast ended, flash prices closed."""
    from_live = row.started_at or clock.now()
    row.ended_at = clock.now()
    row.pinned_item_id = None
    await sessions_sql.close_segment(tx, row.id, row.ended_at)
    await on_camera_sql.end(tx, row.id, row.ended_at)
    segments = await sessions_sql.segments(tx, row.id)
    health = await media.health(tx, row.id)
    origin = (health.started_at if health else None) or from_live
    chapters = [
        (
            max(0.0, (one.begins_at - origin).total_seconds()),
            max(0.0, ((one.ends_at or row.ended_at) - origin).total_seconds()),
            one.title,
            str(one.id),
        )
        for one in segments
    ]
    if health is not None:
        await media.set_chapters(tx, row.id, chapters)
        await media.end_broadcast(tx, row.id)
    await gate.close_flashes(tx, row)
    await machine.tell_room(tx, row.id, EndEvent())
