"""Routes of the scale: weigh-in slips, their steps, their print."""

from datetime import UTC
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field
from starlette.responses import HTMLResponse

from tiantou.accounts import face as accounts
from tiantou.catalog import face as catalog
from tiantou.core.fields import CLEAN, PERSON_NAME, REASON, id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired, WrongStep
from tiantou.kit import paging
from tiantou.supply import households_sql, prints, slips, slips_sql
from tiantou.supply.certificates import COMMITMENTS, Paper
from tiantou.supply.http import MINE, SCALE
from tiantou.supply.problems import LotInUse, LotShort, WeighedTwice, Withholding
from tiantou.supply.weighing import Agreement, WeighIn, own_slip, weigh_in
from tiantou.supply.wire import Slip, slips_out
from tiantou.supply.words import WORDS, ZH

routes = router("supply")

GRAMS_MAX, FEN_PER_JIN_MAX = 10_000_000, 1_000_000
_STEPS = problems(
    SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep, LotShort, LotInUse
)
_WEIGHS = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, Withholding, WeighedTwice)
_CODES = {WORDS[ZH][code]: code for code in COMMITMENTS}

Lang = Annotated[Literal["zh-CN", "en"], Query()]
# The legal sentence is taken for its code.
Commitment = Annotated[
    Literal["no_banned_substances", "residues_within_limits", "truthful"],
    BeforeValidator(lambda said: _CODES.get(said, said) if isinstance(said, str) else said),
]


class CertificateAsked(BaseModel):
    """What a certificate stands on, and what it commits to."""

    basis: Literal["control", "self_test", "lab"]
    commitments: list[Commitment] = Field(min_length=1, max_length=3)


class ByGrower(BaseModel):
    """The grower stood at the scale and agreed."""

    by: Literal["grower"]


class ByHelper(BaseModel):
    """Somebody else entered it by the grower's consent; `consent` says how that was given."""

    by: Literal["helper"]
    helper_name: PERSON_NAME
    consent: REASON


class WeighInAsked(BaseModel):
    """What the scale said. `weighed_at` is the device's time; with `again` one that looks like
    another slip of those minutes is no repetition of it.
    """

    household_id: UUID
    plot_id: UUID | None = None
    season_id: UUID | None = None
    stop_id: UUID | None = None
    variety_id: UUID
    grade: Annotated[str, Field(min_length=1, max_length=20), CLEAN]
    grams: int = Field(ge=1, le=GRAMS_MAX)
    price_fen_per_jin: int = Field(ge=1, le=FEN_PER_JIN_MAX)
    floor_fen_per_jin: int = Field(ge=0, le=FEN_PER_JIN_MAX)
    harvested_at: AwareDatetime
    certificate: CertificateAsked | None = None
    agreed: Annotated[ByGrower | ByHelper, Field(discriminator="by")]
    weighed_at: AwareDatetime | None = None
    again: bool = False


class Note(BaseModel):
    """Why."""

    reason: REASON


class NewReading(Note):
    """What the scale says now, and why it is another figure."""

    grams: int = Field(ge=1, le=GRAMS_MAX)


class Slips(BaseModel):
    """A page of slips."""

    items: list[Slip]
    next: str | None


@routes.post("/api/orgs/{org}/slips", status_code=201, responses=_WEIGHS)
async def weigh(org: UUID, asked: WeighInAsked, tx: InTx, caller: Caller) -> Slip:
    """Weighs produce in: the slip, its lot and its certificate are made together.

    Nothing is taken in that was harvested within a withholding period.
    """
    caller.must(org, *SCALE)
    paper = asked.certificate
    reading = WeighIn(
        household_id=asked.household_id,
        plot_id=asked.plot_id,
        season_id=asked.season_id,
        stop_id=asked.stop_id,
        variety_id=asked.variety_id,
        grade=asked.grade,
        grams=asked.grams,
        price_fen_per_jin=asked.price_fen_per_jin,
        floor_fen_per_jin=asked.floor_fen_per_jin,
        harvested_at=asked.harvested_at.astimezone(UTC),
        certificate=Paper(basis=paper.basis, commitments=sorted(set(paper.commitments)))
        if paper
        else None,
        agreed=Agreement(**asked.agreed.model_dump()),
        weighed_at=asked.weighed_at.astimezone(UTC) if asked.weighed_at else None,
        again=asked.again,
    )
    return (await slips_out(tx, [await weigh_in(tx, caller, org, reading)]))[0]


@routes.get("/api/orgs/{org}/slips", responses=MINE)
async def list_slips(
    org: UUID,
    tx: InTx,
    caller: Caller,
    household_id: Annotated[UUID | None, Query()] = None,
    season_id: Annotated[UUID | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Slips:
    """The organization's slips, newest first, of one household or season if asked so."""
    caller.must(org, *SCALE)
    found = await slips_sql.slips_of(tx, org, limit + 1, id_in(cursor), household_id, season_id)
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Slips(items=await slips_out(tx, found[:limit]), next=more)


@routes.get("/api/orgs/{org}/slips/{slip_id}", responses=MINE)
async def get_slip(org: UUID, slip_id: UUID, tx: InTx, caller: Caller) -> Slip:
    """A slip of the organization."""
    caller.must(org, *SCALE)
    return (await slips_out(tx, [await own_slip(tx, org, slip_id)]))[0]


@routes.post("/api/orgs/{org}/slips/{slip_id}/dispute", responses=_STEPS)
async def dispute(org: UUID, slip_id: UUID, asked: Note, tx: InTx, caller: Caller) -> Slip:
    """The grower does not agree with the slip any more."""
    caller.must(org, *SCALE)
    moved = await slips.step(tx, caller, org, slip_id, "dispute", asked.reason)
    return (await slips_out(tx, [moved]))[0]


@routes.post("/api/orgs/{org}/slips/{slip_id}/read-again", responses=_STEPS)
async def read_again(org: UUID, slip_id: UUID, asked: NewReading, tx: InTx, caller: Caller) -> Slip:
    """A new reading of a disputed slip; lot, value and certificate follow it."""
    caller.must(org, *SCALE)
    moved = await slips.read_again(tx, caller, org, slip_id, asked.grams, asked.reason)
    return (await slips_out(tx, [moved]))[0]


@routes.post("/api/orgs/{org}/slips/{slip_id}/void", responses=_STEPS)
async def void(org: UUID, slip_id: UUID, asked: Note, tx: InTx, caller: Caller) -> Slip:
    """Takes a slip back with its lot, as long as nothing was taken from the lot."""
    caller.must(org, *SCALE)
    moved = await slips.void(tx, caller, org, slip_id, asked.reason)
    return (await slips_out(tx, [moved]))[0]


@routes.get("/api/orgs/{org}/slips/{slip_id}/print", response_class=HTMLResponse, responses=MINE)
async def print_slip(
    org: UUID, slip_id: UUID, tx: InTx, caller: Caller, lang: Lang = "zh-CN"
) -> HTMLResponse:
    """The slip as a page for a 58 mm printer."""
    caller.must(org, *SCALE)
    slip = await own_slip(tx, org, slip_id)
    seller = await accounts.org(tx, org)
    household = await households_sql.household(tx, org, slip.household_id)
    variety = await catalog.variety(tx, slip.variety_id)
    if seller is None or household is None or variety is None:
        raise NotFound()
    plot = await households_sql.plot(tx, org, slip.plot_id) if slip.plot_id else None
    writer = await accounts.person(tx, slip.entered_by)
    paper = prints.SlipPaper(
        org_name=seller.name,
        slip=slip,
        household=household,
        plot=plot,
        variety=variety,
        entered_by=writer.nickname if writer else "",
    )
    page = prints.slip_page(paper, lang)
    return HTMLResponse(page.html, headers={"Content-Security-Policy": page.policy})
