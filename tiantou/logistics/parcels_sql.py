"""Statements on parcels and their events."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from tiantou.core.db import Tx
from tiantou.kit import clock, ids
from tiantou.logistics.carriers import CARRIERS
from tiantou.logistics.tables import ParcelEventRow, ParcelRow
from tiantou.logistics.views import ParcelView, ScanView

_PARCEL = (
    ParcelRow.id,
    ParcelRow.org_id,
    ParcelRow.ref,
    ParcelRow.carrier,
    ParcelRow.waybill,
    ParcelRow.state,
    ParcelRow.handed_over_at,
    ParcelRow.delivered_at,
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
            )
            .where(ParcelEventRow.parcel_id.in_(list(events)))
            .order_by(ParcelEventRow.at, ParcelEventRow.id)
        )
        for one in found:
            events[one.parcel_id].append(ScanView(at=one.at, kind=one.kind, text=one.text))
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


async def add_parcel(
    tx: Tx, org_id: UUID, ref: str, carrier: str, waybill: str, state: str, at: datetime
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
            handed_over_at=at,
            last_event_at=at,
        )
        .on_conflict_do_nothing(index_elements=[ParcelRow.carrier, ParcelRow.waybill])
        .returning(ParcelRow.id)
    )


async def add_event(
    tx: Tx, parcel_id: UUID, kind: str, text: str, source: str, mark: str, at: datetime
) -> bool:
    """Whether the event is new: an event of the same mark is the same."""
    made = await tx.scalar(
        insert(ParcelEventRow)
        .values(
            id=ids.uuid7(),
            parcel_id=parcel_id,
            kind=kind,
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
    if state == "delivered":
        values["delivered_at"] = at
    await tx.execute(update(ParcelRow).where(ParcelRow.id == parcel_id).values(**values))


async def last_event_at(tx: Tx, parcel_id: UUID) -> datetime:
    """When the event happened that the parcel's state stands on."""
    return (
        await tx.execute(select(ParcelRow.last_event_at).where(ParcelRow.id == parcel_id))
    ).scalar_one()
