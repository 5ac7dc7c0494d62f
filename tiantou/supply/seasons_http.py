"""Routes of seasons: what is expected of a plot, what was used on it, what came in."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from tiantou.catalog import face as catalog
from tiantou.catalog.face import Variety
from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, REASON, id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired, WrongStep
from tiantou.core.subject import MANAGER
from tiantou.kit import paging
from tiantou.supply import inputs, inputs_sql, seasons, seasons_sql
from tiantou.supply.http import MINE, SCALE
from tiantou.supply.inputs import WITHHOLD_DAYS_MAX, InputIn
from tiantou.supply.lifecycle import SEASON
from tiantou.supply.problems import AboveCeiling
from tiantou.supply.seasons import EXPECTED_G_MAX, SeasonIn
from tiantou.supply.seasons_sql import OPEN, SeasonView
from tiantou.supply.wire import FromView

routes = router("supply")

_PLANS = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, AboveCeiling)
_STEPS = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep)
_STATES = {"open": OPEN, "ended": tuple(SEASON.terminal)}

Note = Annotated[str, Field(max_length=200), CLEAN]
Short = Annotated[str, Field(max_length=60), CLEAN]


class Expected(BaseModel):
    """What is expected: grams, harvested on these days (Asia/Shanghai), both included."""

    planted_on: date | None = None
    expected_g: int = Field(ge=1, le=EXPECTED_G_MAX)
    expected_from: date
    expected_until: date
    note: Note = ""

    def said(self) -> SeasonIn:
        """As the use case takes it."""
        return SeasonIn(
            planted_on=self.planted_on,
            expected_g=self.expected_g,
            expected_from=self.expected_from,
            expected_until=self.expected_until,
            note=self.note,
        )


class SeasonAsked(Expected):
    """A season of a variety on a plot as planned."""

    plot_id: UUID
    variety_id: UUID


class SeasonWhy(BaseModel):
    """Why; only for giving a season up it must be said."""

    reason: Note = ""


class PlotSeason(BaseModel):
    """A season with what came in of it. `may`: what its state allows a person to do with it."""

    id: UUID
    plot_id: UUID
    plot: str
    area_m2: int
    household_id: UUID
    household: str
    village: str
    variety: Variety
    state: str
    planted_on: date | None
    expected_g: int
    expected_from: date
    expected_until: date
    harvested_g: int
    note: str
    may: list[str]


class PlotSeasons(BaseModel):
    """A page of seasons."""

    items: list[PlotSeason]
    next: str | None


class SeasonStepOut(FromView):
    """A step of a season."""

    event: str
    state: str
    why: str
    at: datetime


class InputBody(BaseModel):
    """What was used. `withhold_days`: so many days after `used_on` nothing may be harvested."""

    kind: Literal["fertiliser", "pesticide", "regulator", "other"]
    product: Annotated[str, Field(min_length=1, max_length=60), CLEAN]
    registration_no: Annotated[str, Field(max_length=40), CLEAN] = ""
    dose: Annotated[str, Field(min_length=1, max_length=60), CLEAN]
    purpose: Short = ""
    used_on: date
    withhold_days: int = Field(ge=0, le=WITHHOLD_DAYS_MAX)

    def said(self) -> InputIn:
        """As the use case takes it."""
        return InputIn(**self.model_dump())


class Correction(BaseModel):
    """What stands in place of a record, and why; without `input` nothing was used."""

    input: InputBody | None = None
    reason: REASON


class InputUse(FromView):
    """A record of what was used; `corrected_by` names the record in its place."""

    id: UUID
    kind: str
    product: str
    registration_no: str
    dose: str
    purpose: str
    used_on: date
    withhold_days: int
    corrects: UUID | None
    corrected_by: UUID | None
    withdrawn: bool
    why: str
    at: datetime


class InputUses(BaseModel):
    """Every record of a season, the last used first, corrected ones too."""

    items: list[InputUse]


class SeasonWhole(PlotSeason):
    """A season with its steps and the records of what was used."""

    steps: list[SeasonStepOut]
    inputs: list[InputUse]


@routes.get("/api/orgs/{org}/seasons", responses=MINE)
async def list_seasons(
    org: UUID,
    tx: InTx,
    caller: Caller,
    state: Annotated[
        Literal["open", "ended", "planned", "growing", "harvesting", "closed", "abandoned"], Query()
    ] = "open",
    plot_id: Annotated[UUID | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> PlotSeasons:
    """The organization's seasons, newest first: open ones, ended ones, or those of one state."""
    caller.must(org, *SCALE)
    states = _STATES.get(state, (state,))
    found = await seasons_sql.seasons_of(tx, org, states, limit + 1, id_in(cursor), plot_id)
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return PlotSeasons(items=await _out(tx, found[:limit]), next=more)


@routes.post("/api/orgs/{org}/seasons", status_code=201, responses=_PLANS)
async def plan_season(org: UUID, asked: SeasonAsked, tx: InTx, caller: Caller) -> PlotSeason:
    """Plans a season; never more than the plot bears of the variety in a year."""
    caller.must(org, *SCALE)
    made = await seasons.plan(tx, caller, org, asked.plot_id, asked.variety_id, asked.said())
    return (await _out(tx, [made]))[0]


@routes.get("/api/orgs/{org}/seasons/{season_id}", responses=MINE)
async def get_season(org: UUID, season_id: UUID, tx: InTx, caller: Caller) -> SeasonWhole:
    """A season with its steps and the records of what was used."""
    caller.must(org, *SCALE)
    found = await seasons.own(tx, org, season_id)
    shown = (await _out(tx, [found]))[0]
    steps = await seasons_sql.steps_of(tx, season_id)
    used = await inputs_sql.of_season(tx, season_id)
    return SeasonWhole(
        **shown.model_dump(),
        steps=[SeasonStepOut.model_validate(one) for one in steps],
        inputs=[InputUse.model_validate(one) for one in used],
    )


@routes.put("/api/orgs/{org}/seasons/{season_id}", responses=_PLANS)
async def change_season(
    org: UUID, season_id: UUID, asked: Expected, tx: InTx, caller: Caller
) -> PlotSeason:
    """An open season expects something else."""
    caller.must(org, *SCALE)
    return (await _out(tx, [await seasons.change(tx, caller, org, season_id, asked.said())]))[0]


@routes.post("/api/orgs/{org}/seasons/{season_id}/plant", responses=_STEPS)
async def plant(org: UUID, season_id: UUID, tx: InTx, caller: Caller) -> PlotSeason:
    """It is planted, or it sprouts again: it grows."""
    return await _step(tx, caller, org, season_id, "plant")


@routes.post("/api/orgs/{org}/seasons/{season_id}/harvest", responses=_STEPS)
async def begin_harvest(org: UUID, season_id: UUID, tx: InTx, caller: Caller) -> PlotSeason:
    """The harvest begins; the first weigh-in says so too."""
    return await _step(tx, caller, org, season_id, "harvest")


@routes.post("/api/orgs/{org}/seasons/{season_id}/close", responses=_STEPS)
async def close_season(
    org: UUID, season_id: UUID, asked: SeasonWhy, tx: InTx, caller: Caller
) -> PlotSeason:
    """All is harvested; nothing is weighed in of it any more."""
    return await _step(tx, caller, org, season_id, "close", asked.reason)


@routes.post("/api/orgs/{org}/seasons/{season_id}/abandon", responses=_STEPS)
async def abandon_season(
    org: UUID, season_id: UUID, asked: SeasonWhy, tx: InTx, caller: Caller
) -> PlotSeason:
    """Nothing will be harvested: hail, frost, another crop. Why must be said."""
    if len(asked.reason) < 2:
        raise InvalidFields.one("reason", "length", min=2)
    return await _step(tx, caller, org, season_id, "abandon", asked.reason)


@routes.post("/api/orgs/{org}/seasons/{season_id}/inputs", status_code=201, responses=MINE)
async def record_input(
    org: UUID, season_id: UUID, asked: InputBody, tx: InTx, caller: Caller
) -> InputUses:
    """Writes down what was used; what was harvested within its period already is held."""
    caller.must(org, *SCALE)
    found = await inputs.record(tx, caller, org, season_id, asked.said())
    return InputUses(items=[InputUse.model_validate(one) for one in found])


@routes.post(
    "/api/orgs/{org}/seasons/{season_id}/inputs/{input_id}/correct",
    status_code=201,
    responses=MINE,
)
async def correct_input(
    org: UUID, season_id: UUID, input_id: UUID, asked: Correction, tx: InTx, caller: Caller
) -> InputUses:
    """A new record in place of a wrong one, which stays readable; held lots stay held."""
    caller.must(org, MANAGER)
    said = asked.input.said() if asked.input else None
    found = await inputs.correct(tx, caller, org, season_id, input_id, said, asked.reason)
    return InputUses(items=[InputUse.model_validate(one) for one in found])


async def _step(
    tx: Tx, caller: Caller, org: UUID, season_id: UUID, event: str, why: str = ""
) -> PlotSeason:
    caller.must(org, *SCALE)
    return (await _out(tx, [await seasons.step(tx, caller, org, season_id, event, why)]))[0]


async def _out(tx: Tx, found: Sequence[SeasonView]) -> list[PlotSeason]:
    kinds = await catalog.varieties(tx, {one.variety_id for one in found})
    return [
        PlotSeason(
            id=one.id,
            plot_id=one.plot_id,
            plot=one.plot,
            area_m2=one.area_m2,
            household_id=one.household_id,
            household=one.household,
            village=one.village,
            variety=Variety.model_validate(kinds[one.variety_id]),
            state=one.state,
            planted_on=one.planted_on,
            expected_g=one.expected_g,
            expected_from=one.expected_from,
            expected_until=one.expected_until,
            harvested_g=one.harvested_g,
            note=one.note,
            may=list(seasons.may(one.state)),
        )
        for one in found
    ]
