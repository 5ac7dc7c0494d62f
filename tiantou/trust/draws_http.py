"""Routes of drawn samples: for the organization and for the operator's desk."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse

from tiantou.accounts import face as accounts
from tiantou.core.db import Tx
from tiantou.core.fields import id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, Operator, WithFiles, problems, router
from tiantou.core.problems import (
    AlreadyThere,
    InvalidFields,
    NotAllowed,
    NotFound,
    SignInRequired,
)
from tiantou.core.subject import MANAGER, PACKER, STATION
from tiantou.kit import paging
from tiantou.supply import face as supply
from tiantou.supply.face import Inspection, InspectionAsked
from tiantou.trust import draws, draws_sql
from tiantou.trust.draws import DRAWN_MAX, DrawIn
from tiantou.trust.draws_sql import DrawView

routes = router("trust")

_READ = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)
_ENTER = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, AlreadyThere)
_ORG, _DESK = "/api/orgs/{org}/draws", "/api/desk/draws"


class DrawAsked(BaseModel):
    """So many boxes of a lot; or boxes, slips or lots of a day (Asia/Shanghai)."""

    what: Literal["boxes", "slips", "lots"] = "boxes"
    lot_id: UUID | None = None
    day: date | None = None
    n: int = Field(ge=1, le=DRAWN_MAX)


class DeskDrawAsked(DrawAsked):
    """The same, of an organization."""

    org_id: UUID


class Draw(BaseModel):
    """A drawn sample. `link`: of the chain of traces, in hex; `results`: how many are entered.

    `seed` is SHA-256 of link and number (8 bytes, big end first); drawn are the `n` codes with the
    least SHA-256 of "seed:code".
    """

    id: UUID
    org_id: UUID
    org_name: str
    no: int
    what: str
    lot_id: UUID | None
    lot_code: str | None
    day: date | None
    n: int
    link: str
    seed: str
    population: int
    population_sha256: str
    by_operator: bool
    made_by: str
    at: datetime
    results: int


class Draws(BaseModel):
    """A page of draws."""

    items: list[Draw]
    next: str | None


class Drawn(BaseModel):
    """One that was drawn, and its result if it is entered."""

    code: str
    lot_id: UUID
    lot_code: str
    result: Inspection | None


class DrawFile(BaseModel):
    """A draw with all that was drawn."""

    draw: Draw
    drawn: list[Drawn]


class ResultAsked(InspectionAsked):
    """The result of one that was drawn."""

    code: Annotated[str, Field(min_length=2, max_length=20)]


@routes.get(_ORG, responses=_READ)
async def list_draws(
    org: UUID, tx: InTx, caller: Caller, cursor: Cursor = None, limit: Limit = paging.LIMIT_DEFAULT
) -> Draws:
    """The organization's drawn samples, newest first; numbers have no gap."""
    caller.must(org, MANAGER, STATION, PACKER)
    return await _page(tx, org, cursor, limit)


@routes.post(_ORG, status_code=201, responses=_READ)
async def make_draw(org: UUID, asked: DrawAsked, tx: InTx, caller: Caller) -> DrawFile:
    """Draws a sample; it stays as it was drawn."""
    caller.must(org, MANAGER, STATION)
    made = await draws.make(tx, caller, org, DrawIn(**asked.model_dump()), by_operator=False)
    return await _file(tx, made)


@routes.get(_ORG + "/{draw_id}", responses=_READ)
async def get_draw(org: UUID, draw_id: UUID, tx: InTx, caller: Caller) -> DrawFile:
    """A draw with its results."""
    caller.must(org, MANAGER, STATION, PACKER)
    return await _file(tx, await draws.one_of(tx, org, draw_id))


@routes.get(_ORG + "/{draw_id}/population", response_class=PlainTextResponse, responses=_READ)
async def draw_population(org: UUID, draw_id: UUID, tx: InTx, caller: Caller) -> PlainTextResponse:
    """All codes that it was drawn from, one a line: with the seed, anybody draws it again."""
    caller.must(org, MANAGER, STATION, PACKER)
    found = await draws.one_of(tx, org, draw_id)
    return PlainTextResponse(await draws_sql.codes(tx, found.id))


@routes.post(_ORG + "/{draw_id}/results", status_code=201, responses=_ENTER)
async def enter_result(
    org: UUID, draw_id: UUID, asked: ResultAsked, tx: InTx, caller: Caller, files: WithFiles
) -> DrawFile:
    """The result of one that was drawn; entered once, and a failure holds as any test does."""
    caller.must(org, MANAGER, STATION)
    await _known(tx, files, asked)
    await draws.enter(tx, caller, org, draw_id, asked.code.strip().upper(), asked)
    return await _file(tx, await draws.one_of(tx, org, draw_id))


@routes.get(_DESK, responses=_READ)
async def desk_draws(
    tx: InTx, _: Operator, cursor: Cursor = None, limit: Limit = paging.LIMIT_DEFAULT
) -> Draws:
    """Every organization's draws, newest first."""
    return await _page(tx, None, cursor, limit)


@routes.post(_DESK, status_code=201, responses=_READ)
async def desk_draw(asked: DeskDrawAsked, tx: InTx, operator: Operator) -> DrawFile:
    """The operator's inspector draws a sample of an organization."""
    if await accounts.org(tx, asked.org_id) is None:
        raise InvalidFields.one("org_id", "unknown")
    wanted = DrawIn(**asked.model_dump(exclude={"org_id"}))
    return await _file(tx, await draws.make(tx, operator, asked.org_id, wanted, by_operator=True))


@routes.get(_DESK + "/{draw_id}", responses=_READ)
async def desk_draw_file(draw_id: UUID, tx: InTx, _: Operator) -> DrawFile:
    """A draw with its results."""
    return await _file(tx, await draws.one_of(tx, None, draw_id))


@routes.post(_DESK + "/{draw_id}/results", status_code=201, responses=_ENTER)
async def desk_result(
    draw_id: UUID, asked: ResultAsked, tx: InTx, operator: Operator, files: WithFiles
) -> DrawFile:
    """What the operator's inspector found of one that was drawn."""
    await _known(tx, files, asked)
    await draws.enter(tx, operator, None, draw_id, asked.code.strip().upper(), asked)
    return await _file(tx, await draws.one_of(tx, None, draw_id))


async def _known(tx: Tx, files: WithFiles, asked: ResultAsked) -> None:
    if asked.report is not None and not await files.known(tx, asked.report):
        raise InvalidFields.one("report", "unknown")


async def _page(tx: Tx, org: UUID | None, cursor: str | None, limit: int) -> Draws:
    found = await draws_sql.draws(tx, org, limit + 1, id_in(cursor))
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Draws(items=await _out(tx, found[:limit]), next=more)


async def _file(tx: Tx, found: DrawView) -> DrawFile:
    drawn = await draws_sql.drawn(tx, found.id)
    lots = await supply.lots(tx, {lot_id for _, lot_id in drawn})
    entered = await supply.inspections_of_draw(tx, found.id)
    results = {
        one.drawn_code: shown
        for one, shown in zip(entered, await supply.inspections_out(tx, entered), strict=True)
    }
    return DrawFile(
        draw=(await _out(tx, [found]))[0],
        drawn=[
            Drawn(code=code, lot_id=lot_id, lot_code=lots[lot_id].code, result=results.get(code))
            for code, lot_id in drawn
        ],
    )


async def _out(tx: Tx, found: list[DrawView]) -> list[Draw]:
    orgs = await accounts.orgs(tx, {one.org_id for one in found})
    people = await accounts.people(tx, {one.made_by for one in found})
    lots = await supply.lots(tx, {one.lot_id for one in found if one.lot_id})
    counts = await supply.results_of_draws(tx, [one.id for one in found])
    same = (
        *("id", "org_id", "no", "what", "lot_id", "day", "n", "seed", "population"),
        *("population_sha256", "by_operator", "at"),
    )
    return [
        Draw(
            **{name: getattr(one, name) for name in same},
            org_name=orgs[one.org_id].name if one.org_id in orgs else "",
            lot_code=lots[one.lot_id].code if one.lot_id else None,
            link=one.link.hex(),
            made_by=people[one.made_by].nickname if one.made_by in people else "",
            results=counts.get(one.id, 0),
        )
        for one in found
    ]
