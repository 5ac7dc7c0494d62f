"""Routes of grading: standards as data, samples from CSV, grade runs."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from tiantou.core.fields import CLEAN
from tiantou.core.http import Caller, InTx, Operator, problems, router
from tiantou.core.problems import (
    AlreadyThere,
    InvalidFields,
    NotAllowed,
    NotFound,
    SignInRequired,
    TooLarge,
)
from tiantou.core.subject import MANAGER
from tiantou.supply import grade_runs
from tiantou.supply.grade_runs import GradeRun, Output
from tiantou.supply.grading import samples, standards, standards_sql
from tiantou.supply.grading.standards import ATTRIBUTES, GRADES_MAX, StandardIn
from tiantou.supply.grading.standards_sql import GradeView, LimitView, Piece, StandardView
from tiantou.supply.http import MINE, READERS, SCALE
from tiantou.supply.problems import GradeDiffers, GradeNotMet, LotNotOpen, LotShort, MassDiffers
from tiantou.supply.runs import OUTPUTS_MAX, PARENTS_MAX
from tiantou.supply.runs_http import GRAMS_MAX, Taken, grams_of
from tiantou.supply.wire import FromView

routes = router("supply")

_NEW = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, AlreadyThere)
_DESK = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, AlreadyThere)
_SEES = problems(SignInRequired, NotAllowed)
_READS = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, TooLarge)
_RUNS = problems(
    SignInRequired,
    NotAllowed,
    NotFound,
    InvalidFields,
    GradeDiffers,
    GradeNotMet,
    LotNotOpen,
    LotShort,
    MassDiffers,
)

Code = Annotated[str, Field(min_length=1, max_length=40), CLEAN]
Words = Annotated[str, Field(min_length=1, max_length=200), CLEAN]
GradeName = Annotated[str, Field(min_length=1, max_length=20), CLEAN]


class Limit(FromView):
    """What a grade asks of an attribute, both ends included, in the unit of its name."""

    attribute: str = Field(max_length=40)
    low: int | None = None
    high: int | None = None


class Grade(FromView):
    """A grade: 1 is the best; so many thousandths of a sample may pass its limits."""

    rank: int = Field(ge=1, le=GRADES_MAX)
    name: GradeName
    tolerance_permille: int = Field(ge=0, le=1000)
    limits: list[Limit] = Field(max_length=len(ATTRIBUTES))


class StandardAsked(BaseModel):
    """A standard as entered: where it is published, in which edition, its grades from rank 1."""

    code: Code
    title: Words
    source: Words
    edition: Code
    variety_id: UUID | None = None
    grades: list[Grade] = Field(min_length=1, max_length=GRADES_MAX)

    def wanted(self) -> StandardIn:
        """The standard as the use case takes it."""
        grades = [
            GradeView(
                rank=one.rank,
                name=one.name,
                tolerance_permille=one.tolerance_permille,
                limits=[LimitView(**limit.model_dump()) for limit in one.limits],
            )
            for one in self.grades
        ]
        return StandardIn(
            code=self.code,
            title=self.title,
            source=self.source,
            edition=self.edition,
            variety_id=self.variety_id,
            grades=grades,
        )


class Standard(FromView):
    """A grade standard. `shared`: everybody may grade by it."""

    id: UUID
    variety_id: UUID | None
    code: str
    title: str
    source: str
    edition: str
    retired_at: datetime | None
    grades: list[Grade]
    shared: bool = False

    @classmethod
    def of(cls, one: StandardView) -> "Standard":
        """The standard as shown."""
        made = cls.model_validate(one)
        made.shared = one.org_id is None
        return made


class Standards(BaseModel):
    """Every standard in force."""

    items: list[Standard]


class PieceIn(FromView):
    """A measured piece: tenths of millimetres and °Brix, whole mm² and grams."""

    diameter_tenth_mm: int | None = None
    brix_tenth: int | None = None
    blemish_mm2: int | None = None
    weight_g: int | None = None


class OutputAsked(BaseModel):
    """A grade that came out."""

    grade: GradeName
    grams: int = Field(ge=1, le=GRAMS_MAX)
    pieces: list[PieceIn] = Field(default=[], max_length=samples.PIECES_MAX)


class Gone(BaseModel):
    """Grams that left on the way."""

    spoil: int = Field(default=0, ge=0, le=GRAMS_MAX)
    donate: int = Field(default=0, ge=0, le=GRAMS_MAX)
    process: int = Field(default=0, ge=0, le=GRAMS_MAX)


class GradeRunAsked(BaseModel):
    """A grade run as entered. What is missing is booked as loss within the tolerance."""

    lots: list[Taken] = Field(min_length=1, max_length=PARENTS_MAX)
    outputs: list[OutputAsked] = Field(min_length=1, max_length=OUTPUTS_MAX)
    cull_g: int = Field(default=0, ge=0, le=GRAMS_MAX)
    gone: Gone = Gone()
    standard_id: UUID | None = None


class GradeRunMade(FromView):
    """A grade run that was made. `shrink_g`: the loss, at most so many thousandths."""

    run_id: UUID
    lot_ids: list[UUID]
    grams_left: int
    shrink_g: int
    tolerance_permille: int


class SampleOf(BaseModel):
    """The pieces of a grade."""

    grade: str
    pieces: list[PieceIn]


class Samples(BaseModel):
    """What a CSV says, grade by grade."""

    items: list[SampleOf]


@routes.get("/api/orgs/{org}/grade-standards", responses=MINE)
async def list_standards(org: UUID, tx: InTx, caller: Caller) -> Standards:
    """The standards in force: the organization's own and everybody's."""
    caller.must(org, *READERS)
    found = await standards_sql.standards_for(tx, org)
    return Standards(items=[Standard.of(one) for one in found])


@routes.post("/api/orgs/{org}/grade-standards", status_code=201, responses=_NEW)
async def add_standard(org: UUID, asked: StandardAsked, tx: InTx, caller: Caller) -> Standard:
    """A standard of the organization's own, or a new edition of one."""
    caller.must(org, MANAGER)
    return Standard.of(await standards.add(tx, caller, org, asked.wanted()))


@routes.post("/api/orgs/{org}/grade-standards/{standard_id}/retire", responses=MINE)
async def retire_standard(org: UUID, standard_id: UUID, tx: InTx, caller: Caller) -> Standard:
    """Nobody grades by it any more."""
    caller.must(org, MANAGER)
    return Standard.of(await standards.retire(tx, org, standard_id))


@routes.get("/api/desk/grade-standards", responses=_SEES)
async def list_shared_standards(tx: InTx, _: Operator) -> Standards:
    """The standards in force that everybody may grade by."""
    found = await standards_sql.standards_for(tx, None)
    return Standards(items=[Standard.of(one) for one in found])


@routes.post("/api/desk/grade-standards", status_code=201, responses=_DESK)
async def add_shared_standard(asked: StandardAsked, tx: InTx, operator: Operator) -> Standard:
    """A standard that everybody may grade by."""
    return Standard.of(await standards.add(tx, operator, None, asked.wanted()))


@routes.post("/api/desk/grade-standards/{standard_id}/retire", responses=MINE)
async def retire_shared_standard(standard_id: UUID, tx: InTx, _: Operator) -> Standard:
    """Nobody grades by it any more, whoever did."""
    return Standard.of(await standards.retire(tx, None, standard_id))


@routes.post(
    "/api/orgs/{org}/samples/read",
    responses=_READS,
    openapi_extra={
        "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
    },
)
async def read_samples(org: UUID, request: Request, caller: Caller) -> Samples:
    """Measured pieces from CSV, to be looked at and sent with a grade run; nothing is stored.

    What cannot be read is named by row and column.
    """
    caller.must(org, *SCALE)
    found = samples.read_csv(await request.body())
    return Samples(
        items=[
            SampleOf(grade=grade, pieces=[PieceIn.model_validate(one) for one in pieces])
            for grade, pieces in found.items()
        ]
    )


@routes.post("/api/orgs/{org}/runs/grade", status_code=201, responses=_RUNS)
async def grade(org: UUID, asked: GradeRunAsked, tx: InTx, caller: Caller) -> GradeRunMade:
    """Harvest lots become graded lots; every gram is accounted for."""
    caller.must(org, *SCALE)
    outputs: list[Any] = [
        Output(
            grade=one.grade,
            grams=one.grams,
            pieces=[Piece(**piece.model_dump()) for piece in one.pieces],
        )
        for one in asked.outputs
    ]
    run = GradeRun(
        grams=grams_of(asked.lots),
        outputs=outputs,
        cull_g=asked.cull_g,
        gone=asked.gone.model_dump(),
        standard_id=asked.standard_id,
    )
    return GradeRunMade.model_validate(await grade_runs.grade_run(tx, caller, org, run))
