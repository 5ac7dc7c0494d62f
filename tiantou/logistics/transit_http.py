"""Routes of a shop's times of transit."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.core.http import Caller, InTx, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER
from tiantou.logistics import transit
from tiantou.logistics.transit import DAYS_MAX, HOURS_MAX, STATED_MAX
from tiantou.logistics.views import TransitView

routes = router("logistics")

_MINE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)
Prefix = Annotated[str, Field(pattern=r"^[1-9][0-9]([0-9]{2}){0,2}$")]


class WayTo(BaseModel):
    """The days on the way to a place; the longest prefix counts."""

    prefix: Prefix
    days: int = Field(ge=1, le=DAYS_MAX)


class VarietyBears(BaseModel):
    """The hours on the way that a variety bears."""

    variety_id: UUID
    max_hours: int = Field(ge=1, le=HOURS_MAX)


class Transit(BaseModel):
    """Days by place, where they differ from the promised ones, and hours by variety."""

    days: list[WayTo] = Field(max_length=STATED_MAX)
    limits: list[VarietyBears] = Field(max_length=STATED_MAX)


@routes.get("/api/orgs/{org}/transit", responses=_MINE)
async def get_transit(org: UUID, tx: InTx, caller: Caller) -> Transit:
    """A shop's times of transit; nothing stated, nothing limited."""
    caller.must(org)
    return _shown(await transit.transit_of(tx, org))


@routes.put("/api/orgs/{org}/transit", responses=_MINE)
async def set_transit(org: UUID, asked: Transit, tx: InTx, caller: Caller) -> Transit:
    """Sets them for orders from now on."""
    caller.must(org, MANAGER)
    wanted = TransitView(
        days={one.prefix: one.days for one in asked.days},
        limits={one.variety_id: one.max_hours for one in asked.limits},
    )
    return _shown(await transit.set_transit(tx, org, wanted))


def _shown(found: TransitView) -> Transit:
    return Transit(
        days=[WayTo(prefix=prefix, days=days) for prefix, days in found.days.items()],
        limits=[
            VarietyBears(variety_id=one, max_hours=hours) for one, hours in found.limits.items()
        ],
    )
