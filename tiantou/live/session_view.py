"""A session as its shop, or the operator, sees it."""

import asyncio

from tiantou.accounts import face as accounts
from tiantou.core.db import Tx
from tiantou.live import gate, sessions_sql, views, wire
from tiantou.live.lifecycle import OVER, SESSION
from tiantou.live.ports import Broadcasting
from tiantou.live.tables import SessionRow
from tiantou.media import face as media

_PEOPLE = {(state, event) for state, event, kind, _ in SESSION.rows if kind == "U"}


async def writable_now(ways: Broadcasting) -> bool:
    """Whether a recording could be written now."""
    return await asyncio.to_thread(media.recording_ready, ways.recordings)


async def session_out(tx: Tx, row: SessionRow, writable: bool) -> wire.Session:
    """A session as its shop sees it."""
    org = await accounts.org(tx, row.org_id)
    review = None
    if row.review_state is not None:
        review = wire.Review.model_validate(
            {
                "state": row.review_state,
                "reasons": row.review_reasons,
                "at": row.reviewed_at or row.submitted_at,
            }
        )
    live = None
    if row.started_at is not None:
        live = wire.OnAirSince(started_at=row.started_at, last_signal_at=row.signal_at)
    replay = None
    if row.state in OVER:
        replay = wire.ReplayFacts(
            ready=row.replay_ms is not None,
            duration_ms=row.replay_ms or 0,
            keep_until=row.keep_until,
            root_hash=row.replay_root,
            chapters=await views.chapters(tx, row),
        )
    items = await sessions_sql.items(tx, [row.id])
    before = row.state in {"draft", "announced", "in_review", "ready"}
    return wire.Session(
        id=row.id,
        org_id=row.org_id,
        org_name=org.name if org else "",
        state=row.state,
        title=row.title,
        cover=row.cover,
        starts_at=row.starts_at,
        planned_minutes=row.planned_minutes,
        host=views.host_of(row),
        slot_fee_fen=row.slot_fee_fen,
        commission_permille=row.commission_permille,
        venue=row.venue,
        demo=row.demo,
        shelf=await views.items(tx, items),
        granted=[
            wire.Granted(item_id=one.id, commission_permille=one.granted_permille)
            for one in items
            if one.granted_permille is not None
        ],
        review=review,
        gate=await gate.checks(tx, row, writable) if before else [],
        reservations=(await sessions_sql.reservations(tx, [row.id])).get(row.id, 0),
        live=live,
        ended_at=row.ended_at,
        replay=replay,
        may=sorted(event for state, event in _PEOPLE if state == row.state),
    )
