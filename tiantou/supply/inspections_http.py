"""Routes of inspections: what was tested of a lot."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.accounts import face as accounts
from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, PICTURE_HASH, id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, WithFiles, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.kit import paging
from tiantou.supply import inspections, lots_sql
from tiantou.supply.http import MINE, READERS, SCALE
from tiantou.supply.inspecting import inspections_sql
from tiantou.supply.inspecting.inspections_sql import InspectionView
from tiantou.supply.inspections import RESIDUE_UG_KG_MAX, SAMPLE_MAX, InspectionIn, Values
from tiantou.supply.wire import FromView

routes = router("supply")

_ADD = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)

Micrograms = Annotated[int, Field(ge=0, le=RESIDUE_UG_KG_MAX)]
Words = Annotated[str, Field(min_length=1, max_length=60), CLEAN]


class ValuesAsked(BaseModel):
    """Means over the sample: tenths of °Brix and of mm, g, mm², ‰, µg/kg."""

    brix_tenth: int | None = Field(None, ge=0, le=1_000)
    diameter_tenth_mm: int | None = Field(None, ge=0, le=10_000)
    weight_g: int | None = Field(None, ge=0, le=100_000)
    blemish_mm2: int | None = Field(None, ge=0, le=100_000)
    inhibition_permille: int | None = Field(None, ge=0, le=1_000)
    residue_ug_kg: Micrograms | None = None
    residue_limit_ug_kg: Micrograms | None = None
    substance: Words | None = None
    lab_says: Literal["pass", "fail"] | None = None


class InspectionAsked(BaseModel):
    """A test as entered; a laboratory's has its name, and a picture of its report if there is one.

    `at`: when it was made; now if nothing is said.
    """

    kind: Literal["self", "quick", "lab"]
    sample_n: int = Field(ge=1, le=SAMPLE_MAX)
    values: ValuesAsked
    lab: Words | None = None
    report: PICTURE_HASH | None = None
    note: Annotated[str, Field(max_length=200), CLEAN] = ""
    at: datetime | None = None

    def tested(self, draw_id: UUID | None = None, drawn_code: str | None = None) -> InspectionIn:
        """The same for the use case."""
        said = self.model_dump(exclude={"values"})
        values = Values(**self.values.model_dump())
        return InspectionIn(**said, values=values, draw_id=draw_id, drawn_code=drawn_code)


class Inspection(FromView):
    """A test of a lot. `verdict`: pass, fail, noted (no limits to judge by).

    `outcome`: proposed (somebody should hold the lot) or held (it is), or none.
    """

    id: UUID
    lot_id: UUID
    lot_code: str
    kind: str
    sample_n: int
    brix_tenth: int | None
    diameter_tenth_mm: int | None
    weight_g: int | None
    blemish_mm2: int | None
    inhibition_permille: int | None
    residue_ug_kg: int | None
    residue_limit_ug_kg: int | None
    substance: str | None
    lab: str | None
    lab_says: str | None
    report: str | None
    note: str
    verdict: str
    failed: list[str]
    outcome: str
    session_id: UUID | None
    video_at: datetime | None
    draw_id: UUID | None
    drawn_code: str | None
    made_by: str
    at: datetime


class Inspections(BaseModel):
    """A page of tests."""

    items: list[Inspection]
    next: str | None


@routes.get("/api/orgs/{org}/lots/{lot_id}/inspections", responses=MINE)
async def list_inspections(
    org: UUID,
    lot_id: UUID,
    tx: InTx,
    caller: Caller,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Inspections:
    """What was tested of a lot, newest first."""
    caller.must(org, *READERS)
    if await lots_sql.lot(tx, org, lot_id) is None:
        raise NotFound()
    found = await inspections_sql.of_lots(tx, [lot_id], limit + 1, id_in(cursor))
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Inspections(items=await inspections_out(tx, found[:limit]), next=more)


@routes.post("/api/orgs/{org}/lots/{lot_id}/inspections", status_code=201, responses=_ADD)
async def add_inspection(
    org: UUID, lot_id: UUID, asked: InspectionAsked, tx: InTx, caller: Caller, files: WithFiles
) -> Inspection:
    """A test of a lot; a laboratory's that failed holds it and all that was made of it."""
    caller.must(org, *SCALE)
    if asked.report is not None and not await files.known(tx, asked.report):
        raise InvalidFields.one("report", "unknown")
    made = await inspections.inspect(tx, caller, org, lot_id, asked.tested())
    return (await inspections_out(tx, [made]))[0]


async def inspections_out(tx: Tx, found: list[InspectionView]) -> list[Inspection]:
    """Tests with the name of who entered them."""
    people = await accounts.people(tx, {one.made_by for one in found})
    return [
        Inspection(
            made_by=people[one.made_by].nickname if one.made_by in people else "",
            **{name: getattr(one, name) for name in Inspection.model_fields if name != "made_by"},
        )
        for one in found
    ]
