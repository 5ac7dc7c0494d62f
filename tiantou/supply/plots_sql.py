"""Statements on plots in full."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import insert, select, text, update

from tiantou.core.db import Tx
from tiantou.supply.tables import HouseholdRow, PlotRow

_PLOT = (
    PlotRow.id,
    PlotRow.household_id,
    HouseholdRow.name.label("household"),
    PlotRow.name,
    PlotRow.village,
    PlotRow.division_code,
    PlotRow.area_m2,
    PlotRow.altitude_m,
    PlotRow.lat_e6,
    PlotRow.lon_e6,
    PlotRow.outline,
    PlotRow.photos,
    PlotRow.retired_at,
)


class PlotWhole(Struct, frozen=True, kw_only=True):
    """A plot with what is private: its point and outline (lat, lon, lat, lon and so on)."""

    id: UUID
    household_id: UUID
    household: str
    name: str
    village: str
    division_code: str
    area_m2: int
    altitude_m: int | None
    lat_e6: int | None
    lon_e6: int | None
    outline: list[int]
    photos: list[str]
    retired_at: datetime | None

    @property
    def points(self) -> list[tuple[int, int]]:
        """The outline as (lat, lon)."""
        return list(zip(self.outline[::2], self.outline[1::2], strict=True))


async def whole(tx: Tx, org_id: UUID, plot_id: UUID, lock: bool = False) -> PlotWhole | None:
    """A plot of the organization, or None; `lock` holds it."""
    query = select(*_PLOT).join(HouseholdRow, HouseholdRow.id == PlotRow.household_id)
    query = query.where(PlotRow.org_id == org_id, PlotRow.id == plot_id)
    if lock:
        query = query.with_for_update(of=PlotRow, key_share=True)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else PlotWhole(**row._mapping)


async def whole_of(
    tx: Tx,
    org_id: UUID,
    limit: int,
    before: UUID | None,
    household_id: UUID | None,
    retired: bool,
) -> list[PlotWhole]:
    """An organization's plots, newest first, of one household if given; retired or in use."""
    over = PlotRow.retired_at.is_not(None) if retired else PlotRow.retired_at.is_(None)
    query = select(*_PLOT).join(HouseholdRow, HouseholdRow.id == PlotRow.household_id)
    query = query.where(PlotRow.org_id == org_id, over)
    if before is not None:
        query = query.where(PlotRow.id < before)
    if household_id is not None:
        query = query.where(PlotRow.household_id == household_id)
    rows = await tx.execute(query.order_by(PlotRow.id.desc()).limit(limit))
    return [PlotWhole(**row._mapping) for row in rows]


async def add_plot(tx: Tx, **values: Any) -> None:
    """Inserts a plot."""
    await tx.execute(insert(PlotRow).values(**values))


async def set_plot(tx: Tx, plot_id: UUID, **values: Any) -> None:
    """Updates a plot; the caller holds it."""
    await tx.execute(update(PlotRow).where(PlotRow.id == plot_id).values(**values))


async def hold_household(tx: Tx, household_id: UUID) -> None:
    """Weigh-ins, seasons and input records of a household follow one another."""
    await tx.execute(
        text("select 1 from supply.household where id = :home for no key update"),
        {"home": household_id},
    )
