"""Parcels: handed over, followed, delivered. Told twice is told once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import AlreadyThere, NotFound
from tiantou.core.timers import Due, Held
from tiantou.kit import clock
from tiantou.logistics import parcels_sql as sql
from tiantou.logistics.carriers import carrier_code, waybill_number
from tiantou.logistics.deadlines import SILENT, due_event, watch
from tiantou.logistics.events import ParcelDelivered, ParcelHandedOver, ParcelTroubled
from tiantou.logistics.lifecycle import PARCEL
from tiantou.logistics.ports import Carrier
from tiantou.logistics.views import ParcelView

HANDED_OVER = "handed_over"
_TROUBLES = {"troubled": "trouble", "returning": "return", "lost": "lost"}


async def hand_over(tx: Tx, org_id: UUID, ref: str, carrier: str, waybill: str) -> ParcelView:
    """The parcel of `ref` given to a carrier (code or Chinese name); the same again is no change.

    Raises InvalidFields (carrier, waybill), AlreadyThere if the waybill is another parcel's.
    """
    code = carrier_code(carrier)
    number = waybill_number(code, waybill)
    at = clock.now()
    parcel_id = await sql.add_parcel(tx, org_id, ref, code, number, PARCEL.init, at)
    if parcel_id is None:
        before = await sql.parcel_by_waybill(tx, code, number)
        if before is None or (before.org_id, before.ref) != (org_id, ref):
            raise AlreadyThere(field="waybill")
        return before
    await sql.add_event(tx, parcel_id, HANDED_OVER, "", "hand", HANDED_OVER, at)
    await watch(tx, parcel_id, PARCEL.init, at)
    fact = ParcelHandedOver(
        ref=ref, org_id=org_id, parcel_id=parcel_id, carrier=code, waybill=number, at=at
    )
    await announce(tx, fact)
    return await _seen(tx, parcel_id)


async def record_event(
    tx: Tx,
    org_id: UUID,
    parcel_id: UUID,
    kind: str,
    text: str = "",
    at: datetime | None = None,
    source: str = "hand",
    mark: str | None = None,
) -> ParcelView:
    """Writes down what happened to a parcel and moves its state along.

    `kind` is an event of the parcel's machine. An event of the same mark, of the past, or that the
    present state does not take is kept as told and changes nothing. Raises NotFound.
    """
    parcel = await sql.parcel_by_id(tx, parcel_id, lock=True)
    if parcel is None or parcel.org_id != org_id:
        raise NotFound()
    when = at or clock.now()
    told = mark or f"{source}:{kind}:{when.isoformat()}"
    if not await sql.add_event(tx, parcel_id, kind, text, source, told, when):
        return parcel
    stale = when < await sql.last_event_at(tx, parcel_id)
    if PARCEL.can(parcel.state, kind) and not stale:
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
    if state == "delivered":
        await announce(tx, ParcelDelivered(ref=ref, org_id=org_id, parcel_id=parcel_id, at=at))
    elif state in _TROUBLES:
        what = _TROUBLES[state]
        fact = ParcelTroubled(ref=ref, org_id=org_id, parcel_id=parcel_id, what=what, at=at)
        await announce(tx, fact)
