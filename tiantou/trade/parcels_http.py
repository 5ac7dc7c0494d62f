"""Routes of a shop's parcels: ready for the carrier, stopped, on their way."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from tiantou.core import audit
from tiantou.core.fields import REASON, id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, problems, router
from tiantou.core.problems import (
    AlreadyThere,
    InvalidFields,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongStep,
)
from tiantou.core.subject import MANAGER, PACKER
from tiantou.kit import paging
from tiantou.logistics import face as logistics
from tiantou.logistics.face import ParcelStopped
from tiantou.trade import shipping, shipping_sql
from tiantou.trade.orders_wire import Scan

routes = router("trade")

HANDS = (MANAGER, PACKER)
STOPS_MAX = 200
_READ = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)
_SEND = problems(
    SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep, AlreadyThere, ParcelStopped
)


class ReadyIn(BaseModel):
    """The parcel's carrier (code or Chinese name) and waybill."""

    carrier: str = Field(min_length=1, max_length=20)
    waybill: str = Field(max_length=40)


class ScanOffIn(BaseModel):
    """The waybill that was scanned while the carrier took the parcel."""

    waybill: str = Field(min_length=8, max_length=40)


class LiftIn(BaseModel):
    """Why it may leave after all: what became of the recalled boxes."""

    reason: REASON


class ParcelOut(BaseModel):
    """A parcel with its events, oldest first; `order_id` and `number` if an order is in it."""

    id: UUID
    order_id: UUID | None
    number: str | None
    carrier: str
    carrier_name: str
    waybill: str
    state: str
    boxes: int
    ready_at: datetime
    handed_over_at: datetime | None
    delivered_at: datetime | None
    events: list[Scan]


class ParcelPage(BaseModel):
    """A page of parcels, newest first, and how many stand in each state."""

    items: list[ParcelOut]
    counts: dict[str, int]
    next: str | None


class StopOut(BaseModel):
    """An order that must not leave, and the code of the recall that says so."""

    order_id: UUID
    number: str
    why: str
    at: datetime


class Stops(BaseModel):
    """What must not leave, the latest first."""

    items: list[StopOut]


@routes.get("/api/orgs/{org}/parcels", responses=_READ)
async def list_parcels(
    org: UUID,
    tx: InTx,
    caller: Caller,
    state: Annotated[str | None, Query(max_length=200)] = None,
    q: Annotated[str, Query(max_length=40)] = "",
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> ParcelPage:
    """A shop's parcels; `state`: states, comma between; `q`: the beginning of a waybill."""
    caller.must(org, *HANDS)
    states = state.split(",") if state else list(logistics.PARCEL.states)
    if set(states) - set(logistics.PARCEL.states):
        raise InvalidFields.one("state", "unknown")
    number = "".join(q.split()).upper()
    found = await logistics.page(tx, org, states, number, id_in(cursor), limit + 1)
    return ParcelPage(
        items=await _shown(tx, org, found[:limit]),
        counts=await logistics.counts(tx, org),
        next=paging.pack(found[limit - 1].id) if len(found) > limit else None,
    )


@routes.get("/api/orgs/{org}/stops", responses=_READ)
async def list_stops(org: UUID, tx: InTx, caller: Caller) -> Stops:
    """The orders that a recall keeps from leaving."""
    caller.must(org, *HANDS)
    found = await logistics.stopped(tx, org, STOPS_MAX)
    numbers = await _numbers(tx, org, [one.ref for one in found])
    items = []
    for one in found:
        order_id = shipping.order_of(one.ref)
        if order_id is not None and order_id in numbers:
            items.append(
                StopOut(order_id=order_id, number=numbers[order_id], why=one.why, at=one.at)
            )
    return Stops(items=items)


@routes.post("/api/orgs/{org}/orders/{order}/ready", responses=_SEND)
async def ready_order(
    org: UUID, order: UUID, asked: ReadyIn, tx: InTx, caller: Caller
) -> ParcelOut:
    """The packed order bears a waybill and waits for its carrier."""
    caller.must(org, *HANDS)
    made = await shipping.make_ready(tx, org, order, asked.carrier, asked.waybill)
    return (await _shown(tx, org, [made]))[0]


@routes.post("/api/orgs/{org}/parcels/scan-off", responses=_SEND)
async def scan_off(org: UUID, asked: ScanOffIn, tx: InTx, caller: Caller) -> ParcelOut:
    """The carrier took it: scanned off the hand-over list. Twice is once."""
    caller.must(org, *HANDS)
    gone = await shipping.scan_off(tx, org, caller.person_id, asked.waybill)
    return (await _shown(tx, org, [gone]))[0]


@routes.post("/api/orgs/{org}/stops/{order}/lift", status_code=204, responses=_READ)
async def lift_stop(org: UUID, order: UUID, asked: LiftIn, tx: InTx, caller: Caller) -> None:
    """The recalled boxes are out of it: the order may leave."""
    caller.must(org, MANAGER)
    await logistics.lift(tx, org, shipping.ref_of(org, order), caller.person_id)
    await audit.write(
        tx, caller, "trade.lift-stop", f"order:{order}", None, {"reason": asked.reason}
    )


async def _numbers(tx: InTx, org: UUID, refs: list[str]) -> dict[UUID, str]:
    ids = [one for ref in refs if (one := shipping.order_of(ref)) is not None]
    return await shipping_sql.numbers(tx, org, ids)


async def _shown(tx: InTx, org: UUID, found: list[logistics.ParcelView]) -> list[ParcelOut]:
    numbers = await _numbers(tx, org, [one.ref for one in found])
    shown = []
    for one in found:
        order_id = shipping.order_of(one.ref)
        shown.append(
            ParcelOut(
                id=one.id,
                order_id=order_id,
                number=numbers.get(order_id) if order_id else None,
                carrier=one.carrier,
                carrier_name=one.carrier_name,
                waybill=one.waybill,
                state=one.state,
                boxes=one.boxes,
                ready_at=one.ready_at,
                handed_over_at=one.handed_over_at,
                delivered_at=one.delivered_at,
                events=[Scan.model_validate(each, from_attributes=True) for each in one.events],
            )
        )
    return shown
