"""Routes of collection runs: planned, driven, and what was called in beside what came in."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, REASON, id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired, WrongStep
from tiantou.kit import paging
from tiantou.supply import collecting, collections_sql
from tiantou.supply.collecting import CALLED_G_MAX, STOPS_MAX, CollectionIn, StopIn
from tiantou.supply.collections_sql import CollectionView
from tiantou.supply.http import MINE, SCALE
from tiantou.supply.problems import StopsLeft
from tiantou.supply.wire import FromView

routes = router("supply")

_STEPS = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep)
_ENDS = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep, StopsLeft)

Label = Annotated[str, Field(max_length=20), CLEAN]


class StopAsked(BaseModel):
    """A stop: a household or a village. `planned_minute` counts from midnight in China."""

    household_id: UUID | None = None
    village: Annotated[str, Field(max_length=60), CLEAN] = ""
    called_g: int = Field(default=0, ge=0, le=CALLED_G_MAX)
    planned_minute: Annotated[int, Field(ge=0, le=1439)] | None = None

    def said(self) -> StopIn:
        """As the use case takes it."""
        return StopIn(**self.model_dump())


class CollectionAsked(BaseModel):
    """A collection run as planned, its stops in order."""

    day: date
    vehicle: Annotated[str, Field(min_length=1, max_length=20), CLEAN]
    driver: Label = ""
    note: Annotated[str, Field(max_length=200), CLEAN] = ""
    stops: list[StopAsked] = Field(max_length=STOPS_MAX)

    def said(self) -> CollectionIn:
        """As the use case takes it."""
        return CollectionIn(
            day=self.day,
            vehicle=self.vehicle,
            driver=self.driver,
            note=self.note,
            stops=[one.said() for one in self.stops],
        )


class SkipAsked(BaseModel):
    """Why nothing was taken in at a stop."""

    reason: REASON


class CollectionStop(FromView):
    """A stop with what was called in and what came in, in grams."""

    id: UUID
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


class Collection(FromView):
    """A collection run. `may`: what its state allows a person to do with it."""

    id: UUID
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
    may: list[str] = []

    @classmethod
    def of(cls, one: CollectionView) -> "Collection":
        """The run as shown."""
        made = cls.model_validate(one)
        made.may = collecting.may(one.state)
        return made


class CollectionWhole(Collection):
    """A collection run with its stops in order."""

    items: list[CollectionStop] = []


class Collections(BaseModel):
    """A page of collection runs."""

    items: list[Collection]
    next: str | None


@routes.get("/api/orgs/{org}/collections", responses=MINE)
async def list_collections(
    org: UUID, tx: InTx, caller: Caller, cursor: Cursor = None, limit: Limit = paging.LIMIT_DEFAULT
) -> Collections:
    """The organization's collection runs, newest first."""
    caller.must(org, *SCALE)
    found = await collections_sql.collections_of(tx, org, limit + 1, id_in(cursor))
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Collections(items=[Collection.of(one) for one in found[:limit]], next=more)


@routes.post("/api/orgs/{org}/collections", status_code=201, responses=MINE)
async def plan_collection(
    org: UUID, asked: CollectionAsked, tx: InTx, caller: Caller
) -> CollectionWhole:
    """Plans a run: the vehicle, its day, and the stops in order."""
    caller.must(org, *SCALE)
    return await _whole(tx, await collecting.plan(tx, caller, org, asked.said()))


@routes.get("/api/orgs/{org}/collections/{collection_id}", responses=MINE)
async def get_collection(
    org: UUID, collection_id: UUID, tx: InTx, caller: Caller
) -> CollectionWhole:
    """A run with its stops: called in beside weighed in."""
    caller.must(org, *SCALE)
    return await _whole(tx, await collecting.own(tx, org, collection_id))


@routes.put("/api/orgs/{org}/collections/{collection_id}", responses=_STEPS)
async def change_collection(
    org: UUID, collection_id: UUID, asked: CollectionAsked, tx: InTx, caller: Caller
) -> CollectionWhole:
    """Another plan for a run that has not begun."""
    caller.must(org, *SCALE)
    return await _whole(tx, await collecting.change(tx, org, collection_id, asked.said()))


@routes.post("/api/orgs/{org}/collections/{collection_id}/start", responses=_STEPS)
async def start_collection(
    org: UUID, collection_id: UUID, tx: InTx, caller: Caller
) -> CollectionWhole:
    """The vehicle sets out."""
    caller.must(org, *SCALE)
    return await _whole(tx, await collecting.step(tx, caller, org, collection_id, "start"))


@routes.post("/api/orgs/{org}/collections/{collection_id}/finish", responses=_ENDS)
async def finish_collection(
    org: UUID, collection_id: UUID, tx: InTx, caller: Caller
) -> CollectionWhole:
    """Every stop was called at or skipped; nothing is weighed in from the run any more."""
    caller.must(org, *SCALE)
    return await _whole(tx, await collecting.step(tx, caller, org, collection_id, "finish"))


@routes.post("/api/orgs/{org}/collections/{collection_id}/cancel", responses=_STEPS)
async def cancel_collection(
    org: UUID, collection_id: UUID, tx: InTx, caller: Caller
) -> CollectionWhole:
    """The run is given up; what came in from it stays."""
    caller.must(org, *SCALE)
    return await _whole(tx, await collecting.step(tx, caller, org, collection_id, "cancel"))


@routes.post("/api/orgs/{org}/collections/{collection_id}/stops", status_code=201, responses=_STEPS)
async def add_stop(
    org: UUID, collection_id: UUID, asked: StopAsked, tx: InTx, caller: Caller
) -> CollectionWhole:
    """Somebody calls in: one more stop, the last."""
    caller.must(org, *SCALE)
    return await _whole(tx, await collecting.add_stop(tx, org, collection_id, asked.said()))


@routes.post("/api/orgs/{org}/collections/{collection_id}/stops/{stop_id}/skip", responses=_STEPS)
async def skip_stop(
    org: UUID, collection_id: UUID, stop_id: UUID, asked: SkipAsked, tx: InTx, caller: Caller
) -> CollectionWhole:
    """Nothing was taken in at the stop, and why."""
    caller.must(org, *SCALE)
    run = await collecting.step_stop(tx, org, collection_id, stop_id, "skip", asked.reason)
    return await _whole(tx, run)


@routes.post(
    "/api/orgs/{org}/collections/{collection_id}/stops/{stop_id}/call-again", responses=_STEPS
)
async def call_again(
    org: UUID, collection_id: UUID, stop_id: UUID, tx: InTx, caller: Caller
) -> CollectionWhole:
    """A stop that was skipped is called at after all."""
    caller.must(org, *SCALE)
    return await _whole(
        tx, await collecting.step_stop(tx, org, collection_id, stop_id, "call_again")
    )


async def _whole(tx: Tx, run: CollectionView) -> CollectionWhole:
    stops = await collections_sql.stops_of(tx, run.id)
    return CollectionWhole(
        **Collection.of(run).model_dump(),
        items=[CollectionStop.model_validate(one) for one in stops],
    )
