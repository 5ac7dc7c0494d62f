"""Recalls: from lots forward, activated in one transaction, worked off order by order.

A drill finds the same and says how long it took; it touches no lot, no offer and no buyer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from tiantou.core import audit, timers
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import face as supply
from tiantou.trade import face as trade
from tiantou.trust import recalls_sql as sql
from tiantou.trust import trace
from tiantou.trust.events import RecallActivated, RecallClosed
from tiantou.trust.lifecycle import RECALL
from tiantou.trust.problems import NoticesLeft, RecallTooWide
from tiantou.trust.views import Forward, RecallLotView, RecallView

TIMER = "trust.recall"
DRAFT_FOR, ACTIVE_FOR = timedelta(days=7), timedelta(days=180)
STARTS_MAX = 50


async def draft(
    tx: Tx, who: Subject, org_id: UUID, starts: Sequence[UUID], reason: str, drill: bool
) -> RecallView:
    """A recall from lots of the organization, not active yet; a drill is done at once.

    Raises NotFound, InvalidFields, RecallTooWide.
    """
    if not 1 <= len(set(starts)) <= STARTS_MAX:
        raise InvalidFields.one("lots", "length", min=1, max=STARTS_MAX)
    lots = await supply.lots(tx, starts)
    if len(lots) != len(set(starts)) or any(one.org_id != org_id for one in lots.values()):
        raise NotFound()
    recall_id, now = ids.uuid7(), clock.now()
    await sql.add(
        tx,
        id=recall_id,
        org_id=org_id,
        code=ids.draw(),
        drill=drill,
        state=RECALL.init,
        reason=reason,
        opened_by=who.person_id,
        opened_at=now,
    )
    found = await trace.forward(tx, sorted(set(starts)))
    _not_too_wide(found)
    await _write_lots(tx, recall_id, set(starts), found.lots)
    trace_ms = _ms(now)
    if drill:
        await sql.add_lines(tx, recall_id, found.lines)
        state = RECALL.after(RECALL.init, "drilled")
        await sql.set_recall(
            tx, recall_id, state=state, trace_ms=trace_ms, **sql.at_of(state, clock.now())
        )
    else:
        await sql.set_recall(tx, recall_id, trace_ms=trace_ms)
        body = {"org": str(org_id), "event": "draft_7d"}
        await timers.set(tx, TIMER, str(recall_id), now + DRAFT_FOR, body)
    what = {"drill": drill, "lots": len(found.lots), "lines": len(found.lines)}
    await audit.write(tx, who, "trust.recall", f"recall:{recall_id}", None, what)
    return await own(tx, org_id, recall_id)


async def activate(tx: Tx, who: Subject, org_id: UUID, recall_id: UUID) -> RecallView:
    """Lots recalled, offers paused, parcels stopped, buyers queued: all or nothing.

    Lots that were made since the draft are in it. Raises NotFound, WrongState, RecallTooWide.
    """
    held = await own(tx, org_id, recall_id, lock=True)
    state, now = RECALL.after(held.state, "activate"), clock.now()
    starts = {one.lot_id for one in await sql.lots_of(tx, recall_id) if one.start}
    recalled = await _recall_all(tx, who, held, sorted(starts))
    # Whoever packed or picked before us has committed: nothing more comes out of these lots.
    found = await trace.forward(tx, sorted(starts))
    _not_too_wide(found)
    stopped = await trade.stop_parcels(tx, org_id, found.lines, held.code)
    packs = sorted({one.pack_id for one in recalled.values() if one.pack_id})
    await trade.pause_packs(tx, org_id, packs)
    for one in recalled.values():
        if one.pack_id and one.boxes_left and one.before == "open":
            ref = f"recall:{recall_id}:{one.lot_id}"
            await trade.withdraw(tx, org_id, one.pack_id, one.boxes_left, ref)
    await sql.drop_lots(tx, recall_id)
    await _write_lots(tx, recall_id, starts, found.lots)
    await sql.add_lines(tx, recall_id, found.lines)
    await sql.set_recall(tx, recall_id, state=state, trace_ms=_ms(now), **sql.at_of(state, now))
    body = {"org": str(org_id), "event": "active_180d"}
    await timers.set(tx, TIMER, str(recall_id), now + ACTIVE_FOR, body)
    what = {
        "state": state,
        "lots": len(found.lots),
        "lines": len(found.lines),
        "stopped": stopped,
    }
    await audit.write(
        tx, who, "trust.recall-activate", f"recall:{recall_id}", {"state": held.state}, what
    )
    fact = RecallActivated(
        recall_id=recall_id, org_id=org_id, lots=len(found.lots), lines=len(found.lines)
    )
    await announce(tx, fact)
    return await own(tx, org_id, recall_id)


async def close(tx: Tx, who: Subject, org_id: UUID, recall_id: UUID) -> RecallView:
    """The recall is over; what it paused is on offer again, unless another still pauses it.

    Raises NotFound, WrongState, NoticesLeft.
    """
    held = await own(tx, org_id, recall_id, lock=True)
    RECALL.after(held.state, "close")
    queued = (await sql.progress(tx, recall_id)).queued
    if queued:
        raise NoticesLeft(queued=queued)
    before, after = {"state": held.state}, {"state": "closed"}
    await audit.write(tx, who, "trust.recall-close", f"recall:{recall_id}", before, after)
    return await _end(tx, held, "close")


async def drop(tx: Tx, who: Subject, org_id: UUID, recall_id: UUID) -> RecallView:
    """A draft is given up. Raises NotFound, WrongState."""
    held = await own(tx, org_id, recall_id, lock=True)
    await audit.write(tx, who, "trust.recall-drop", f"recall:{recall_id}", None, None)
    return await _end(tx, held, "drop")


async def own(tx: Tx, org_id: UUID, recall_id: UUID, lock: bool = False) -> RecallView:
    """A recall of the organization. Raises NotFound."""
    found = await sql.recall(tx, org_id, recall_id, lock)
    if found is None:
        raise NotFound()
    return found


async def on_due(tx: Tx, key: str, body: dict[str, str]) -> None:
    """Time ends a draft, or a recall that nobody closed; nothing if it has ended already."""
    held = await sql.recall(tx, UUID(body["org"]), UUID(key), lock=True)
    if held is not None and RECALL.can(held.state, body["event"]):
        await _end(tx, held, body["event"])


async def _end(tx: Tx, held: RecallView, event: str) -> RecallView:
    state, now = RECALL.after(held.state, event), clock.now()
    await sql.set_recall(tx, held.id, state=state, **sql.at_of(state, now))
    await timers.cancel(tx, TIMER, str(held.id))
    if held.state == "active":
        packs = sorted({one.pack_id for one in await sql.lots_of(tx, held.id) if one.pack_id})
        busy = await sql.other_recalls(tx, held.org_id, packs, held.id, held.state)
        await trade.resume_packs(tx, held.org_id, [pack for pack in packs if pack not in busy])
        await announce(tx, RecallClosed(recall_id=held.id, org_id=held.org_id))
    return await own(tx, held.org_id, held.id)


async def _recall_all(
    tx: Tx, who: Subject, held: RecallView, starts: Sequence[UUID]
) -> dict[UUID, supply.Recalled]:
    """Recalls the lots and all that was made of them, until nothing new is found below them."""
    done: dict[UUID, supply.Recalled] = {}
    while True:
        ahead = [lot for lot in await supply.descendants(tx, starts) if lot not in done]
        if not ahead:
            return done
        ref = f"recall:{held.id}"
        for one in await supply.recall(tx, who, held.org_id, ahead, held.reason, ref):
            done[one.lot_id] = one


def _not_too_wide(found: Forward) -> None:
    """Raises RecallTooWide."""
    if found.cut:
        raise RecallTooWide(lots=len(found.lots), lines=len(found.lines), max_lines=trace.LINES_MAX)


async def _write_lots(tx: Tx, recall_id: UUID, starts: set[UUID], lots: Sequence[UUID]) -> None:
    views = await supply.lots(tx, lots)
    rows = [
        RecallLotView(
            lot_id=one.id,
            start=one.id in starts,
            code=one.code,
            kind=one.kind,
            pack_id=one.pack_id,
            made_g=one.grams_in,
            left_g=one.grams_left,
        )
        for one in views.values()
    ]
    await sql.add_lots(tx, recall_id, rows)


def _ms(since: datetime) -> int:
    """Whole milliseconds since then, at least one."""
    return max(1, (clock.now() - since) // timedelta(milliseconds=1))
