"""Statements on collection runs and their stops: called in beside weighed in."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, func, insert, select, text, update

from tiantou.core.db import Tx
from tiantou.supply.growing.tables import CollectionRow, StopRow
from tiantou.supply.tables import HouseholdRow, SlipRow


class CollectionView(Struct, frozen=True, kw_only=True):
    """A collection run with the sums of its stops."""

    id: UUID
    org_id: UUID
    no: int
    day: date
    vehicle: str
    driver: str
    note: str
    state: str
    stops: int
    waiting: int
    called_g: int
    weighed_g: int


class StopView(Struct, frozen=True, kw_only=True):
    """A stop; `weighed_g`: what came in there, void slips left aside."""

    id: UUID
    collection_id: UUID
    place: int
    household_id: UUID | None
    household: str | None
    household_no: int | None
    village: str
    called_g: int
    planned_minute: int | None
    state: str
    why: str
    weighed_g: int


async def collection(tx: Tx, org_id: UUID, collection_id: UUID) -> CollectionView | None:
    """A collection run of the organization, or None."""
    query = f"{_COLLECTION} where c.org_id = :org and c.id = :id"
    row = (await tx.execute(text(query), {"org": org_id, "id": collection_id})).one_or_none()
    return None if row is None else CollectionView(**row._mapping)


async def collections_of(
    tx: Tx, org_id: UUID, limit: int, before: UUID | None
) -> list[CollectionView]:
    """An organization's collection runs, newest first."""
    rows = await tx.execute(
        text(
            f"{_COLLECTION} where c.org_id = :org"
            " and (c.id < :before or cast(:before as uuid) is null) order by c.id desc limit :most"
        ),
        {"org": org_id, "before": before, "most": limit},
    )
    return [CollectionView(**row._mapping) for row in rows]


_COLLECTION = (
    "select c.id, c.org_id, c.no, c.day, c.vehicle, c.driver, c.note, c.state,"
    " s.stops, s.waiting, s.called_g, s.weighed_g from supply.collection c"
    " cross join lateral (select count(*)::int as stops,"
    "  (count(*) filter (where t.state = 'waiting'))::int as waiting,"
    "  coalesce(sum(t.called_g), 0)::bigint as called_g, (select coalesce(sum(l.grams), 0)::bigint"
    "   from supply.slip l join supply.collection_stop x on x.id = l.stop_id"
    "   where x.collection_id = c.id and l.state <> 'void') as weighed_g"
    "  from supply.collection_stop t where t.collection_id = c.id) s"
)


async def stops_of(tx: Tx, collection_id: UUID) -> list[StopView]:
    """The stops of a run in their order."""
    came = (
        select(func.coalesce(func.sum(SlipRow.grams), 0))
        .where(SlipRow.stop_id == StopRow.id, SlipRow.state != "void")
        .scalar_subquery()
    )
    rows = await tx.execute(
        select(
            StopRow.id,
            StopRow.collection_id,
            StopRow.place,
            StopRow.household_id,
            HouseholdRow.name.label("household"),
            HouseholdRow.no.label("household_no"),
            StopRow.village,
            StopRow.called_g,
            StopRow.planned_minute,
            StopRow.state,
            StopRow.why,
            came.label("weighed_g"),
        )
        .outerjoin(HouseholdRow, HouseholdRow.id == StopRow.household_id)
        .where(StopRow.collection_id == collection_id)
        .order_by(StopRow.place)
    )
    return [StopView(**{**row._mapping, "weighed_g": int(row.weighed_g)}) for row in rows]


async def hold(tx: Tx, org_id: UUID, collection_id: UUID) -> None:
    """The run and its stops follow one another until the end of the transaction."""
    await tx.execute(
        select(CollectionRow.id)
        .where(CollectionRow.org_id == org_id, CollectionRow.id == collection_id)
        .with_for_update(key_share=True)
    )


async def stop_of(tx: Tx, org_id: UUID, stop_id: UUID) -> UUID | None:
    """The collection run of a stop of the organization, or None."""
    return await tx.scalar(
        select(StopRow.collection_id)
        .join(CollectionRow, CollectionRow.id == StopRow.collection_id)
        .where(CollectionRow.org_id == org_id, StopRow.id == stop_id)
    )


async def state_of(tx: Tx, stop_id: UUID) -> str:
    """The state of a stop that is there."""
    found = await tx.scalar(select(StopRow.state).where(StopRow.id == stop_id))
    assert found is not None
    return found


async def add(tx: Tx, **values: Any) -> None:
    """Inserts a collection run."""
    await tx.execute(insert(CollectionRow).values(**values))


async def set_collection(tx: Tx, collection_id: UUID, **values: Any) -> None:
    """Updates a collection run; the caller holds it."""
    await tx.execute(
        update(CollectionRow).where(CollectionRow.id == collection_id).values(**values)
    )


async def add_stops(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Inserts stops."""
    if rows:
        await tx.execute(insert(StopRow), list(rows))


async def drop_stops(tx: Tx, collection_id: UUID) -> None:
    """Takes the stops off a run that has not begun."""
    await tx.execute(delete(StopRow).where(StopRow.collection_id == collection_id))


async def set_stop(tx: Tx, stop_id: UUID, state: str, why: str, at: datetime) -> None:
    """A stop goes on; the caller holds the run."""
    await tx.execute(
        update(StopRow).where(StopRow.id == stop_id).values(state=state, why=why, changed_at=at)
    )
