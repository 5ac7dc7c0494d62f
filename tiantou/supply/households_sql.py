"""Statements on households and plots."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from tiantou.core.db import Tx
from tiantou.supply.tables import CounterRow, HouseholdRow, PlotRow, SlipRow
from tiantou.supply.views import HouseholdView, PlotView

_HOUSEHOLD = (
    HouseholdRow.id,
    HouseholdRow.org_id,
    HouseholdRow.no,
    HouseholdRow.name,
    HouseholdRow.village,
    HouseholdRow.division_code,
)
_PLOT = (
    PlotRow.id,
    PlotRow.household_id,
    PlotRow.name,
    PlotRow.village,
    PlotRow.division_code,
    PlotRow.area_m2,
    PlotRow.altitude_m,
    PlotRow.retired_at.is_not(None).label("retired"),
)


class SealedHousehold(Struct, frozen=True, kw_only=True):
    """A household with its encrypted fields and the count of its slips."""

    household: HouseholdView
    phone: bytes | None
    payee: bytes | None
    slips: int


async def next_number(tx: Tx, org_id: UUID, kind: str) -> int:
    """The next dense number of a kind in an organization; rivals wait for the transaction."""
    made = (
        upsert(CounterRow)
        .values(org_id=org_id, kind=kind, last=1)
        .on_conflict_do_update(
            index_elements=[CounterRow.org_id, CounterRow.kind],
            set_={"last": CounterRow.last + 1},
        )
        .returning(CounterRow.last)
    )
    return (await tx.execute(made)).scalar_one()


async def add_household(tx: Tx, **values: Any) -> None:
    """Inserts a household."""
    await tx.execute(insert(HouseholdRow).values(**values))


async def household(tx: Tx, org_id: UUID, household_id: UUID) -> HouseholdView | None:
    """A household of the organization, or None."""
    query = select(*_HOUSEHOLD).where(HouseholdRow.org_id == org_id)
    row = (await tx.execute(query.where(HouseholdRow.id == household_id))).one_or_none()
    return None if row is None else HouseholdView(**row._mapping)


async def households(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, HouseholdView]:
    """Those of the households that exist, by id."""
    rows = await tx.execute(select(*_HOUSEHOLD).where(HouseholdRow.id.in_(list(set(ids)))))
    return {row.id: HouseholdView(**row._mapping) for row in rows}


async def households_of(
    tx: Tx, org_id: UUID, limit: int, after: int = 0, only: UUID | None = None
) -> list[SealedHousehold]:
    """An organization's households by number, those after number `after`; or `only` one."""
    counts = (
        select(SlipRow.household_id, func.count().label("slips"))
        .where(SlipRow.org_id == org_id)
        .group_by(SlipRow.household_id)
        .subquery()
    )
    query = (
        select(
            *_HOUSEHOLD,
            HouseholdRow.phone_sealed,
            HouseholdRow.payee_sealed,
            func.coalesce(counts.c.slips, 0).label("slips"),
        )
        .outerjoin(counts, counts.c.household_id == HouseholdRow.id)
        .where(HouseholdRow.org_id == org_id, HouseholdRow.no > after)
        .order_by(HouseholdRow.no)
        .limit(limit)
    )
    if only is not None:
        query = query.where(HouseholdRow.id == only)
    found = []
    for row in await tx.execute(query):
        says = dict(row._mapping)
        phone, payee = says.pop("phone_sealed"), says.pop("payee_sealed")
        slips = says.pop("slips")
        found.append(
            SealedHousehold(household=HouseholdView(**says), phone=phone, payee=payee, slips=slips)
        )
    return found


async def plot(tx: Tx, org_id: UUID, plot_id: UUID) -> PlotView | None:
    """A plot of the organization, or None."""
    query = select(*_PLOT).where(PlotRow.org_id == org_id, PlotRow.id == plot_id)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else PlotView(**row._mapping)


async def plots(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, PlotView]:
    """Those of the plots that exist, by id."""
    rows = await tx.execute(select(*_PLOT).where(PlotRow.id.in_(list(set(ids)))))
    return {row.id: PlotView(**row._mapping) for row in rows}
