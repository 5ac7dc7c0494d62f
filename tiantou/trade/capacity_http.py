"""Routes of a shop's packing days: what it packs, what is promised, what is left."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from tiantou.core.db import Tx
from tiantou.core.http import Caller, InTx, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER, PACKER
from tiantou.trade import capacity, capacity_sql
from tiantou.trade.capacity import BOXES_MAX

routes = router("trade")

_READ = problems(SignInRequired, NotAllowed, NotFound)
_ACT = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)

Boxes = Annotated[int, Field(ge=0, le=BOXES_MAX)]


class CapacityIn(BaseModel):
    """Boxes by weekday from Monday on, 0 is closed; none: no limit. `cut_off_minute`: the minute of
    the day (Asia/Shanghai) from which an order counts for the next day, 1440 for never.
    """

    model_config = ConfigDict(extra="forbid")

    boxes: Annotated[list[Boxes], Field(min_length=7, max_length=7)] | None
    cut_off_minute: int = Field(default=1_440, ge=0, le=1_440)


class DayIn(BaseModel):
    """The boxes of one date; none takes the exception away."""

    model_config = ConfigDict(extra="forbid")

    boxes: Boxes | None


class PackingDay(BaseModel):
    """A day: boxes that the shop packs, promised ones, those that are left."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    boxes: int
    promised: int
    left: int
    exception: bool


class CapacityOut(BaseModel):
    """What the shop stated, and its next 14 days."""

    boxes: list[int] | None
    cut_off_minute: int
    days: list[PackingDay]


@routes.get("/api/orgs/{org}/capacity", responses=_READ)
async def get_capacity(org: UUID, tx: InTx, caller: Caller) -> CapacityOut:
    """What the shop packs on which days."""
    caller.must(org, MANAGER, PACKER)
    return await _shown(tx, org)


@routes.put("/api/orgs/{org}/capacity", responses=_ACT)
async def put_capacity(org: UUID, asked: CapacityIn, tx: InTx, caller: Caller) -> CapacityOut:
    """Another pattern; what was promised stays promised."""
    caller.must(org, MANAGER)
    await capacity.state(tx, caller, org, asked.boxes, asked.cut_off_minute)
    return await _shown(tx, org)


@routes.put("/api/orgs/{org}/capacity/{day}", responses=_ACT)
async def put_day(org: UUID, day: date, asked: DayIn, tx: InTx, caller: Caller) -> CapacityOut:
    """One date is otherwise."""
    caller.must(org, MANAGER)
    await capacity.state_day(tx, caller, org, day, asked.boxes)
    return await _shown(tx, org)


async def _shown(tx: Tx, org: UUID) -> CapacityOut:
    found = await capacity_sql.of_shop(tx, org)
    if found is None:
        return CapacityOut(boxes=None, cut_off_minute=1_440, days=[])
    ahead = await capacity.days(tx, org) if found.boxes is not None else []
    return CapacityOut(
        boxes=found.boxes,
        cut_off_minute=found.cut_off_minute,
        days=[PackingDay.model_validate(one) for one in ahead],
    )
