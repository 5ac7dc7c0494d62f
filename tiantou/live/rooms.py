"""A room as viewers enter it: on air, announced, or as a replay."""

from collections.abc import Sequence
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.accounts.face import Seller
from tiantou.core.db import Tx
from tiantou.core.keys import Keys
from tiantou.core.problems import NotFound, WrongStep
from tiantou.core.subject import Subject
from tiantou.kit import clock
from tiantou.live import on_camera, talk, talk_sql, views, wire
from tiantou.live import sessions_sql as sql
from tiantou.live.lifecycle import ON_AIR, PLANNED, PUBLIC
from tiantou.live.ports import Broadcasting
from tiantou.live.problems import Banned
from tiantou.live.tables import SessionRow, TallyRow
from tiantou.media import face as media

LINES, QUESTIONS = 30, 30


async def public_session(tx: Tx, session_id: UUID) -> SessionRow:
    """A session that the public may see. Raises NotFound; a live elsewhere has no player here."""
    row = await sql.session(tx, session_id)
    if row is None or row.state not in PUBLIC or row.venue == "elsewhere":
        raise NotFound()
    return row


def play(row: SessionRow, keys: Keys, ways: Broadcasting) -> wire.Play | None:
    """Where the live picture is; None unless on air."""
    if row.state not in ON_AIR:
        return None
    made = media.playback(keys, row.id, ways.media_url, clock.now())
    return wire.Play.model_validate(made, from_attributes=True)


async def replay(tx: Tx, row: SessionRow, keys: Keys, ways: Broadcasting) -> wire.Replay | None:
    """Where the recording is, with its chapters; None unless it may be seen."""
    if row.state != "replay_public" or row.replay_ms is None:
        return None
    made = media.replay(keys, row.id, ways.media_url, clock.now())
    return wire.Replay(
        hls_url=made.hls_url,
        audio_url=made.audio_url,
        chapters_url=made.chapters_url,
        cover_url=made.cover_url,
        expires_at=made.expires_at,
        chapters=await views.chapters(tx, row),
        duration_ms=row.replay_ms,
    )


def _seller(row: SessionRow, shelf: Sequence[wire.Item], org: Seller) -> Seller:
    pinned = [one.seller for one in shelf if one.id == row.pinned_item_id]
    return pinned[0] if pinned else org


def _share(row: SessionRow, shelf: Sequence[wire.Item], org: Seller) -> wire.Share:
    first = next((one for one in shelf if one.id == row.pinned_item_id), None)
    first = first or next(iter(shelf), None)
    words, picture = org.name, row.cover
    if first is not None:
        price = first.flash or first.offer
        picture = picture or first.product.photo
        if price is not None:
            yuan = f"¥{price.price_fen // 100}.{price.price_fen % 100:02d}/{first.product.unit}"
            words = f"{first.product.title} {yuan} · {first.seller.name}"
    return wire.Share(title=row.title, text=words, picture=picture)


async def room(tx: Tx, row: SessionRow, keys: Keys, ways: Broadcasting) -> wire.Room:
    """The room as everybody sees it."""
    org = await accounts.org(tx, row.org_id)
    assert org is not None
    seller = Seller.of(org)
    rows = [one for one in await sql.items(tx, [row.id]) if one.state != "withdrawn"]
    shelf = await views.items(tx, rows)
    tally: TallyRow | None = (await sql.tallies(tx, [row.id])).get(row.id)
    lines = await talk_sql.last_lines(tx, row.id, LINES, hidden=False)
    questions = await talk_sql.questions(tx, row.id, QUESTIONS)
    return wire.Room(
        session_id=row.id,
        state=row.state,
        title=row.title,
        cover=row.cover,
        starts_at=row.starts_at,
        planned_minutes=row.planned_minutes,
        started_at=row.started_at,
        ended_at=row.ended_at,
        org_id=row.org_id,
        host=views.host_of(row),
        venue=row.venue,
        demo=row.demo,
        seller=_seller(row, shelf, seller),
        shelf=shelf,
        pinned=row.pinned_item_id,
        counts=views.counts(tally),
        chat=[talk.line_of(one) for one in lines],
        questions=[talk.question_of(one, row) for one in questions],
        on_camera=await on_camera.now(tx, row.id) if row.state in ON_AIR else None,
        play=play(row, keys, ways),
        replay=await replay(tx, row, keys, ways),
        share=_share(row, shelf, seller),
    )


async def mine(tx: Tx, row: SessionRow, caller: Subject | None) -> wire.RoomMine:
    """What concerns the caller alone."""
    badge = talk.badge_of(row, caller)
    if caller is None:
        return wire.RoomMine(
            reserved=False, muted_until=None, muted=False, banned=False, badge="", control=False
        )
    held = await talk_sql.sanctions(tx, row.org_id, caller.person_no, clock.now())
    mutes = [one for one in held if one.kind == "mute"]
    return wire.RoomMine(
        reserved=row.id in await sql.reserved(tx, caller.person_id, [row.id]),
        muted_until=mutes[0].until if mutes else None,
        muted=bool(mutes) and not badge,
        banned=any(one.kind == "ban" for one in held) and not badge,
        badge=badge,
        control=badge in {"host", "assistant", "seller"},
    )


async def may_enter(tx: Tx, session_id: UUID, caller: Subject | None) -> SessionRow:
    """The session, if the caller may enter it. Raises NotFound, Banned."""
    row = await public_session(tx, session_id)
    if caller is not None and not talk.badge_of(row, caller):
        held = await talk_sql.sanctions(tx, row.org_id, caller.person_no, clock.now())
        if any(one.kind == "ban" for one in held):
            raise Banned()
    return row


async def reserve(tx: Tx, caller: Subject, session_id: UUID, wanted: bool) -> int:
    """Reserves a session that has not begun, or takes that back; says how many reserved it.

    Raises NotFound, WrongStep once it has begun.
    """
    row = await public_session(tx, session_id)
    if wanted:
        if row.state not in PLANNED:
            raise WrongStep(machine="live_session", state=row.state, event="reserve")
        await sql.reserve(tx, row.id, caller.person_id, clock.now())
    else:
        await sql.unreserve(tx, row.id, caller.person_id)
    return (await sql.reservations(tx, [row.id])).get(row.id, 0)


async def snapshot(tx: Tx, session_id: UUID, keys: Keys, ways: Broadcasting) -> bytes | None:
    """The room as a gateway hands it to who joins; None if there is no such public room.

    Where the picture is comes with each ticket, so the snapshot goes without it.
    """
    row = await sql.session(tx, session_id)
    if row is None or row.state not in PUBLIC or row.venue == "elsewhere":
        return None
    shown = await room(tx, row, keys, ways)
    state = shown.model_dump_json(exclude={"chat", "play", "replay"})
    chat = ",".join(talk.frame_of(line).decode() for line in shown.chat)
    held = await talk_sql.in_force(tx, row.org_id, clock.now())
    banned = ",".join(str(one.person_no) for one in held if one.kind == "ban")
    return f'{{"state":{state},"chat":[{chat}],"seq":[],"banned":[{banned}]}}'.encode()
