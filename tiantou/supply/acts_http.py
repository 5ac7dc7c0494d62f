"""Routes of what befalls lots: moves, scraps, held and released; and the walk up and down."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired, WrongStep
from tiantou.core.subject import MANAGER
from tiantou.kit import paging
from tiantou.supply import acts, lots_sql, moves_sql, trace_sql
from tiantou.supply.http import MINE, READERS, SCALE
from tiantou.supply.problems import LotNotOpen, LotShort
from tiantou.supply.runs_http import GRAMS_MAX
from tiantou.supply.views import LotView
from tiantou.supply.wire import FromView, Lot, LotRoot, lots_out, roots_out

routes = router("supply")

TREE_MAX = 2_000
_SCRAPS = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, LotNotOpen, LotShort)
_STEPS = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep)

Why = Annotated[str, Field(min_length=1, max_length=200), CLEAN]


class ScrapAsked(BaseModel):
    """Grams that leave a lot for good; of a packed lot whole boxes."""

    reason: Literal["spoil", "donate", "process", "destroy"]
    grams: int = Field(ge=1, le=GRAMS_MAX)
    note: Annotated[str, Field(max_length=200), CLEAN] = ""


class WhyAsked(BaseModel):
    """Why a step is taken."""

    reason: Why


class Move(FromView):
    """Grams into (positive) or out of a lot."""

    id: UUID
    delta_g: int
    reason: str
    ref: str
    note: str
    at: datetime


class Moves(BaseModel):
    """A page of moves."""

    items: list[Move]
    next: str | None


class LotStep(FromView):
    """A step of a lot; `ref` names the recall, if it was one."""

    event: str
    state: str
    why: str
    ref: str | None
    at: datetime


class Steps(BaseModel):
    """A lot's steps."""

    items: list[LotStep]


class EdgeOut(FromView):
    """Grams of a parent in a child."""

    parent_id: UUID
    child_id: UUID
    grams: int


class LotNode(BaseModel):
    """A lot of the tree."""

    id: UUID
    code: str
    kind: str
    state: str
    grade: str
    grams_in: int
    grams_left: int


class Tree(BaseModel):
    """What a lot was made of and what was made of it: lots, edges, and the roots by name."""

    lots: list[LotNode]
    edges: list[EdgeOut]
    roots: list[LotRoot]


@routes.get("/api/orgs/{org}/lots/{lot_id}/moves", responses=MINE)
async def list_moves(
    org: UUID,
    lot_id: UUID,
    tx: InTx,
    caller: Caller,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Moves:
    """A lot's moves, newest first; they sum to what it has left."""
    caller.must(org, *READERS)
    await _own(tx, org, lot_id)
    found = await moves_sql.moves_of(tx, lot_id, limit + 1, id_in(cursor))
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Moves(items=[Move.model_validate(one) for one in found[:limit]], next=more)


@routes.post("/api/orgs/{org}/lots/{lot_id}/moves", status_code=201, responses=_SCRAPS)
async def scrap_lot(org: UUID, lot_id: UUID, asked: ScrapAsked, tx: InTx, caller: Caller) -> Lot:
    """Grams are spoilt, given away, processed elsewhere or destroyed."""
    caller.must(org, *SCALE)
    lot = await acts.scrap(tx, caller, org, lot_id, asked.reason, asked.grams, asked.note)
    return (await lots_out(tx, [lot]))[0]


@routes.get("/api/orgs/{org}/lots/{lot_id}/steps", responses=MINE)
async def list_steps(org: UUID, lot_id: UUID, tx: InTx, caller: Caller) -> Steps:
    """When a lot was held, released or recalled, and why."""
    caller.must(org, *READERS)
    await _own(tx, org, lot_id)
    found = await moves_sql.steps_of(tx, lot_id)
    return Steps(items=[LotStep.model_validate(one) for one in found])


@routes.post("/api/orgs/{org}/lots/{lot_id}/hold", responses=_STEPS)
async def hold_lot(org: UUID, lot_id: UUID, asked: WhyAsked, tx: InTx, caller: Caller) -> Lot:
    """Nothing is taken from the lot until it is released."""
    caller.must(org, *SCALE)
    return (await lots_out(tx, [await acts.hold(tx, caller, org, lot_id, asked.reason)]))[0]


@routes.post("/api/orgs/{org}/lots/{lot_id}/release", responses=_STEPS)
async def release_lot(org: UUID, lot_id: UUID, asked: WhyAsked, tx: InTx, caller: Caller) -> Lot:
    """A held lot is open again."""
    caller.must(org, MANAGER)
    return (await lots_out(tx, [await acts.release(tx, caller, org, lot_id, asked.reason)]))[0]


@routes.get("/api/orgs/{org}/lots/{lot_id}/tree", responses=MINE)
async def show_tree(org: UUID, lot_id: UUID, tx: InTx, caller: Caller) -> Tree:
    """What a lot was made of, up to households and plots, and what was made of it."""
    caller.must(org, *READERS)
    await _own(tx, org, lot_id)
    near = {*await trace_sql.up(tx, [lot_id]), *await trace_sql.down(tx, [lot_id])}
    shown = sorted(near)[:TREE_MAX]
    lots = await lots_sql.lots(tx, shown)
    roots = await trace_sql.roots(tx, [lot_id])
    return Tree(
        lots=[
            LotNode(
                id=one.id,
                code=one.code,
                kind=one.kind,
                state=one.state,
                grade=one.grade,
                grams_in=one.grams_in,
                grams_left=one.grams_left,
            )
            for one in lots.values()
        ],
        edges=[EdgeOut.model_validate(one) for one in await trace_sql.edges_among(tx, shown)],
        roots=await roots_out(tx, roots),
    )


async def _own(tx: Tx, org: UUID, lot_id: UUID) -> LotView:
    found = await lots_sql.lot(tx, org, lot_id)
    if found is None:
        raise NotFound()
    return found
