"""Input records: what was used on which day, and the harvest that it withholds.

The withholding period (安全间隔期) runs from the day of use; the day that it ends on is the first
that may be harvested. Nobody can pass it over: a weigh-in is refused, and what came in before the
record was made is held, with all that was made of it.
"""

from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import acts, moves_sql, plots_sql, seasons, trace_sql
from tiantou.supply import inputs_sql as sql
from tiantou.supply.growing.days import day_of
from tiantou.supply.inputs_sql import InputView, Used
from tiantou.supply.problems import Withholding
from tiantou.supply.seasons_sql import SeasonView

KINDS = ("fertiliser", "pesticide", "regulator", "other")
INPUTS_MAX = 500
WITHHOLD_DAYS_MAX = 365
USED_DAYS_MAX = 3_660
# A certificate is one page.
PRINTED_MAX = 12


class InputIn(Struct, frozen=True, kw_only=True):
    """What was used. `registration_no` is that of the product's licence; a pesticide has one."""

    kind: str
    product: str
    registration_no: str
    dose: str
    purpose: str
    used_on: date
    withhold_days: int


async def record(
    tx: Tx, who: Subject, org_id: UUID, season_id: UUID, asked: InputIn
) -> list[InputView]:
    """Adds a record and holds what was harvested within its period; gives the season's records.

    Raises NotFound, InvalidFields.
    """
    season = await _room(tx, org_id, season_id)
    _check(asked)
    await _add(tx, who, season, asked)
    return await sql.of_season(tx, season_id)


async def correct(
    tx: Tx,
    who: Subject,
    org_id: UUID,
    season_id: UUID,
    input_id: UUID,
    asked: InputIn | None,
    why: str,
) -> list[InputView]:
    """A new record in place of one that stands; `asked` None withdraws it: nothing was used.

    Lots that were held stay so until somebody releases them. Raises NotFound, InvalidFields.
    """
    season = await _room(tx, org_id, season_id)
    found = {one.id: one for one in await sql.of_season(tx, season_id)}
    before = found.get(input_id)
    if before is None:
        raise NotFound()
    if before.corrected_by is not None or before.withdrawn:
        raise InvalidFields.one("input_id", "corrected")
    if asked is not None:
        _check(asked)
    said = asked or InputIn(**{name: getattr(before, name) for name in InputIn.__struct_fields__})
    await _add(tx, who, season, said, corrects=input_id, withdrawn=asked is None, why=why)
    was = {"product": before.product, "withhold_days": before.withhold_days}
    now = {"product": said.product, "withhold_days": said.withhold_days, "why": why}
    now["withdrawn"] = asked is None
    await audit.write(tx, who, "supply.input-correct", f"input:{input_id}", was, now)
    return await sql.of_season(tx, season_id)


async def must_be_over(
    tx: Tx, household_id: UUID, plot_id: UUID | None, variety_id: UUID, harvested_on: date
) -> None:
    """Raises Withholding. The caller holds the household.

    Produce of no named plot may be of any of the household's, so one under withholding is enough.
    """
    found = await sql.withheld(tx, household_id, plot_id, variety_id, harvested_on)
    if found is not None:
        raise Withholding(
            product=found.product,
            plot=found.plot,
            used_on=found.used_on.isoformat(),
            withhold_days=found.withhold_days,
            ends_on=found.ends_on.isoformat(),
            harvested_on=harvested_on.isoformat(),
        )


async def basis_of(tx: Tx, lot_id: UUID) -> list[Used] | None:
    """What was used before the harvest of a lot's roots, the last first; None: nothing is kept."""
    roots = [one.lot_id for one in await trace_sql.roots(tx, [lot_id])]
    return await sql.used_for(tx, roots, PRINTED_MAX)


async def _room(tx: Tx, org_id: UUID, season_id: UUID) -> SeasonView:
    """The season with its household held, so that no weigh-in slips by. Raises NotFound.

    The plot is not held: whoever reads a slip again holds a lot first and the plot after it.
    """
    season = await seasons.own(tx, org_id, season_id)
    await plots_sql.hold_household(tx, season.household_id)
    if await sql.count(tx, season_id) >= INPUTS_MAX:
        raise InvalidFields.one("season_id", "too-many", max=INPUTS_MAX)
    return season


async def _add(
    tx: Tx,
    who: Subject,
    season: SeasonView,
    asked: InputIn,
    corrects: UUID | None = None,
    withdrawn: bool = False,
    why: str = "",
) -> None:
    await sql.add(
        tx,
        id=ids.uuid7(),
        season_id=season.id,
        kind=asked.kind,
        product=asked.product,
        registration_no=asked.registration_no,
        dose=asked.dose,
        purpose=asked.purpose,
        used_on=asked.used_on,
        withhold_days=asked.withhold_days,
        corrects=corrects,
        withdrawn=withdrawn,
        why=why,
        by_person=who.person_id,
        at=clock.now(),
    )
    if not withdrawn and asked.withhold_days:
        await _hold_harvested(tx, season, asked)


async def _hold_harvested(tx: Tx, season: SeasonView, asked: InputIn) -> None:
    """What was weighed in of days within the period, and all that was made of it, is held."""
    ends_on = asked.used_on + timedelta(days=asked.withhold_days)
    roots = await sql.harvested_within(
        tx, season.household_id, season.plot_id, season.variety_id, asked.used_on, ends_on
    )
    if not roots:
        return
    why = f"withholding: {asked.product} {asked.used_on} + {asked.withhold_days} d"
    for lot_id in sorted(await _all_made_of(tx, season.org_id, roots)):
        await acts.hold_if_open(tx, season.org_id, lot_id, why)


async def _all_made_of(tx: Tx, org_id: UUID, roots: list[UUID]) -> set[UUID]:
    """The lots and all that was made of them, held, so that no run makes more in between."""
    held: set[UUID] = set()
    known = set(roots)
    while known != held:
        await moves_sql.lock_lots(tx, org_id, known)
        held, known = known, known | set(await trace_sql.down(tx, roots))
    return held


def _check(asked: InputIn) -> None:
    """Raises InvalidFields."""
    if asked.kind not in KINDS:
        raise InvalidFields.one("kind", "unknown")
    if asked.kind == "pesticide" and not asked.registration_no:
        raise InvalidFields.one("registration_no", "required")
    if not 0 <= asked.withhold_days <= WITHHOLD_DAYS_MAX:
        raise InvalidFields.one("withhold_days", "range", min=0, max=WITHHOLD_DAYS_MAX)
    today = day_of(clock.now())
    if asked.used_on > today:
        raise InvalidFields.one("used_on", "future")
    if (today - asked.used_on).days > USED_DAYS_MAX:
        raise InvalidFields.one("used_on", "too-old", max_days=USED_DAYS_MAX)
