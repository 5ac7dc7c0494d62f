"""Parcels: handed over, followed, delivered. Told twice is told once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import AlreadyThere, NotFound
from tiantou.core.timers import Due, Held
from tiantou.kit import clock
from tiantou.logistics import parcels_sql as sql
from tiantou.logistics import stops_sql as stops
from tiantou.logistics.carriers import carrier_code, waybill_number
from tiantou.logistics.deadlines import SILENT, due_event, watch
from tiantou.logistics.events import ParcelDelivered, ParcelHandedOver, ParcelTroubled
from tiantou.logistics.lifecycle import PARCEL
from tiantou.logistics.ports import Carrier
from tiantou.logistics.views import About, ParcelView

HANDED_OVER = "handed_over"
UNKNOWN = About()
# What a carrier, or somebody who speaks for it, may say; the rest moves by acts of our own.
CARRIERS_WORDS = frozenset({"move", "go_out", "deliver", "trouble", "return", "come_back"})
TIMED = frozenset(event for _, event, kind, _ in PARCEL.rows if kind == "T" or event == "lose")
_TROUBLES = {"troubled": "trouble", "returning": "return", "lost": "lost"}


async def make_ready(
    tx: Tx, org_id: UUID, ref: str, carrier: str, waybill: str, of: About = UNKNOWN
) -> ParcelView:
    """The parcel of `ref` bears its waybill and waits for its carrier; the same again is no change.

    Another waybill takes the place of one that has not left. Raises InvalidFields (carrier,
    waybill), AlreadyThere if the waybill is another parcel's, ParcelStopped,
    WrongState if this very waybill was withdrawn.
    """
    await stops.refuse(tx, org_id, ref)
    code = carrier_code(carrier)
    number = waybill_number(code, waybill)
    waiting = await sql.ready_of(tx, org_id, ref)
    if waiting is not None and (waiting.carrier, waiting.waybill) == (code, number):
        return waiting
    at = clock.now()
    parcel_id = await sql.add_parcel(tx, org_id, ref, code, number, PARCEL.init, at, of)
    if parcel_id is None:
        before = await sql.parcel_by_waybill(tx, code, number)
        if before is None or (before.org_id, before.ref) != (org_id, ref):
            raise AlreadyThere(field="waybill")
        if before.state == "withdrawn":
            PARCEL.after(before.state, "hand_over")
        return before
    if waiting is not None:
        await _move(tx, waiting, PARCEL.after(waiting.state, "withdraw"), at)
    await watch(tx, parcel_id, PARCEL.init, at)
    return await _seen(tx, parcel_id)


async def hand_over(
    tx: Tx, org_id: UUID, ref: str, carrier: str, waybill: str, of: About = UNKNOWN
) -> ParcelView:
    """The parcel of `ref` given to a carrier (code or Chinese name); the same again is no change.

    Raises InvalidFields (carrier, waybill), AlreadyThere if the waybill is another parcel's,
    ParcelStopped, WrongState for one that was withdrawn.
    """
    parcel = await make_ready(tx, org_id, ref, carrier, waybill, of)
    if parcel.state not in sql.BEFORE_LEAVING:
        return parcel
    at = clock.now()
    state = PARCEL.after(parcel.state, "hand_over")
    await sql.add_event(tx, parcel.id, HANDED_OVER, "", "hand", HANDED_OVER, at)
    await _move(tx, parcel, state, at)
    return await _seen(tx, parcel.id)


async def withdraw(tx: Tx, org_id: UUID, ref: str) -> None:
    """What was to be sent for `ref` will not be; nothing if it has left or never was."""
    waiting = await sql.ready_of(tx, org_id, ref)
    if waiting is not None:
        await _move(tx, waiting, PARCEL.after(waiting.state, "withdraw"), clock.now())


async def stop(tx: Tx, org_id: UUID, refs: Sequence[str], why: str) -> int:
    """What has not left of these references must not leave; says how many were stopped.

    A hand-over that is under way is waited for, and none begins before the end of the transaction.
    """
    stopped = await stops.put(tx, org_id, refs, why, clock.now())
    for ref in stopped:
        waiting = await sql.ready_of(tx, org_id, ref)
        if waiting is not None and PARCEL.can(waiting.state, "stop"):
            await sql.add_event(tx, waiting.id, "stop", why, "recall", f"stop:{why}", clock.now())
            await _move(tx, waiting, PARCEL.after(waiting.state, "stop"), clock.now())
    return len(stopped)


async def lift(tx: Tx, org_id: UUID, ref: str, by: UUID) -> None:
    """The recalled boxes are out of it: it may leave. Raises NotFound if nothing is stopped."""
    if not await stops.lift(tx, org_id, ref, by, clock.now()):
        raise NotFound()
    waiting = await sql.ready_of(tx, org_id, ref)
    if waiting is not None and PARCEL.can(waiting.state, "lift"):
        await _move(tx, waiting, PARCEL.after(waiting.state, "lift"), clock.now())


async def record_event(
    tx: Tx,
    org_id: UUID,
    parcel_id: UUID,
    kind: str,
    text: str = "",
    at: datetime | None = None,
    source: str = "hand",
    mark: str | None = None,
    code: str = "",
) -> ParcelView:
    """Writes down what happened to a parcel and moves its state along.

    `kind` is an event of the parcel's machine, or whatever a carrier's `code` stands for. An event
    of the same mark, of the past, or that the present state does not take is kept as told and
    changes nothing. Raises NotFound.
    """
    parcel = await sql.parcel_by_id(tx, parcel_id, lock=True)
    if parcel is None or parcel.org_id != org_id:
        raise NotFound()
    when = at or clock.now()
    told = mark or f"{source}:{kind}:{when.isoformat()}"
    if not await sql.add_event(tx, parcel_id, kind, text, source, told, when, code):
        return parcel
    # A carrier's clock knows nothing of when the waybill was written down here.
    stale = when < parcel.last_event_at and parcel.state not in sql.BEFORE_LEAVING
    if kind in CARRIERS_WORDS | TIMED and PARCEL.can(parcel.state, kind) and not stale:
        await _move(tx, parcel, PARCEL.after(parcel.state, kind), when)
    return await _seen(tx, parcel_id)


async def deliver(tx: Tx, org_id: UUID, parcel_id: UUID) -> ParcelView:
    """The recipient has it, by hand. Again is no change. Raises NotFound, WrongState."""
    parcel = await sql.parcel_by_id(tx, parcel_id, lock=True)
    if parcel is None or parcel.org_id != org_id:
        raise NotFound()
    if parcel.state == "delivered":
        return parcel
    PARCEL.after(parcel.state, "deliver")
    return await record_event(tx, org_id, parcel_id, "deliver")


async def follow(tx: Tx, carrier: Carrier, parcel_id: UUID) -> ParcelView:
    """Asks the carrier where a parcel is and writes down what is new. Raises NotFound.

    Raises CarrierSilent if it gave no answer.
    """
    parcel = await _seen(tx, parcel_id)
    for scan in await carrier.scans(parcel.carrier, parcel.waybill):
        parcel = await record_event(
            tx,
            parcel.org_id,
            parcel_id,
            scan.kind,
            scan.text,
            scan.at,
            carrier.name,
            f"{carrier.name}:{scan.mark}",
            scan.code,
        )
    return parcel


async def _seen(tx: Tx, parcel_id: UUID) -> ParcelView:
    found = await sql.parcel_by_id(tx, parcel_id)
    if found is None:
        raise NotFound()
    return found


async def on_silent(tx: Tx, key: str, body: dict[str, Any]) -> None:
    """The timer of a parcel that nothing was heard of; none that has moved on since."""
    parcel = await sql.parcel_by_id(tx, UUID(key), lock=True)
    event = due_event(body)
    if parcel is not None and PARCEL.can(parcel.state, event):
        await record_event(tx, parcel.org_id, parcel.id, event, source="timer")


async def _hold(tx: Tx, key: str) -> None:
    await sql.parcel_by_id(tx, UUID(key), lock=True)


HANDLERS: dict[str, Due] = {SILENT: Held(_hold, on_silent)}


async def _move(tx: Tx, parcel: ParcelView, state: str, at: datetime) -> None:
    await sql.set_state(tx, parcel.id, state, at)
    await watch(tx, parcel.id, state, at)
    if state == parcel.state:
        return
    ref, org_id, parcel_id = parcel.ref, parcel.org_id, parcel.id
    if parcel.state in sql.BEFORE_LEAVING and state not in {*sql.BEFORE_LEAVING, "withdrawn"}:
        gone = ParcelHandedOver(
            ref=ref,
            org_id=org_id,
            parcel_id=parcel_id,
            carrier=parcel.carrier,
            waybill=parcel.waybill,
            at=at,
        )
        await announce(tx, gone)
    if state == "delivered":
        await announce(tx, ParcelDelivered(ref=ref, org_id=org_id, parcel_id=parcel_id, at=at))
    elif state in _TROUBLES:
        what = _TROUBLES[state]
        fact = ParcelTroubled(ref=ref, org_id=org_id, parcel_id=parcel_id, what=what, at=at)
        await announce(tx, fact)
