"""Collection runs: a vehicle calls at households and villages, and weighs in what was called in."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.kit.machine import WrongState
from tiantou.supply import collections_sql as sql
from tiantou.supply import households_sql
from tiantou.supply.collections_sql import CollectionView, StopView
from tiantou.supply.growing.days import day_of
from tiantou.supply.lifecycle import COLLECTION, STOP
from tiantou.supply.problems import StopsLeft

STOPS_MAX = 100
CALLED_G_MAX = 100_000_000
AWAY_DAYS_MAX = 366


class StopIn(Struct, frozen=True, kw_only=True):
    """A stop: a household, or (None) a village. `planned_minute` counts from midnight in China."""

    household_id: UUID | None
    village: str
    called_g: int
    planned_minute: int | None


class CollectionIn(Struct, frozen=True, kw_only=True):
    """A collection run as planned. `driver` is a label that the crew knows."""

    day: date
    vehicle: str
    driver: str
    note: str
    stops: Sequence[StopIn]


async def plan(tx: Tx, who: Subject, org_id: UUID, asked: CollectionIn) -> CollectionView:
    """A planned run with the organization's next number. Raises InvalidFields."""
    _near(asked.day)
    collection_id = ids.uuid7()
    await sql.add(
        tx,
        id=collection_id,
        org_id=org_id,
        no=await households_sql.next_number(tx, org_id, "collection"),
        day=asked.day,
        vehicle=asked.vehicle,
        driver=asked.driver,
        note=asked.note,
        state=COLLECTION.init,
        made_by=who.person_id,
        made_at=clock.now(),
    )
    await _add_stops(tx, org_id, collection_id, asked.stops, 0)
    return await own(tx, org_id, collection_id)


async def change(tx: Tx, org_id: UUID, collection_id: UUID, asked: CollectionIn) -> CollectionView:
    """Another plan for a run that has not begun. Raises NotFound, InvalidFields, WrongState."""
    _near(asked.day)
    before = await _held(tx, org_id, collection_id)
    if before.state != COLLECTION.init:
        raise WrongState(COLLECTION.name, before.state, "change")
    await sql.set_collection(
        tx,
        collection_id,
        day=asked.day,
        vehicle=asked.vehicle,
        driver=asked.driver,
        note=asked.note,
    )
    await sql.drop_stops(tx, collection_id)
    await _add_stops(tx, org_id, collection_id, asked.stops, 0)
    return await own(tx, org_id, collection_id)


async def add_stop(tx: Tx, org_id: UUID, collection_id: UUID, asked: StopIn) -> CollectionView:
    """Somebody calls in on the way: one more stop, the last. Raises NotFound, WrongState."""
    run = await _held(tx, org_id, collection_id)
    if run.state in COLLECTION.terminal:
        raise WrongState(COLLECTION.name, run.state, "add_stop")
    await _add_stops(tx, org_id, collection_id, [asked], run.stops)
    return await own(tx, org_id, collection_id)


async def step(
    tx: Tx, who: Subject, org_id: UUID, collection_id: UUID, event: str
) -> CollectionView:
    """Started, finished, cancelled. Raises NotFound, WrongState, StopsLeft(stops)."""
    run = await _held(tx, org_id, collection_id)
    state = COLLECTION.after(run.state, event)
    if event == "finish" and run.waiting:
        raise StopsLeft(stops=run.waiting)
    await sql.set_collection(tx, collection_id, state=state)
    before, after = {"state": run.state}, {"state": state, "weighed_g": run.weighed_g}
    await audit.write(
        tx, who, f"supply.collection-{event}", f"collection:{collection_id}", before, after
    )
    return await own(tx, org_id, collection_id)


async def step_stop(
    tx: Tx, org_id: UUID, collection_id: UUID, stop_id: UUID, event: str, why: str = ""
) -> CollectionView:
    """A stop is skipped, or called at again, while its run is open. Raises NotFound, WrongState."""
    run = await _held(tx, org_id, collection_id)
    if await sql.stop_of(tx, org_id, stop_id) != collection_id:
        raise NotFound()
    if run.state in COLLECTION.terminal:
        raise WrongState(COLLECTION.name, run.state, event)
    state = STOP.after(await sql.state_of(tx, stop_id), event)
    await sql.set_stop(tx, stop_id, state, why, clock.now())
    return await own(tx, org_id, collection_id)


async def own(tx: Tx, org_id: UUID, collection_id: UUID) -> CollectionView:
    """A collection run of the organization. Raises NotFound."""
    found = await sql.collection(tx, org_id, collection_id)
    if found is None:
        raise NotFound()
    return found


async def must_be_called_at(tx: Tx, org_id: UUID, stop_id: UUID, household_id: UUID) -> None:
    """Raises InvalidFields(stop_id) unless the stop is that household's or a village's, on its way.

    The run is held, so that it is not finished in between.
    """
    collection_id = await sql.stop_of(tx, org_id, stop_id)
    if collection_id is None:
        raise InvalidFields.one("stop_id", "unknown")
    run = await _held(tx, org_id, collection_id)
    if run.state != "under_way":
        raise InvalidFields.one("stop_id", "not-under-way", state=run.state)
    stop = await _stop(tx, collection_id, stop_id)
    if stop.household_id not in {None, household_id}:
        raise InvalidFields.one("stop_id", "another-household")


async def weighed(tx: Tx, stop_id: UUID) -> None:
    """Something was weighed in at a stop whose run is held."""
    before = await sql.state_of(tx, stop_id)
    if STOP.can(before, "weigh_in"):
        await sql.set_stop(tx, stop_id, STOP.after(before, "weigh_in"), "", clock.now())


def may(state: str) -> list[str]:
    """What a person may do with a run in a state."""
    return [event for event in ("start", "finish", "cancel") if COLLECTION.can(state, event)]


async def _held(tx: Tx, org_id: UUID, collection_id: UUID) -> CollectionView:
    await sql.hold(tx, org_id, collection_id)
    return await own(tx, org_id, collection_id)


async def _stop(tx: Tx, collection_id: UUID, stop_id: UUID) -> StopView:
    return next(one for one in await sql.stops_of(tx, collection_id) if one.id == stop_id)


async def _add_stops(
    tx: Tx, org_id: UUID, collection_id: UUID, stops: Sequence[StopIn], after: int
) -> None:
    """Raises InvalidFields."""
    if after + len(stops) > STOPS_MAX:
        raise InvalidFields.one("stops", "length", max=STOPS_MAX)
    homes = await households_sql.households(
        tx, (one.household_id for one in stops if one.household_id)
    )
    rows, at = [], clock.now()
    for place, one in enumerate(stops):
        home = homes.get(one.household_id) if one.household_id else None
        if one.household_id and (home is None or home.org_id != org_id):
            raise InvalidFields.one(f"stops.{place}.household_id", "unknown")
        village = one.village or (home.village if home else "")
        if not village:
            raise InvalidFields.one(f"stops.{place}.village", "required")
        row = {
            "id": ids.uuid7(),
            "collection_id": collection_id,
            "place": after + place + 1,
            "household_id": one.household_id,
            "village": village,
            "called_g": one.called_g,
            "planned_minute": one.planned_minute,
            "state": STOP.init,
            "why": "",
            "changed_at": at,
        }
        rows.append(row)
    await sql.add_stops(tx, rows)


def _near(day: date) -> None:
    """Raises InvalidFields."""
    if abs(day - day_of(clock.now())) > timedelta(days=AWAY_DAYS_MAX):
        raise InvalidFields.one("day", "range", max_days=AWAY_DAYS_MAX)
