"""Statements on parcels and their events."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import to_builtins
from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from tiantou.core.db import Tx
from tiantou.kit import clock, ids
from tiantou.logistics.carriers import CARRIERS
from tiantou.logistics.tables import ParcelEventRow, ParcelRow
from tiantou.logistics.views import About, ParcelView, ScanView

BEFORE_LEAVING = ("ready", "stopped")
_PARCEL = (
    ParcelRow.id,
    ParcelRow.org_id,
    ParcelRow.ref,
    ParcelRow.carrier,
    ParcelRow.waybill,
    ParcelRow.state,
    ParcelRow.ready_at,
    ParcelRow.handed_over_at,
    ParcelRow.last_event_at,
    ParcelRow.delivered_at,
    ParcelRow.promised_on,
    ParcelRow.division_code,
    ParcelRow.cold,
    ParcelRow.boxes,
)


async def _views(tx: Tx, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[ParcelView]:
    events: dict[UUID, list[ScanView]] = {row.id: [] for row in rows}
    if events:
        found = await tx.execute(
            select(
                ParcelEventRow.parcel_id,
                ParcelEventRow.at,
                ParcelEventRow.kind,
                ParcelEventRow.text,
                ParcelEventRow.code,
            )
            .where(ParcelEventRow.parcel_id.in_(list(events)))
            .order_by(ParcelEventRow.at, ParcelEventRow.id)
        )
        for one in found:
            seen = ScanView(at=one.at, kind=one.kind, text=one.text, code=one.code)
            events[one.parcel_id].append(seen)
    return [
        ParcelView(**row._mapping, carrier_name=CARRIERS[row.carrier], events=events[row.id])
        for row in rows
    ]


async def parcel_by_id(tx: Tx, parcel_id: UUID, lock: bool = False) -> ParcelView | None:
    """A parcel, or None; `lock` holds it until the end of the transaction."""
    query = select(*_PARCEL).where(ParcelRow.id == parcel_id)
    rows = (await tx.execute(query.with_for_update() if lock else query)).all()
    found = await _views(tx, rows)
    return found[0] if found else None


async def parcel_by_waybill(tx: Tx, carrier: str, waybill: str) -> ParcelView | None:
    """The parcel of a carrier's waybill, whoever sent it, or None."""
    query = select(*_PARCEL).where(ParcelRow.carrier == carrier, ParcelRow.waybill == waybill)
    found = await _views(tx, (await tx.execute(query)).all())
    return found[0] if found else None


async def parcels(tx: Tx, org_id: UUID, refs: Iterable[str]) -> dict[str, list[ParcelView]]:
    """The parcels of references of one organization, oldest first."""
    query = (
        select(*_PARCEL)
        .where(ParcelRow.org_id == org_id, ParcelRow.ref.in_(list(set(refs))))
        .order_by(ParcelRow.id)
    )
    found: dict[str, list[ParcelView]] = {}
    for view in await _views(tx, (await tx.execute(query)).all()):
        found.setdefault(view.ref, []).append(view)
    return found


async def parcel(tx: Tx, org_id: UUID, ref: str) -> ParcelView | None:
    """The newest parcel of a reference, or None."""
    found = (await parcels(tx, org_id, [ref])).get(ref)
    return found[-1] if found else None


async def ready_of(tx: Tx, org_id: UUID, ref: str) -> ParcelView | None:
    """The parcel of a reference that has not left, held until the end of the transaction."""
    query = (
        select(*_PARCEL)
        .where(
            ParcelRow.org_id == org_id, ParcelRow.ref == ref, ParcelRow.state.in_(BEFORE_LEAVING)
        )
        .order_by(ParcelRow.id.desc())
        .limit(1)
        .with_for_update()
    )
    found = await _views(tx, (await tx.execute(query)).all())
    return found[0] if found else None


async def add_parcel(
    tx: Tx, org_id: UUID, ref: str, carrier: str, waybill: str, state: str, at: datetime, of: About
) -> UUID | None:
    """The id of the new parcel, or None if the carrier's waybill is taken."""
    return await tx.scalar(
        insert(ParcelRow)
        .values(
            id=ids.uuid7(),
            org_id=org_id,
            ref=ref,
            carrier=carrier,
            waybill=waybill,
            state=state,
            ready_at=at,
            last_event_at=at,
            **to_builtins(of, builtin_types=(date,)),
        )
        .on_conflict_do_nothing(index_elements=[ParcelRow.carrier, ParcelRow.waybill])
        .returning(ParcelRow.id)
    )


async def add_event(
    tx: Tx,
    parcel_id: UUID,
    kind: str,
    text: str,
    source: str,
    mark: str,
    at: datetime,
    code: str = "",
) -> bool:
    """Whether the event is new: an event of the same mark is the same."""
    made = await tx.scalar(
        insert(ParcelEventRow)
        .values(
            id=ids.uuid7(),
            parcel_id=parcel_id,
            kind=kind,
            code=code,
            text=text,
            source=source,
            mark=mark,
            at=at,
            told_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=[ParcelEventRow.parcel_id, ParcelEventRow.mark])
        .returning(ParcelEventRow.id)
    )
    return made is not None


async def set_state(tx: Tx, parcel_id: UUID, state: str, at: datetime) -> None:
    """The parcel's state as of an event at `at`."""
    values: dict[str, Any] = {"state": state, "last_event_at": at}
    if state not in BEFORE_LEAVING:
        values["handed_over_at"] = func.coalesce(ParcelRow.handed_over_at, at)
    if state == "delivered":
        values["delivered_at"] = at
    await tx.execute(update(ParcelRow).where(ParcelRow.id == parcel_id).values(**values))


async def counts(tx: Tx, org_id: UUID) -> dict[str, int]:
    """How many parcels of an organization stand in each state that any stands in."""
    rows = await tx.execute(
        select(ParcelRow.state, func.count().label("n"))
        .where(ParcelRow.org_id == org_id)
        .group_by(ParcelRow.state)
    )
    return {row.state: row.n for row in rows}


async def page(
    tx: Tx, org_id: UUID, states: Sequence[str], waybill: str, before: UUID | None, limit: int
) -> list[ParcelView]:
    """Parcels in these states, newest first; `waybill` is the beginning of one, or empty."""
    query = select(*_PARCEL).where(ParcelRow.org_id == org_id, ParcelRow.state.in_(states))
    if waybill:
        query = query.where(ParcelRow.waybill.startswith(waybill, autoescape=True))
    if before is not None:
        query = query.where(ParcelRow.id < before)
    return await _views(
        tx, (await tx.execute(query.order_by(ParcelRow.id.desc()).limit(limit))).all()
    )


async def ready_by_waybill(tx: Tx, org_id: UUID, waybill: str) -> ParcelView | None:
    """A parcel of the organization with that waybill, whoever carries it, or None."""
    query = select(*_PARCEL).where(ParcelRow.org_id == org_id, ParcelRow.waybill == waybill)
    found = await _views(tx, (await tx.execute(query.order_by(ParcelRow.id.desc()).limit(1))).all())
    return found[0] if found else None
