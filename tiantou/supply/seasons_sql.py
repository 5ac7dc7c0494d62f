"""Statements on seasons: what they expect, what came in, what a plot bears."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, func, insert, select, text, update

from tiantou.core.db import Tx
from tiantou.kit import ids
from tiantou.supply.growing.tables import SeasonRow, SeasonStepRow
from tiantou.supply.lifecycle import SEASON
from tiantou.supply.tables import HouseholdRow, PlotRow, SlipRow

OPEN = tuple(state for state in SEASON.states if state not in SEASON.terminal)


class SeasonView(Struct, frozen=True, kw_only=True):
    """A season. `harvested_g`: what was weighed in of it, void slips left aside."""

    id: UUID
    org_id: UUID
    plot_id: UUID
    plot: str
    area_m2: int
    household_id: UUID
    household: str
    village: str
    variety_id: UUID
    state: str
    planted_on: date | None
    expected_g: int
    expected_from: date
    expected_until: date
    harvested_g: int
    note: str
    made_at: datetime


class SeasonStep(Struct, frozen=True, kw_only=True):
    """A step of a season and why it was taken."""

    event: str
    state: str
    why: str
    at: datetime


def _select() -> Select[*tuple[Any, ...]]:
    came = (
        select(func.coalesce(func.sum(SlipRow.grams), 0))
        .where(SlipRow.season_id == SeasonRow.id, SlipRow.state != "void")
        .scalar_subquery()
    )
    return (
        select(
            SeasonRow.id,
            SeasonRow.org_id,
            SeasonRow.plot_id,
            PlotRow.name.label("plot"),
            PlotRow.area_m2,
            PlotRow.household_id,
            HouseholdRow.name.label("household"),
            PlotRow.village,
            SeasonRow.variety_id,
            SeasonRow.state,
            SeasonRow.planted_on,
            SeasonRow.expected_g,
            SeasonRow.expected_from,
            SeasonRow.expected_until,
            came.label("harvested_g"),
            SeasonRow.note,
            SeasonRow.made_at,
        )
        .join(PlotRow, PlotRow.id == SeasonRow.plot_id)
        .join(HouseholdRow, HouseholdRow.id == PlotRow.household_id)
    )


def _view(row: Any) -> SeasonView:
    said = dict(row._mapping)
    return SeasonView(**said | {"harvested_g": int(said["harvested_g"])})


async def season(tx: Tx, org_id: UUID, season_id: UUID, lock: bool = False) -> SeasonView | None:
    """A season of the organization, or None; `lock` holds it."""
    query = _select().where(SeasonRow.org_id == org_id, SeasonRow.id == season_id)
    if lock:
        query = query.with_for_update(of=SeasonRow, key_share=True)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _view(row)


async def seasons_of(
    tx: Tx,
    org_id: UUID,
    states: Sequence[str],
    limit: int,
    before: UUID | None,
    plot_id: UUID | None = None,
) -> list[SeasonView]:
    """An organization's seasons in some states, newest first, of one plot if given."""
    query = _select().where(SeasonRow.org_id == org_id, SeasonRow.state.in_(states))
    if before is not None:
        query = query.where(SeasonRow.id < before)
    if plot_id is not None:
        query = query.where(SeasonRow.plot_id == plot_id)
    rows = await tx.execute(query.order_by(SeasonRow.id.desc()).limit(limit))
    return [_view(row) for row in rows]


async def open_for(tx: Tx, plot_id: UUID, variety_id: UUID) -> list[UUID]:
    """The open seasons of a variety on a plot, oldest first."""
    rows = await tx.scalars(
        select(SeasonRow.id)
        .where(
            SeasonRow.plot_id == plot_id,
            SeasonRow.variety_id == variety_id,
            SeasonRow.state.in_(OPEN),
        )
        .order_by(SeasonRow.id)
    )
    return list(rows)


async def open_count(tx: Tx, plot_id: UUID) -> int:
    """How many seasons of a plot are open."""
    query = select(func.count()).select_from(SeasonRow)
    found = await tx.scalar(query.where(SeasonRow.plot_id == plot_id, SeasonRow.state.in_(OPEN)))
    return int(found or 0)


async def add_season(tx: Tx, **values: Any) -> None:
    """Inserts a season."""
    await tx.execute(insert(SeasonRow).values(**values))


async def set_season(tx: Tx, season_id: UUID, **values: Any) -> None:
    """Updates a season; the caller holds it."""
    await tx.execute(update(SeasonRow).where(SeasonRow.id == season_id).values(**values))


async def add_step(
    tx: Tx, season_id: UUID, event: str, state: str, why: str, by: UUID | None, at: datetime
) -> None:
    """The season goes on, and why is written down; the caller holds it."""
    await set_season(tx, season_id, state=state)
    await tx.execute(
        insert(SeasonStepRow).values(
            id=ids.uuid7(),
            season_id=season_id,
            event=event,
            state=state,
            why=why,
            by_person=by,
            at=at,
        )
    )


async def steps_of(tx: Tx, season_id: UUID) -> list[SeasonStep]:
    """A season's steps, oldest first."""
    rows = await tx.execute(
        select(SeasonStepRow.event, SeasonStepRow.state, SeasonStepRow.why, SeasonStepRow.at)
        .where(SeasonStepRow.season_id == season_id)
        .order_by(SeasonStepRow.id)
    )
    return [SeasonStep(**row._mapping) for row in rows]


async def over_expected(tx: Tx, plot_id: UUID) -> tuple[int, int] | None:
    """(grams that seasons of a plot expect of a variety in 365 days, grams it bears) if more.

    A closed season counts what came in, an abandoned one nothing. The caller holds the plot.
    """
    row = (await tx.execute(_OVER, {"plot": plot_id})).one_or_none()
    return None if row is None else (row.expected, row.bears)


_OVER = text(
    """
    with counts as (
        select s.variety_id, s.expected_until,
               case s.state when 'closed' then (
                   select coalesce(sum(l.grams), 0) from supply.slip l
                   where l.season_id = s.id and l.state <> 'void')
               else s.expected_g end as grams
        from supply.season s where s.plot_id = :plot and s.state <> 'abandoned'
    ), years as (
        select e.variety_id, e.expected_until, sum(c.grams)::bigint as expected
        from (select distinct variety_id, expected_until from counts) e
        join counts c on c.variety_id = e.variety_id
          and c.expected_until > e.expected_until - 365 and c.expected_until <= e.expected_until
        group by e.variety_id, e.expected_until
    )
    select y.expected, (c.g_per_mu * p.area_m2 * 15 / 10000)::bigint as bears
    from years y join supply.yield_ceiling c on c.variety_id = y.variety_id
    join supply.plot p on p.id = :plot
    where y.expected > c.g_per_mu * p.area_m2 * 15 / 10000
    order by y.expected - c.g_per_mu * p.area_m2 * 15 / 10000 desc limit 1
    """
)
