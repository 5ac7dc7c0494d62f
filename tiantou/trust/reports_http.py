"""Routes of a shop's passports: problems that were reported, growers who may be named, labels."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER, PACKER, STATION
from tiantou.kit import clock, paging
from tiantou.supply import face as supply
from tiantou.trust import passports_sql as sql

routes = router("trust")

READERS = (MANAGER, STATION, PACKER)
RATES_MAX = 200
MINE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)


class ReportRate(BaseModel):
    """Reports about a packed lot; `permille`: boxes reported of a thousand boxes."""

    lot_id: UUID
    lot_code: str
    pack_id: UUID
    state: str
    reports: int
    boxes_reported: int
    boxes: int
    permille: int
    last_at: datetime


class ReportRates(BaseModel):
    """The lots with reports, the highest rate first."""

    items: list[ReportRate]


class ProblemReport(BaseModel):
    """What somebody with a box in hand reported; `photo` shows its label."""

    id: UUID
    code: str
    words: str
    photo: str
    at: datetime


class ProblemReports(BaseModel):
    """A page of reports."""

    items: list[ProblemReport]
    next: str | None


class Shown(BaseModel):
    """Whether passports may name a household, and how it agreed."""

    shown: bool
    consent: str | None


class ShownAsked(BaseModel):
    """How the household agreed to be named: in person, by letter, before whom."""

    consent: Annotated[str, Field(min_length=2, max_length=200), CLEAN]


@routes.get("/api/orgs/{org}/problem-reports", responses=MINE)
async def list_report_rates(org: UUID, tx: InTx, caller: Caller) -> ReportRates:
    """The packed lots that buyers reported problems with, the highest rate first, 200 at most."""
    caller.must(org, *READERS)
    found = await sql.rates(tx, org, RATES_MAX)
    return ReportRates(
        items=[ReportRate.model_validate(one, from_attributes=True) for one in found]
    )


@routes.get("/api/orgs/{org}/lots/{lot_id}/problem-reports", responses=MINE)
async def list_problem_reports(
    org: UUID,
    lot_id: UUID,
    tx: InTx,
    caller: Caller,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> ProblemReports:
    """What was reported of a lot's boxes, newest first."""
    caller.must(org, *READERS)
    await _lot(tx, org, lot_id)
    found = await sql.reports_of_lot(tx, org, lot_id, limit + 1, id_in(cursor))
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    items = [ProblemReport.model_validate(one, from_attributes=True) for one in found[:limit]]
    return ProblemReports(items=items, next=more)


@routes.get("/api/orgs/{org}/households/{household_id}/shown", responses=MINE)
async def household_shown(org: UUID, household_id: UUID, tx: InTx, caller: Caller) -> Shown:
    """Whether passports name the household."""
    caller.must(org, MANAGER, STATION)
    await _household(tx, org, household_id)
    consent = (await sql.shown(tx, [household_id])).get(household_id)
    return Shown(shown=consent is not None, consent=consent)


@routes.put("/api/orgs/{org}/households/{household_id}/shown", responses=MINE)
async def show_household(
    org: UUID, household_id: UUID, asked: ShownAsked, tx: InTx, caller: Caller
) -> Shown:
    """Passports name the household from now on: it agreed, and how is on record."""
    caller.must(org, MANAGER, STATION)
    await _household(tx, org, household_id)
    await sql.show(tx, org, household_id, asked.consent, caller.person_id, clock.now())
    after = {"consent": asked.consent}
    await audit.write(tx, caller, "trust.show-household", f"household:{household_id}", None, after)
    return Shown(shown=True, consent=asked.consent)


@routes.delete("/api/orgs/{org}/households/{household_id}/shown", responses=MINE)
async def hide_household(org: UUID, household_id: UUID, tx: InTx, caller: Caller) -> Shown:
    """No passport names the household any more, those of boxes that were sold neither."""
    caller.must(org, MANAGER, STATION)
    await _household(tx, org, household_id)
    await sql.hide(tx, org, household_id)
    await audit.write(tx, caller, "trust.hide-household", f"household:{household_id}", None, None)
    return Shown(shown=False, consent=None)


async def _household(tx: Tx, org: UUID, household_id: UUID) -> None:
    if await supply.household(tx, org, household_id) is None:
        raise NotFound()


async def _lot(tx: Tx, org: UUID, lot_id: UUID) -> supply.LotView:
    found = await supply.lot(tx, org, lot_id)
    if found is None:
        raise NotFound()
    return found
