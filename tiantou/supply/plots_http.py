"""Routes of plots in full. Point and outline are for the organization's own eyes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, DIVISION_CODE, PICTURE_HASH, id_in
from tiantou.core.files import Files
from tiantou.core.http import Caller, Cursor, InTx, Limit, WithFiles, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.kit import paging
from tiantou.regions import face as regions
from tiantou.supply import plots, plots_sql
from tiantou.supply.growing import outline
from tiantou.supply.growing.outline import LAT_E6, LON_E6, POINTS_MAX
from tiantou.supply.http import MINE, SCALE, Village, must_be_a_place
from tiantou.supply.plots import PHOTOS_MAX, PlotSaid
from tiantou.supply.plots_sql import PlotWhole
from tiantou.supply.problems import AboveCeiling
from tiantou.supply.wire import Plot

routes = router("supply")

AREA_M2_MAX, ALTITUDE_M_MIN, ALTITUDE_M_MAX = 100_000_000, -200, 9_000
_CHANGES = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, AboveCeiling)


class PointAsked(BaseModel):
    """A place in millionths of a degree, WGS 84."""

    lat_e6: int = Field(ge=LAT_E6[0], le=LAT_E6[1])
    lon_e6: int = Field(ge=LON_E6[0], le=LON_E6[1])


class PlotBody(BaseModel):
    """A plot as it is to be. `outline` is a ring that does not cross itself, or empty."""

    name: Annotated[str, Field(min_length=1, max_length=30), CLEAN]
    division_code: DIVISION_CODE
    village: Village
    area_m2: int = Field(ge=1, le=AREA_M2_MAX)
    altitude_m: Annotated[int, Field(ge=ALTITUDE_M_MIN, le=ALTITUDE_M_MAX)] | None = None
    point: PointAsked | None = None
    outline: list[PointAsked] = Field(default=[], max_length=POINTS_MAX)
    photos: list[PICTURE_HASH] = Field(default=[], max_length=PHOTOS_MAX)

    def said(self) -> PlotSaid:
        """As the use case takes it."""
        return PlotSaid(
            name=self.name,
            village=self.village,
            division_code=self.division_code,
            area_m2=self.area_m2,
            altitude_m=self.altitude_m,
            point=(self.point.lat_e6, self.point.lon_e6) if self.point else None,
            outline=[(one.lat_e6, one.lon_e6) for one in self.outline],
            photos=self.photos,
        )


class PlotAsked(PlotBody):
    """A plot of a household as entered."""

    household_id: UUID


class PlotShown(Plot):
    """A plot in full. `outline_differs`: what the outline encloses is not the stated area."""

    household: str
    county: str
    point: PointAsked | None
    outline: list[PointAsked]
    outline_m2: int
    outline_differs: bool
    photos: list[str]
    retired_at: datetime | None

    @classmethod
    def of(cls, one: PlotWhole, county: str) -> "PlotShown":
        """The plot as shown."""
        point = None
        if one.lat_e6 is not None and one.lon_e6 is not None:
            point = PointAsked(lat_e6=one.lat_e6, lon_e6=one.lon_e6)
        return cls(
            id=one.id,
            household_id=one.household_id,
            household=one.household,
            county=county,
            name=one.name,
            village=one.village,
            division_code=one.division_code,
            area_m2=one.area_m2,
            altitude_m=one.altitude_m,
            point=point,
            outline=[PointAsked(lat_e6=lat, lon_e6=lon) for lat, lon in one.points],
            outline_m2=outline.area_m2(one.points),
            outline_differs=outline.differs(one.points, one.area_m2),
            photos=one.photos,
            retired_at=one.retired_at,
        )


class Plots(BaseModel):
    """A page of plots."""

    items: list[PlotShown]
    next: str | None


@routes.get("/api/orgs/{org}/plots", responses=MINE)
async def list_plots(
    org: UUID,
    tx: InTx,
    caller: Caller,
    household_id: Annotated[UUID | None, Query()] = None,
    retired: Annotated[bool, Query()] = False,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Plots:
    """The organization's plots in use, newest first, of one household if asked; or retired ones."""
    caller.must(org, *SCALE)
    before = id_in(cursor)
    found = await plots_sql.whole_of(tx, org, limit + 1, before, household_id, retired)
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Plots(items=await _shown(tx, found[:limit]), next=more)


@routes.post("/api/orgs/{org}/plots", status_code=201, responses=MINE)
async def add_plot(
    org: UUID, asked: PlotAsked, tx: InTx, caller: Caller, store: WithFiles
) -> PlotShown:
    """A new plot of a household."""
    caller.must(org, *SCALE)
    await _known(tx, store, asked)
    return await _one(tx, await plots.add(tx, org, asked.household_id, asked.said()))


@routes.get("/api/orgs/{org}/plots/{plot_id}", responses=MINE)
async def get_plot(org: UUID, plot_id: UUID, tx: InTx, caller: Caller) -> PlotShown:
    """A plot of the organization."""
    caller.must(org, *SCALE)
    return await _one(tx, await plots.own(tx, org, plot_id))


@routes.put("/api/orgs/{org}/plots/{plot_id}", responses=_CHANGES)
async def change_plot(
    org: UUID, plot_id: UUID, asked: PlotBody, tx: InTx, caller: Caller, store: WithFiles
) -> PlotShown:
    """The plot says what was asked; a smaller area must still bear what its seasons expect."""
    caller.must(org, *SCALE)
    await _known(tx, store, asked)
    return await _one(tx, await plots.change(tx, caller, org, plot_id, asked.said()))


@routes.post("/api/orgs/{org}/plots/{plot_id}/retire", responses=MINE)
async def retire_plot(org: UUID, plot_id: UUID, tx: InTx, caller: Caller) -> PlotShown:
    """Nothing is planned on the plot or weighed in from it any more."""
    caller.must(org, *SCALE)
    return await _one(tx, await plots.retire(tx, caller, org, plot_id))


async def _one(tx: Tx, found: PlotWhole) -> PlotShown:
    return (await _shown(tx, [found]))[0]


async def _shown(tx: Tx, found: Sequence[PlotWhole]) -> list[PlotShown]:
    places = await regions.named(tx, {one.division_code for one in found})
    names = {code: place.full_name for code, place in places.items()}
    return [PlotShown.of(one, names.get(one.division_code, "")) for one in found]


async def _known(tx: Tx, store: Files, asked: PlotBody) -> None:
    """Raises InvalidFields for a place or a picture that is not there."""
    await must_be_a_place(tx, asked.division_code)
    if asked.photos and not await store.known(tx, *set(asked.photos)):
        raise InvalidFields.one("photos", "unknown")
