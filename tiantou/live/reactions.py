"""What live does on others' facts, and on its own: the room is told, counts grow, steps follow."""

import json
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.catalog import face as catalog
from tiantou.catalog.events import ProductChanged
from tiantou.core import timers
from tiantou.core.bus import Bus
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.subject import HOST, MANAGER, OWNER
from tiantou.kit import clock
from tiantou.live import figures_sql, sessions, shelf, views
from tiantou.live import sessions_sql as sql
from tiantou.live import steps as machine
from tiantou.live.events import Reminded, RoomEvent, SessionChanged
from tiantou.live.lifecycle import ON_AIR, PLANNED, SEGMENT, SESSION
from tiantou.live.room_events import DealEndEvent, ItemEvent, PriceEvent, RestockEvent, SoldOutEvent
from tiantou.live.tables import SessionRow
from tiantou.media import face as media
from tiantou.media.events import (
    BroadcastClosed,
    RecordingDisposed,
    RecordingReady,
    SignalBack,
    SignalLost,
    SignalStarted,
)
from tiantou.trade.events import (
    OfferClosed,
    OfferPriceChanged,
    OrderPaid,
    OrderRefunded,
    StockEdge,
    StockMoved,
)

ANSWER_S_MAX = 1.0
SEEN = ON_AIR | {"suspended"}
LOOK_AGAIN = timedelta(days=1)
REMIND_TIMER = machine.REMIND_TIMER

log = logging.getLogger("tiantou.live")


def _raw(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _session_of(origin: str) -> UUID | None:
    head = shelf.ORIGIN
    try:
        return UUID(origin.removeprefix(head)) if origin.startswith(head) else None
    except ValueError:
        return None


async def send_to_room(tx: Tx, fact: RoomEvent, *, fact_id: UUID, bus: Bus) -> None:
    """Asks the room's owner to number and send it; done only when he has answered.

    Raises NoAnswer. What he refuses he would refuse for ever, and it must not hold up the room.
    """
    body = {"id": str(fact_id), "ev": fact.event}
    said = await bus.request(f"room.{fact.session_id}.ev", _raw(body), ANSWER_S_MAX)
    if "error" in json.loads(said):
        log.error("room %s refused event %s: %s", fact.session_id, fact_id, said[:200])


async def on_session_changed(tx: Tx, fact: SessionChanged) -> None:
    """Reservers are told when it has started."""
    row = await sql.session(tx, fact.session_id)
    if row is not None and fact.event == "go_live":
        await _remind(tx, row, "started")


async def _remind(tx: Tx, row: SessionRow, about: str) -> None:
    if row.venue == "elsewhere":
        return
    told = await sql.reservers(tx, row.id)
    await announce(tx, *(Reminded(session_id=row.id, person_id=one, about=about) for one in told))


async def on_remind_due(tx: Tx, key: str, _: dict[str, Any]) -> None:
    """Ten minutes before its start."""
    row = await sql.session(tx, UUID(key))
    if row is not None and row.state in PLANNED:
        await _remind(tx, row, "soon")


async def on_reminded(tx: Tx, fact: Reminded) -> None:
    """One reserver is told, once."""
    row = await sql.session(tx, fact.session_id)
    if row is None:
        return
    members = {
        "session_id": str(row.id),
        "title": row.title,
        "starts_at": row.starts_at.isoformat(),
    }
    dedupe = f"live.{fact.about}:{row.id}:{fact.person_id}"
    kind = f"session-{fact.about}"
    await accounts.notify(tx, fact.person_id, kind, members, dedupe=dedupe, sms=True)


async def hold_session(tx: Tx, key: str) -> None:
    """Locks the session that a timer is about."""
    await sql.locked(tx, UUID(key))


async def on_session_due(tx: Tx, key: str, body: dict[str, Any]) -> None:
    """A timer of the machine: it acts only if the state still takes its event."""
    row = await sql.locked(tx, UUID(key))
    event = str(body["event"])
    if row is None or not SESSION.can(row.state, event):
        return
    if event == "no_first_signal" and await _flows(tx, row):
        return
    if event == "retention_due_no_hold" and not await media.is_disposed(tx, row.id):
        # a hold, or the days that media keeps it beyond; its own fact comes first as a rule
        await timers.set(tx, machine.TIMER, key, clock.now() + LOOK_AGAIN, body)
        return
    was_on_air = row.state in {"live", "interrupted", "suspended"}
    await machine.step(tx, row, event)
    if was_on_air:
        await sessions.over(tx, row)


async def _flows(tx: Tx, row: SessionRow) -> bool:
    """Whether media has a signal of which no fact has told yet; the session counts on it then."""
    health = await media.health(tx, row.id)
    if health is None or not health.publishing:
        return False
    row.signal_at = clock.now()
    await machine.set_timer(tx, row)
    return True


async def on_signal_started(tx: Tx, fact: SignalStarted) -> None:
    """The first picture of a session has come."""
    await _signal(tx, fact.broadcast_id)


async def on_signal_back(tx: Tx, fact: SignalBack) -> None:
    """The publisher is back within the grace period."""
    await _signal(tx, fact.broadcast_id)


async def on_signal_lost(tx: Tx, fact: SignalLost) -> None:
    """The publisher is gone: the room waits for the grace period."""
    row = await sql.locked(tx, fact.broadcast_id)
    if row is not None and SESSION.can(row.state, "signal_lost"):
        await machine.step(tx, row, "signal_lost", timedelta(seconds=fact.grace_s))


async def _signal(tx: Tx, session_id: UUID) -> None:
    row = await sql.locked(tx, session_id)
    if row is None:
        return
    waited, row.signal_at = row.signal_at is None, clock.now()
    if SESSION.can(row.state, "signal_back"):
        await machine.step(tx, row, "signal_back")
    elif waited and row.state == "live":
        await machine.set_timer(tx, row)


async def on_broadcast_closed(tx: Tx, fact: BroadcastClosed) -> None:
    """Nothing more will be recorded: the replay is being made.

    A session may still count as live: what was lost while it was suspended changed nothing then.
    """
    row = await sql.locked(tx, fact.broadcast_id)
    if row is None:
        return
    if SESSION.can(row.state, "signal_lost"):
        await machine.step(tx, row, "signal_lost", timedelta())
    if SESSION.can(row.state, "grace_10min"):
        await machine.step(tx, row, "grace_10min")
        await sessions.over(tx, row)
    if SESSION.can(row.state, "package"):
        await machine.step(tx, row, "package")


async def on_recording_ready(tx: Tx, fact: RecordingReady) -> None:
    """The recording is sealed: it is shown, or kept unseen if the live was elsewhere or stopped."""
    row = await sql.locked(tx, fact.broadcast_id)
    if row is None:
        return
    row.replay_ms, row.replay_root = fact.duration_ms, fact.root_hash
    row.chapters = await _chapters(tx, row.id, fact)
    if SESSION.can(row.state, "package"):
        await machine.step(tx, row, "package")
    unseen = row.venue == "elsewhere" or await media.is_blocked(tx, row.id)
    event = "hide" if unseen else "clips_ready"
    if SESSION.can(row.state, event):
        await machine.step(tx, row, event)


async def on_recording_disposed(tx: Tx, fact: RecordingDisposed) -> None:
    """Its time was over and its files are gone: nothing is left to see, or to publish again."""
    row = await sql.locked(tx, fact.broadcast_id)
    for event in ("package_failed", "public_window_over", "retention_due_no_hold"):
        if row is not None and SESSION.can(row.state, event):
            await machine.step(tx, row, event)


async def _chapters(tx: Tx, session_id: UUID, fact: RecordingReady) -> list[dict[str, Any]]:
    segments = {str(one.id): one for one in await sql.segments(tx, session_id)}
    return [
        {
            "item_id": str(segments[one.ref].item_id),
            "title": one.title,
            "start_s": one.start_ms // 1000,
            # rounded up: a short chapter is not empty
            "end_s": -(-one.end_ms // 1000),
            "price_fen": segments[one.ref].price_fen,
        }
        for one in fact.chapters
        if one.ref in segments
    ]


async def on_order_paid(tx: Tx, fact: OrderPaid, *, bus: Bus) -> None:
    """A sale in a room is counted and shown; never who bought."""
    session_id = _session_of(fact.origin)
    if session_id is None:
        return
    minute = fact.at.replace(second=0, microsecond=0)
    orders = await figures_sql.note_sale(tx, session_id, fact.units, fact.amount_fen, minute)
    if orders is None:
        return
    line = {"i": 0, "u": fact.province or "", "x": str(fact.units), "b": "sale"}
    shelf = await sql.items(tx, [session_id])
    item_id = next((str(one.id) for one in shelf if one.pack_id == fact.pack_id), None)
    if item_id:
        line["t"] = item_id
    await bus.publish(f"room.{session_id}.st", _raw({"orders": orders}))
    await bus.publish(f"room.{session_id}.in", _raw(line))


async def on_order_refunded(tx: Tx, fact: OrderRefunded, *, bus: Bus) -> None:
    """Money that went back is not a sale any more; an order refunded as a whole is not counted."""
    session_id = _session_of(fact.origin)
    if session_id is None:
        return
    orders = await figures_sql.note_refund(tx, session_id, fact.refunded_fen, fact.whole)
    if orders is not None:
        await bus.publish(f"room.{session_id}.st", _raw({"orders": orders}))


async def on_stock_moved(tx: Tx, fact: StockMoved, *, bus: Bus) -> None:
    """The units left of an offer: the last value wins, so it may be lost on the way."""
    for session, _ in await sql.on_air_with_pack(tx, fact.pack_id):
        state = {f"stock:{fact.offer_id}": fact.units_left}
        await bus.publish(f"room.{session.id}.st", _raw(state))


async def on_stock_edge(tx: Tx, fact: StockEdge) -> None:
    """Sold out, or to be had again: every viewer sees the edge."""
    for session, item in await sql.on_air_with_pack(tx, fact.pack_id, hold=True):
        flash = item.flash_offer_id == fact.offer_id
        sold_out = fact.edge == "sold_out"
        event = "sell_out" if sold_out else "restock"
        if not flash and SEGMENT.can(item.state, event):
            item.state = SEGMENT.after(item.state, event)
        edge = SoldOutEvent if sold_out else RestockEvent
        told = edge(item_id=item.id, offer_id=fact.offer_id, units_left=fact.units_left)
        await machine.tell_room(tx, session.id, told)


async def on_offer_closed(tx: Tx, fact: OfferClosed) -> None:
    """A flash price is over: the card changes in the same moment."""
    for session, item in await sql.on_air_with_pack(tx, fact.pack_id, hold=True):
        if item.flash_offer_id != fact.offer_id:
            continue
        item.flash_offer_id = None
        shown = await views.item(tx, item)
        told = DealEndEvent(item_id=item.id, offer_id=fact.offer_id, item=shown)
        await machine.tell_room(tx, session.id, told)


async def on_offer_price_changed(tx: Tx, fact: OfferPriceChanged) -> None:
    """A price that was changed outside the control room reaches the rooms, too."""
    for session, item in await sql.on_air_with_pack(tx, fact.pack_id):
        shown = await views.item(tx, item)
        if shown.offer is not None and shown.offer.id == fact.offer_id:
            told = PriceEvent(item_id=item.id, offer=shown.offer)
            await machine.tell_room(tx, session.id, told)


async def on_product_changed(tx: Tx, fact: ProductChanged) -> None:
    """A seller took back that other rooms may show its product: it goes off their shelves.

    In a replay, too: what was shown stays in the recording, but nobody sells it there any more.
    """
    product = await catalog.product(tx, fact.product_id)
    if product is None or product.rooms_permille is not None:
        return
    for row, item in await sql.guests_of_packs(tx, [*fact.pack_ids, *fact.retired]):
        await shelf.take_off(tx, row, item)
        if row.state in SEEN:
            await machine.tell_room(tx, row.id, ItemEvent(item=await views.item(tx, item)))
        members = {"session": row.title, "title": product.title}
        dedupe = f"live.guest-left:{item.id}:{fact.at.isoformat()}"
        await accounts.notify_org(
            tx, row.org_id, [OWNER, MANAGER, HOST], "guest-goods-left", members, dedupe=dedupe
        )
