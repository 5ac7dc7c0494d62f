"""Routes of logistics: a shop's freight, the carriers that we know."""

from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field, field_validator

from tiantou.core.http import Caller, InTx, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER
from tiantou.kit import clock
from tiantou.logistics import freight, transit
from tiantou.logistics.carriers import CARRIERS
from tiantou.logistics.problems import NotServed
from tiantou.logistics.views import FreightView, Rate

routes = router("logistics")

GRAMS_MAX, RATES_MAX = 1_000_000, 500
FREIGHT_FEN_MAX, FREE_FROM_FEN_MAX, NOT_SERVED_MAX = 100_000, 10_000_000, 500
_MINE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)

# A province, a prefecture or a county: the first two, four or six figures of its code.
DivisionPrefix = Annotated[str, Field(pattern=r"^[1-9][0-9]([0-9]{2}){0,2}$")]


Cold = Literal["ambient", "chilled", "frozen"]


class FreightRate(BaseModel):
    """What a place costs in one cold mode: the first grams, then each further step. The longest
    prefix counts; an empty one is everywhere.
    """

    prefix: DivisionPrefix | Literal[""]
    cold: Cold = "ambient"
    first_g: int = Field(ge=1, le=GRAMS_MAX)
    first_fen: int = Field(ge=0, le=FREIGHT_FEN_MAX)
    next_g: int = Field(ge=1, le=GRAMS_MAX)
    next_fen: int = Field(ge=0, le=FREIGHT_FEN_MAX)


class Freight(BaseModel):
    """A shop's freight: flat, or by place and weight; free from an amount; not served by prefix.

    `days_promised`: days from sending to the door. `cut_off`: until which minute of the day in
    China parcels are picked up, Monday first, null for no pick-up; empty: every day.
    """

    flat_fen: int = Field(ge=0, le=FREIGHT_FEN_MAX)
    free_from_fen: Annotated[int, Field(ge=1, le=FREE_FROM_FEN_MAX)] | None
    not_served: list[DivisionPrefix] = Field(max_length=NOT_SERVED_MAX)
    days_promised: int = Field(ge=1, le=30)
    cold: Cold = "ambient"
    rates: list[FreightRate] = Field(default=[], max_length=RATES_MAX)
    cut_off: list[Annotated[int, Field(ge=1, le=1440)] | None] = Field(default=[], max_length=7)

    @field_validator("cut_off")
    @classmethod
    def _whole_week(cls, value: list[int | None]) -> list[int | None]:
        if value and (len(value) != freight.WEEK_DAYS or not any(value)):
            raise ValueError("seven days, one of them with a pick-up")
        return value


class Tried(BaseModel):
    """What a parcel would cost now, the day it is picked up, and the day it is there."""

    fen: int
    days: int
    leaves_on: date
    arrives_by: date


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
        cold=asked.cold,
        rates=[Rate(**one.model_dump()) for one in asked.rates],
        cut_off=asked.cut_off,
    )
    return _shown(await freight.set_freight(tx, org, setting))


@routes.get(
    "/api/orgs/{org}/freight/try",
    responses=problems(SignInRequired, NotAllowed, NotFound, InvalidFields, NotServed),
)
async def try_freight(
    org: UUID,
    tx: InTx,
    caller: Caller,
    division: Annotated[str, Query(pattern=r"^[1-9][0-9]{5}$")],
    grams: Annotated[int, Query(ge=1, le=GRAMS_MAX)],
    amount_fen: Annotated[int, Query(ge=0, le=FREE_FROM_FEN_MAX)] = 0,
    cold: Cold | None = None,
) -> Tried:
    """What the shop's own setting asks for a parcel that is packed now."""
    caller.must(org)
    setting = await freight.freight_of(tx, org)
    said = freight.quote_by(setting, division, grams, amount_fen, cold)
    days = transit.days_to(setting, await transit.transit_of(tx, org), division)
    leaves = freight.leaves_on(setting, clock.now())
    return Tried(
        fen=said.fen, days=days, leaves_on=leaves, arrives_by=leaves + timedelta(days=days)
    )


def _shown(setting: FreightView) -> Freight:
    return Freight(
        flat_fen=setting.flat_fen,
        free_from_fen=setting.free_from_fen,
        not_served=setting.not_served,
        days_promised=setting.days_promised,
        cold=setting.cold,
        rates=[FreightRate.model_validate(one, from_attributes=True) for one in setting.rates],
        cut_off=setting.cut_off,
    )
