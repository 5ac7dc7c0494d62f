"""A plot in full: changed and retired; its numbers bear on what it may yield, so each is kept."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import households_sql, plots_sql, seasons_sql
from tiantou.supply.growing import outline
from tiantou.supply.growing.outline import LAT_E6, LON_E6, Point
from tiantou.supply.plots_sql import PlotWhole
from tiantou.supply.problems import AboveCeiling

PHOTOS_MAX = 9
_SAID = ("name", "village", "division_code", "area_m2", "altitude_m")
# That it moved is written down, where to is not.
_WHERE = ("lat_e6", "lon_e6", "outline")


class PlotSaid(Struct, frozen=True, kw_only=True):
    """A plot as entered. `photos` are hashes of stored pictures."""

    name: str
    village: str
    division_code: str
    area_m2: int
    altitude_m: int | None
    point: Point | None = None
    outline: Sequence[Point] = ()
    photos: Sequence[str] = ()

    def columns(self) -> dict[str, Any]:
        """As the table has it."""
        lat, lon = self.point or (None, None)
        return {
            "name": self.name,
            "village": self.village,
            "division_code": self.division_code,
            "area_m2": self.area_m2,
            "altitude_m": self.altitude_m,
            "lat_e6": lat,
            "lon_e6": lon,
            "outline": [one for point in self.outline for one in point],
            "photos": list(dict.fromkeys(self.photos)),
        }


async def add(tx: Tx, org_id: UUID, household_id: UUID, asked: PlotSaid) -> PlotWhole:
    """A new plot of a household. Raises InvalidFields, also for no such household."""
    _check(asked)
    if await households_sql.household(tx, org_id, household_id) is None:
        raise InvalidFields.one("household_id", "unknown")
    plot_id = ids.uuid7()
    await plots_sql.add_plot(
        tx,
        id=plot_id,
        org_id=org_id,
        household_id=household_id,
        retired_at=None,
        made_at=clock.now(),
        **asked.columns(),
    )
    return await own(tx, org_id, plot_id)


async def own(tx: Tx, org_id: UUID, plot_id: UUID, lock: bool = False) -> PlotWhole:
    """A plot of the organization. Raises NotFound."""
    found = await plots_sql.whole(tx, org_id, plot_id, lock)
    if found is None:
        raise NotFound()
    return found


async def change(tx: Tx, who: Subject, org_id: UUID, plot_id: UUID, asked: PlotSaid) -> PlotWhole:
    """The plot says what was asked. What it said before stands in the record of acts.

    Raises NotFound, InvalidFields, AboveCeiling if open seasons expect more than the new area
    bears.
    """
    _check(asked)
    household_id = (await own(tx, org_id, plot_id)).household_id
    await plots_sql.hold_household(tx, household_id)
    before = await own(tx, org_id, plot_id, lock=True)
    if before.retired_at is not None:
        raise InvalidFields.one("plot_id", "retired")
    await plots_sql.set_plot(tx, plot_id, **asked.columns())
    if asked.area_m2 < before.area_m2:
        over = await seasons_sql.over_expected(tx, plot_id)
        if over is not None:
            raise AboveCeiling(expected_g=over[0], bears_g=over[1])
    after = await own(tx, org_id, plot_id)
    was = {name: getattr(before, name) for name in _SAID}
    now = {name: getattr(after, name) for name in _SAID}
    now["moved"] = any(getattr(before, name) != getattr(after, name) for name in _WHERE)
    await audit.write(tx, who, "supply.plot-change", f"plot:{plot_id}", was, now)
    return after


async def retire(tx: Tx, who: Subject, org_id: UUID, plot_id: UUID) -> PlotWhole:
    """Nothing is planned on it or weighed in from it any more; what was stays.

    Raises NotFound, InvalidFields (seasons still open).
    """
    household_id = (await own(tx, org_id, plot_id)).household_id
    await plots_sql.hold_household(tx, household_id)
    before = await own(tx, org_id, plot_id, lock=True)
    if before.retired_at is None:
        if open_now := await seasons_sql.open_count(tx, plot_id):
            raise InvalidFields.one("plot_id", "seasons-open", seasons=open_now)
        await plots_sql.set_plot(tx, plot_id, retired_at=clock.now())
        await audit.write(tx, who, "supply.plot-retire", f"plot:{plot_id}", {"name": before.name})
    return await own(tx, org_id, plot_id)


def _check(asked: PlotSaid) -> None:
    """Raises InvalidFields."""
    if asked.point is not None:
        _on_land(asked.point, "point")
    for no, point in enumerate(asked.outline):
        _on_land(point, f"outline.{no}")
    if asked.outline:
        outline.check(asked.outline)
    if len(asked.photos) > PHOTOS_MAX:
        raise InvalidFields.one("photos", "length", max=PHOTOS_MAX)


def _on_land(point: Point, name: str) -> None:
    for value, (low, high), part in (
        (point[0], LAT_E6, "lat_e6"),
        (point[1], LON_E6, "lon_e6"),
    ):
        if not low <= value <= high:
            raise InvalidFields.one(f"{name}.{part}", "range", min=low, max=high)
