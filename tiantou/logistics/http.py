"""Routes of logistics: a shop's freight, the carriers that we know."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.core.http import Caller, InTx, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER
from tiantou.logistics import freight
from tiantou.logistics.carriers import CARRIERS
from tiantou.logistics.views import FreightView

routes = router("logistics")

FREIGHT_FEN_MAX, FREE_FROM_FEN_MAX, NOT_SERVED_MAX = 100_000, 10_000_000, 500
_MINE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)

# A province, a prefecture or a county: the first two, four or six figures of its code.
DivisionPrefix = Annotated[str, Field(pattern=r"^[1-9][0-9]([0-9]{2}){0,2}$")]


class Freight(BaseModel):
    """A shop's freight: flat, free from an amount, not served by division prefix.

    `days_promised`: days from sending to the door.
    """

    flat_fen: int = Field(ge=0, le=FREIGHT_FEN_MAX)
    free_from_fen: Annotated[int, Field(ge=1, le=FREE_FROM_FEN_MAX)] | None
    not_served: list[DivisionPrefix] = Field(max_length=NOT_SERVED_MAX)
    days_promised: int = Field(ge=1, le=30)


class CarrierName(BaseModel):
    """A carrier."""

    code: str
    name: str


class Carriers(BaseModel):
    """The carriers that we know."""

    items: list[CarrierName]
    next: str | None = None


@routes.get("/api/carriers")
async def carriers() -> Carriers:
    """The carriers that a parcel may be handed to; `self` is the seller himself."""
    return Carriers(items=[CarrierName(code=code, name=name) for code, name in CARRIERS.items()])


@routes.get("/api/orgs/{org}/freight", responses=_MINE)
async def get_freight(org: UUID, tx: InTx, caller: Caller) -> Freight:
    """A shop's freight, or what holds until it sets one."""
    caller.must(org)
    return _shown(await freight.freight_of(tx, org))


@routes.put("/api/orgs/{org}/freight", responses=_MINE)
async def set_freight(org: UUID, asked: Freight, tx: InTx, caller: Caller) -> Freight:
    """Sets a shop's freight for orders from now on."""
    caller.must(org, MANAGER)
    setting = FreightView(
        flat_fen=asked.flat_fen,
        free_from_fen=asked.free_from_fen,
        not_served=asked.not_served,
        days_promised=asked.days_promised,
    )
    return _shown(await freight.set_freight(tx, org, setting))


def _shown(setting: FreightView) -> Freight:
    return Freight(
        flat_fen=setting.flat_fen,
        free_from_fen=setting.free_from_fen,
        not_served=setting.not_served,
        days_promised=setting.days_promised,
    )
