"""The scale: a household hands in produce; slip, lot, certificate and fact are one."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from tiantou.catalog import face as catalog
from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.kit.money import value_of
from tiantou.supply import (
    acts,
    certificates,
    collecting,
    households_sql,
    inputs,
    moves_sql,
    plots_sql,
    seasons,
    slips_sql,
)
from tiantou.supply.certificates import Paper
from tiantou.supply.events import WeighedIn
from tiantou.supply.growing.days import day_of
from tiantou.supply.lifecycle import LOT, SLIP
from tiantou.supply.problems import WeighedTwice
from tiantou.supply.views import HouseholdView, PlotView, SlipView

HARVEST_AGE_DAYS_MAX = 400
CLOCK_SLACK = timedelta(hours=1)
# a device may have been without a network for so long, and its clock may be wrong by so much
WEIGHED_AGE_DAYS_MAX, DEVICE_AHEAD_MAX = 7, timedelta(minutes=10)
TWICE = timedelta(minutes=10)


class Agreement(Struct, frozen=True, kw_only=True):
    """Who agreed to the reading: the grower himself, or a named helper by the grower's consent."""

    by: str
    helper_name: str | None = None
    consent: str | None = None


class WeighIn(Struct, frozen=True, kw_only=True):
    """What the scale said. Grams whole; prices in fen per 斤; `certificate` None issues none.

    `season_id` must be said only where several seasons of the variety are open on the plot;
    `stop_id` names the stop of a collection run. `weighed_at` is when, by the device's clock: one
    that looks like another slip of those minutes is refused, unless `again` says that it is not.
    """

    household_id: UUID
    plot_id: UUID | None
    variety_id: UUID
    grade: str
    grams: int
    price_fen_per_jin: int
    floor_fen_per_jin: int
    harvested_at: datetime
    certificate: Paper | None
    agreed: Agreement
    season_id: UUID | None = None
    stop_id: UUID | None = None
    weighed_at: datetime | None = None
    again: bool = False


async def weigh_in(tx: Tx, who: Subject, org_id: UUID, asked: WeighIn) -> SlipView:
    """The agreed slip of a weigh-in with its open harvest lot, in one transaction.

    Raises InvalidFields for a household, plot, season or variety that is not there, and for a
    harvest in the future or too long ago; Withholding for one within a withholding period.
    """
    household, plot = await _whose(tx, org_id, asked)
    variety = await catalog.variety(tx, asked.variety_id)
    if variety is None:
        raise InvalidFields.one("variety_id", "unknown")
    at = clock.now()
    season_id = await _may_come_in(tx, org_id, asked, at)
    await _not_twice(tx, asked, at)
    slip_id = await _write_slip(tx, who, org_id, asked, season_id, at)
    lot_id = await moves_sql.add_lot(
        tx,
        org_id=org_id,
        code=ids.draw(),
        kind="harvest",
        state=LOT.init,
        variety_id=asked.variety_id,
        grade=asked.grade,
        household_id=household.id,
        plot_id=plot.id if plot else None,
        season_id=season_id,
        slip_id=slip_id,
        grams_in=asked.grams,
        price_fen_per_jin=asked.price_fen_per_jin,
        floor_fen_per_jin=asked.floor_fen_per_jin,
        harvested_at=asked.harvested_at,
        best_before=asked.harvested_at + timedelta(days=variety.shelf_days),
        made_at=at,
    )
    await moves_sql.move(tx, org_id, lot_id, asked.grams, "make", str(slip_id), who.person_id, at)
    if asked.certificate is not None:
        await certificates.issue_for_harvest(
            tx,
            org_id,
            lot_id,
            asked.certificate,
            product=variety.crop + variety.name,
            grams=asked.grams,
            place=plot or household,
            at=at,
        )
    await _grew(tx, who, org_id, season_id, asked.stop_id)
    if plot is not None:
        await acts.hold_if_over(tx, org_id, lot_id, plot.id, asked.variety_id, asked.harvested_at)
    slip = await slips_sql.slip(tx, org_id, slip_id)
    assert slip is not None
    await _tell(tx, who, slip)
    return slip


async def _not_twice(tx: Tx, asked: WeighIn, now: datetime) -> None:
    """Raises InvalidFields, WeighedTwice. The household is held: nobody weighs beside us."""
    when = asked.weighed_at
    if when is None:
        return
    if when > now + DEVICE_AHEAD_MAX:
        raise InvalidFields.one("weighed_at", "future")
    if when < now - timedelta(days=WEIGHED_AGE_DAYS_MAX):
        raise InvalidFields.one("weighed_at", "too-old", max_days=WEIGHED_AGE_DAYS_MAX)
    if asked.again:
        return
    known = await slips_sql.alike(
        tx, asked.household_id, asked.variety_id, asked.grams, when - TWICE, when + TWICE
    )
    if known is not None:
        weighed = (known.weighed_at or known.at).isoformat().replace("+00:00", "Z")
        raise WeighedTwice(
            slip_id=str(known.id), code=known.code, grams=known.grams, weighed_at=weighed
        )


async def _whose(tx: Tx, org_id: UUID, asked: WeighIn) -> tuple[HouseholdView, PlotView | None]:
    household = await households_sql.household(tx, org_id, asked.household_id)
    if household is None:
        raise InvalidFields.one("household_id", "unknown")
    if asked.plot_id is None:
        return household, None
    plot = await households_sql.plot(tx, org_id, asked.plot_id)
    if plot is None or plot.household_id != household.id:
        raise InvalidFields.one("plot_id", "unknown")
    if plot.retired:
        raise InvalidFields.one("plot_id", "retired")
    return household, plot


async def _may_come_in(tx: Tx, org_id: UUID, asked: WeighIn, at: datetime) -> UUID | None:
    """The season that it is of; the household is held. Raises InvalidFields, Withholding."""
    _harvest_is_sensible(asked.harvested_at, at)
    await plots_sql.hold_household(tx, asked.household_id)
    day = day_of(asked.harvested_at)
    await inputs.must_be_over(tx, asked.household_id, asked.plot_id, asked.variety_id, day)
    if asked.stop_id is not None:
        await collecting.must_be_called_at(tx, org_id, asked.stop_id, asked.household_id)
    return await seasons.of_weigh_in(tx, asked.plot_id, asked.variety_id, asked.season_id)


async def _grew(
    tx: Tx, who: Subject, org_id: UUID, season_id: UUID | None, stop_id: UUID | None
) -> None:
    """Season and stop go on."""
    if season_id is not None:
        await seasons.weighed(tx, who, org_id, season_id)
    if stop_id is not None:
        await collecting.weighed(tx, stop_id)


def _harvest_is_sensible(harvested_at: datetime, now: datetime) -> None:
    if harvested_at > now + CLOCK_SLACK:
        raise InvalidFields.one("harvested_at", "future")
    if harvested_at < now - timedelta(days=HARVEST_AGE_DAYS_MAX):
        raise InvalidFields.one("harvested_at", "too-old", max_days=HARVEST_AGE_DAYS_MAX)


async def _write_slip(
    tx: Tx, who: Subject, org_id: UUID, asked: WeighIn, season_id: UUID | None, at: datetime
) -> UUID:
    slip_id, agreed = ids.uuid7(), asked.agreed
    state = SLIP.after(SLIP.init, "agree")
    await slips_sql.add_slip(
        tx,
        id=slip_id,
        org_id=org_id,
        code=ids.draw(),
        household_id=asked.household_id,
        plot_id=asked.plot_id,
        season_id=season_id,
        stop_id=asked.stop_id,
        variety_id=asked.variety_id,
        grade=asked.grade,
        grams=asked.grams,
        price_fen_per_jin=asked.price_fen_per_jin,
        floor_fen_per_jin=asked.floor_fen_per_jin,
        value_fen=value_of(asked.grams, asked.price_fen_per_jin),
        state=state,
        harvested_at=asked.harvested_at,
        entered_by=who.person_id,
        on_behalf=agreed.by == "helper",
        helper_name=agreed.helper_name,
        consent=agreed.consent,
        weighed_at=asked.weighed_at,
        at=at,
    )
    await slips_sql.add_step(tx, slip_id, "agree", state, who.person_id, at, agreed.consent or "")
    return slip_id


async def _tell(tx: Tx, who: Subject, slip: SlipView) -> None:
    if slip.on_behalf:
        after = {"code": slip.code, "grams": slip.grams, "helper": slip.helper_name}
        whom = f"household:{slip.household_id}"
        await audit.write(tx, who, "supply.weigh-in", f"slip:{slip.id}", None, after, whom)
    fact = WeighedIn(
        slip_id=slip.id,
        org_id=slip.org_id,
        household_id=slip.household_id,
        lot_id=slip.lot_id,
        variety_id=slip.variety_id,
        grade=slip.grade,
        grams=slip.grams,
        price_fen_per_jin=slip.price_fen_per_jin,
        value_fen=slip.value_fen,
        on_behalf=slip.on_behalf,
        at=slip.at,
    )
    await announce(tx, fact)


async def own_slip(tx: Tx, org_id: UUID, slip_id: UUID, lock: bool = False) -> SlipView:
    """A slip of the organization. Raises NotFound."""
    found = await slips_sql.slip(tx, org_id, slip_id, lock)
    if found is None:
        raise NotFound()
    return found
