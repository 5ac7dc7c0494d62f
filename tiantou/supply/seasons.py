"""Seasons: a variety on a plot, with what is expected of it and what came in."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from tiantou.catalog import face as catalog
from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import plots, plots_sql
from tiantou.supply import seasons_sql as sql
from tiantou.supply.growing.days import day_of
from tiantou.supply.lifecycle import SEASON
from tiantou.supply.problems import AboveCeiling
from tiantou.supply.seasons_sql import OPEN, SeasonView

EXPECTED_G_MAX = 1_000_000_000_000
OPEN_MAX = 20
# Trees bear for decades, but one harvest is over within a year.
EXPECTED_DAYS_MAX, AWAY_DAYS_MAX, PLANTED_DAYS_MAX = 366, 3_660, 36_600
EVENTS = ("plant", "harvest", "close", "abandon")


class SeasonIn(Struct, frozen=True, kw_only=True):
    """What is expected: grams, harvested within these days (Asia/Shanghai), both included."""

    expected_g: int
    expected_from: date
    expected_until: date
    planted_on: date | None = None
    note: str = ""


async def plan(
    tx: Tx, who: Subject, org_id: UUID, plot_id: UUID, variety_id: UUID, asked: SeasonIn
) -> SeasonView:
    """A planned season; one whose planting day is over grows already.

    Raises NotFound, InvalidFields, AboveCeiling (more than the plot bears in 365 days).
    """
    _check(asked)
    if await catalog.variety(tx, variety_id) is None:
        raise InvalidFields.one("variety_id", "unknown")
    plot = await plots_sql.whole(tx, org_id, plot_id)
    if plot is None:
        raise InvalidFields.one("plot_id", "unknown")
    await plots_sql.hold_household(tx, plot.household_id)
    plot = await plots.own(tx, org_id, plot_id, lock=True)
    if plot.retired_at is not None:
        raise InvalidFields.one("plot_id", "retired")
    if await sql.open_count(tx, plot_id) >= OPEN_MAX:
        raise InvalidFields.one("plot_id", "too-many", max=OPEN_MAX)
    season_id, at = ids.uuid7(), clock.now()
    await sql.add_season(
        tx,
        id=season_id,
        org_id=org_id,
        plot_id=plot_id,
        variety_id=variety_id,
        state=SEASON.init,
        planted_on=asked.planted_on,
        expected_g=asked.expected_g,
        expected_from=asked.expected_from,
        expected_until=asked.expected_until,
        note=asked.note,
        made_by=who.person_id,
        made_at=at,
    )
    if asked.planted_on is not None and asked.planted_on <= day_of(at):
        state = SEASON.after(SEASON.init, "plant")
        await sql.add_step(tx, season_id, "plant", state, "", who.person_id, at)
    await _bears(tx, plot_id)
    return await own(tx, org_id, season_id)


async def change(
    tx: Tx, who: Subject, org_id: UUID, season_id: UUID, asked: SeasonIn
) -> SeasonView:
    """An open season expects something else. Raises NotFound, InvalidFields, AboveCeiling."""
    _check(asked)
    before = await held(tx, org_id, season_id)
    if before.state not in OPEN:
        raise InvalidFields.one("season_id", "ended")
    await sql.set_season(
        tx,
        season_id,
        planted_on=asked.planted_on,
        expected_g=asked.expected_g,
        expected_from=asked.expected_from,
        expected_until=asked.expected_until,
        note=asked.note,
    )
    await _bears(tx, before.plot_id)
    was, now = _expects(before), _expects(asked)
    await audit.write(tx, who, "supply.season-change", f"season:{season_id}", was, now)
    return await own(tx, org_id, season_id)


async def step(
    tx: Tx, who: Subject, org_id: UUID, season_id: UUID, event: str, why: str = ""
) -> SeasonView:
    """Planted, begun to harvest, closed, abandoned. Raises NotFound, WrongState."""
    season = await held(tx, org_id, season_id)
    if event not in EVENTS:
        raise ValueError(f"{event} is no act of a person")
    state, at = SEASON.after(season.state, event), clock.now()
    await sql.add_step(tx, season_id, event, state, why, who.person_id, at)
    if event == "plant" and season.planted_on is None:
        await sql.set_season(tx, season_id, planted_on=day_of(at))
    return await own(tx, org_id, season_id)


async def own(tx: Tx, org_id: UUID, season_id: UUID, lock: bool = False) -> SeasonView:
    """A season of the organization. Raises NotFound."""
    found = await sql.season(tx, org_id, season_id, lock)
    if found is None:
        raise NotFound()
    return found


async def held(tx: Tx, org_id: UUID, season_id: UUID) -> SeasonView:
    """A season whose household, plot and row are held, in this order. Raises NotFound."""
    season = await own(tx, org_id, season_id)
    await plots_sql.hold_household(tx, season.household_id)
    await plots.own(tx, org_id, season.plot_id, lock=True)
    return await own(tx, org_id, season_id, lock=True)


async def of_weigh_in(
    tx: Tx, plot_id: UUID | None, variety_id: UUID, asked: UUID | None
) -> UUID | None:
    """The open season that a weigh-in is of; None if there is none.

    Raises InvalidFields: an unknown one was asked for, or none of several (`season_id`, choose).
    """
    open_now = await sql.open_for(tx, plot_id, variety_id) if plot_id else []
    if asked is not None:
        if asked not in open_now:
            raise InvalidFields.one("season_id", "unknown")
        return asked
    if len(open_now) > 1:
        raise InvalidFields.one("season_id", "choose", seasons=[str(one) for one in open_now])
    return open_now[0] if open_now else None


async def weighed(tx: Tx, who: Subject, org_id: UUID, season_id: UUID) -> None:
    """The first weigh-in begins the harvest."""
    season = await own(tx, org_id, season_id, lock=True)
    if SEASON.can(season.state, "weigh_in"):
        state = SEASON.after(season.state, "weigh_in")
        await sql.add_step(tx, season_id, "weigh_in", state, "", who.person_id, clock.now())


def may(state: str) -> Sequence[str]:
    """What a person may do with a season in a state."""
    return [event for event in EVENTS if SEASON.can(state, event)]


async def _bears(tx: Tx, plot_id: UUID) -> None:
    """Raises AboveCeiling."""
    over = await sql.over_expected(tx, plot_id)
    if over is not None:
        raise AboveCeiling(expected_g=over[0], bears_g=over[1])


def _check(asked: SeasonIn) -> None:
    """Raises InvalidFields."""
    if not 1 <= asked.expected_g <= EXPECTED_G_MAX:
        raise InvalidFields.one("expected_g", "range", min=1, max=EXPECTED_G_MAX)
    days = (asked.expected_until - asked.expected_from).days
    if not 0 <= days <= EXPECTED_DAYS_MAX:
        raise InvalidFields.one("expected_until", "range", max_days=EXPECTED_DAYS_MAX)
    today = day_of(clock.now())
    if abs(asked.expected_from - today) > timedelta(days=AWAY_DAYS_MAX):
        raise InvalidFields.one("expected_from", "range", max_days=AWAY_DAYS_MAX)
    if asked.planted_on is not None:
        if asked.planted_on > asked.expected_until:
            raise InvalidFields.one("planted_on", "after-harvest")
        if today - asked.planted_on > timedelta(days=PLANTED_DAYS_MAX):
            raise InvalidFields.one("planted_on", "too-old", max_days=PLANTED_DAYS_MAX)


def _expects(one: SeasonIn | SeasonView) -> dict[str, object]:
    return {
        "expected_g": one.expected_g,
        "expected_from": one.expected_from.isoformat(),
        "expected_until": one.expected_until.isoformat(),
        "planted_on": one.planted_on.isoformat() if one.planted_on else None,
    }
