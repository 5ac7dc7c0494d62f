"""Routes of disruptions: a shop's own, and the operator's for everybody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tiantou.core.db import Tx
from tiantou.core.fields import REASON
from tiantou.core.http import Caller, InTx, Operator, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired, WrongStep
from tiantou.core.subject import MANAGER
from tiantou.kit import clock
from tiantou.logistics import face as logistics
from tiantou.trade import disruptions, disruptions_sql
from tiantou.trade.http import Empty

routes = router("trade")

SHOWN_MAX = 100
_READ = problems(SignInRequired, NotAllowed, NotFound)
_STATE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)
_END = problems(SignInRequired, NotAllowed, NotFound, WrongStep)

Prefix = Annotated[str, Field(pattern=r"^[1-9][0-9]([0-9]{2}){0,2}$")]
Places = Annotated[list[Prefix], Field(max_length=logistics.PLACES_MAX)]


class DisruptionIn(BaseModel):
    """Nothing is picked up in `pick_up` for `deliver`: prefixes of division codes, one of the two
    may be empty and is everywhere then. `from_at` none is now; at most 30 days.
    """

    model_config = ConfigDict(extra="forbid")

    pick_up: Places = []
    deliver: Places = []
    from_at: AwareDatetime | None = None
    until_at: AwareDatetime
    reason: REASON


class Place(BaseModel):
    """A place by its prefix."""

    prefix: str
    name: str


class Disruption(BaseModel):
    """A disruption. `orders`: how many promises it moved; `org_id` none: the operator's.

    `state`: coming, on, over.
    """

    id: UUID
    org_id: UUID | None
    pick_up: list[Place]
    deliver: list[Place]
    from_at: datetime
    until_at: datetime
    ended_at: datetime | None
    stated_at: datetime
    reason: str
    state: str
    orders: int


class Disruptions(BaseModel):
    """Disruptions, latest first, at most 100."""

    items: list[Disruption]
    next: str | None = None


@routes.get("/api/orgs/{org}/disruptions", responses=_READ)
async def shop_disruptions(org: UUID, tx: InTx, caller: Caller) -> Disruptions:
    """What the shop stated, and what the operator stated for all; `orders` are the shop's."""
    caller.must(org)
    found = await logistics.disruptions(tx, org, SHOWN_MAX)
    return Disruptions(items=await _shown(tx, found, org))


@routes.post("/api/orgs/{org}/disruptions", responses=_STATE, status_code=201)
async def state_of_shop(org: UUID, asked: DisruptionIn, tx: InTx, caller: Caller) -> Disruption:
    """The shop cannot send; its promises in the way move at once."""
    caller.must(org, MANAGER)
    made = await disruptions.state(tx, caller, org, _said(asked))
    return (await _shown(tx, [made], org))[0]


@routes.post("/api/orgs/{org}/disruptions/{disruption_id}/end", responses=_END)
async def end_of_shop(
    org: UUID, disruption_id: UUID, _: Empty, tx: InTx, caller: Caller
) -> Disruption:
    """What the shop stated is over before its time."""
    caller.must(org, MANAGER)
    ended = await logistics.end_disruption(tx, caller, org, disruption_id)
    return (await _shown(tx, [ended], org))[0]


@routes.get("/api/desk/disruptions", responses=_READ)
async def desk_disruptions(tx: InTx, _: Operator) -> Disruptions:
    """What was stated for every shop."""
    found = await logistics.disruptions(tx, None, SHOWN_MAX)
    return Disruptions(items=await _shown(tx, found, None))


@routes.post("/api/desk/disruptions", responses=_STATE, status_code=201)
async def state_for_all(asked: DisruptionIn, tx: InTx, caller: Operator) -> Disruption:
    """Nothing goes there, from no shop; every shop's promises in the way move at once."""
    made = await disruptions.state(tx, caller, None, _said(asked))
    return (await _shown(tx, [made], None))[0]


@routes.post("/api/desk/disruptions/{disruption_id}/end", responses=_END)
async def end_for_all(disruption_id: UUID, _: Empty, tx: InTx, caller: Operator) -> Disruption:
    """It is over before its time."""
    ended = await logistics.end_disruption(tx, caller, None, disruption_id)
    return (await _shown(tx, [ended], None))[0]


def _said(asked: DisruptionIn) -> logistics.Closure:
    return logistics.Closure(**asked.model_dump())


async def _shown(
    tx: Tx, found: Sequence[logistics.DisruptionView], shop_id: UUID | None
) -> list[Disruption]:
    moved = await disruptions_sql.moved_by(tx, [one.id for one in found], shop_id)
    named = await logistics.place_names(tx, {p for one in found for p in one.pick_up + one.deliver})

    def places(prefixes: Sequence[str]) -> list[Place]:
        return [Place(prefix=one, name=named[one]) for one in prefixes]

    return [
        Disruption(
            id=one.id,
            org_id=one.org_id,
            pick_up=places(one.pick_up),
            deliver=places(one.deliver),
            from_at=one.from_at,
            until_at=one.until_at,
            ended_at=one.ended_at,
            stated_at=one.stated_at,
            reason=one.reason,
            state=_state(one, clock.now()),
            orders=moved.get(one.id, 0),
        )
        for one in found
    ]


def _state(one: logistics.DisruptionView, now: datetime) -> str:
    if one.ended_at is not None or one.until_at <= now:
        return "over"
    return "on" if one.from_at <= now else "coming"
