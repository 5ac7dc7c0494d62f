"""Routes of runs that mix lots or name one anew."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, REASON
from tiantou.core.http import Caller, InTx, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.supply import mixing, trace_sql
from tiantou.supply.http import SCALE
from tiantou.supply.mixing import Mixed
from tiantou.supply.problems import GradeDiffers, LotNotOpen, LotShort
from tiantou.supply.runs import PARENTS_MAX
from tiantou.supply.runs_http import GRAMS_MAX, ReachOut, Taken, grams_of

routes = router("supply")

_MIXES = problems(
    SignInRequired, NotAllowed, NotFound, InvalidFields, GradeDiffers, LotNotOpen, LotShort
)


class MixAsked(BaseModel):
    """Lots that become one, so many grams of each."""

    lots: list[Taken] = Field(min_length=2, max_length=PARENTS_MAX)
    note: Annotated[str, Field(max_length=200), CLEAN] = ""


class RelabelAsked(BaseModel):
    """A lot that gets a new code, and why: of the same grade or of a lower one."""

    lot_id: UUID
    grams: int = Field(ge=1, le=GRAMS_MAX)
    grade: Annotated[str, Field(min_length=1, max_length=20), CLEAN]
    reason: REASON


class MixedLot(BaseModel):
    """The lot that a run made: what it mixes, and how far a recall of its roots would go."""

    run_id: UUID
    lot_id: UUID
    code: str
    grade: str
    grams: int
    grams_left: int
    reach: ReachOut


@routes.post("/api/orgs/{org}/runs/mix", status_code=201, responses=_MIXES)
async def mix_lots(org: UUID, asked: MixAsked, tx: InTx, caller: Caller) -> MixedLot:
    """Several lots become one; its roots stay visible, every gram stands on an edge."""
    caller.must(org, *SCALE)
    return await _out(tx, await mixing.mix(tx, caller, org, grams_of(asked.lots), asked.note))


@routes.post("/api/orgs/{org}/runs/relabel", status_code=201, responses=_MIXES)
async def relabel_lot(org: UUID, asked: RelabelAsked, tx: InTx, caller: Caller) -> MixedLot:
    """A lot gets a new code, of the same grade or a lower one; its mass is kept."""
    caller.must(org, *SCALE)
    made = await mixing.relabel(
        tx, caller, org, asked.lot_id, asked.grams, asked.grade, asked.reason
    )
    return await _out(tx, made)


async def _out(tx: Tx, made: Mixed) -> MixedLot:
    reach = await trace_sql.reach(tx, [made.lot_id])
    return MixedLot(
        run_id=made.run_id,
        lot_id=made.lot_id,
        code=made.code,
        grade=made.grade,
        grams=made.grams,
        grams_left=made.grams_left,
        reach=ReachOut.model_validate(reach),
    )
