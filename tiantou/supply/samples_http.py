"""Routes of measured samples: judged by a standard before a run, and read back after it."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.core.http import Caller, InTx, router
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.supply import lots_sql
from tiantou.supply.grading import samples, standards, standards_sql, verdicts
from tiantou.supply.grading.samples import PIECES_MAX
from tiantou.supply.grading.standards_sql import GradeView, Piece
from tiantou.supply.grading.verdicts import Judged
from tiantou.supply.grading_http import GradeName, PieceIn
from tiantou.supply.http import MINE, READERS, SCALE
from tiantou.supply.runs import OUTPUTS_MAX
from tiantou.supply.wire import FromView

routes = router("supply")


class Sample(BaseModel):
    """The pieces of a grade, as read from a form, a CSV or a device that types."""

    grade: GradeName
    pieces: list[PieceIn] = Field(max_length=PIECES_MAX)


class JudgeAsked(BaseModel):
    """Samples of a standard's grades."""

    standard_id: UUID
    items: Annotated[list[Sample], Field(min_length=1, max_length=OUTPUTS_MAX)]


class MeasureOut(FromView):
    """One attribute over the pieces measured: its ends, mean, limits, and shares beyond them."""

    attribute: str
    pieces: int
    least: int
    mean: int
    most: int
    low: int | None
    high: int | None
    below: int
    above: int
    outside_permille: int


class JudgedSample(FromView):
    """A sample by its grade. `verdict`: meets, fails or unmeasured; `reasons` say why."""

    grade: str
    pieces: int
    outside: int
    allowed: int
    tolerance_permille: int
    verdict: str
    measures: list[MeasureOut]
    reasons: list[dict[str, Any]]


class JudgedSamples(BaseModel):
    """Every sample judged, in the order asked."""

    items: list[JudgedSample]


class LotSample(BaseModel):
    """What was measured of a lot; `judged` None if it was graded by no standard."""

    pieces: list[PieceIn]
    measures: list[MeasureOut]
    judged: JudgedSample | None


@routes.post("/api/orgs/{org}/samples/judge", responses=MINE)
async def judge_samples(org: UUID, asked: JudgeAsked, tx: InTx, caller: Caller) -> JudgedSamples:
    """What samples say of the grades they are to be; nothing is stored."""
    caller.must(org, *SCALE)
    standard = await standards.usable(tx, org, asked.standard_id)
    grades = {one.name: one for one in standard.grades}
    found = []
    for place, one in enumerate(asked.items):
        grade = grades.get(one.grade)
        if grade is None:
            raise InvalidFields.one(f"items.{place}.grade", "unknown")
        pieces = [Piece(**piece.model_dump()) for piece in one.pieces]
        samples.check(pieces, f"items.{place}.pieces")
        found.append(_out(grade, pieces))
    return JudgedSamples(items=found)


@routes.get("/api/orgs/{org}/lots/{lot_id}/samples", responses=MINE)
async def lot_samples(org: UUID, lot_id: UUID, tx: InTx, caller: Caller) -> LotSample:
    """What was measured of a lot when it was graded, and what that says of its grade."""
    caller.must(org, *READERS)
    if await lots_sql.lot(tx, org, lot_id) is None:
        raise NotFound()
    pieces = (await standards_sql.samples_of(tx, [lot_id])).get(lot_id, [])
    grade = await standards_sql.grade_of(tx, lot_id)
    return LotSample(
        pieces=[PieceIn.model_validate(one) for one in pieces],
        measures=[MeasureOut.model_validate(one) for one in verdicts.measured(pieces, {})],
        judged=_out(grade, pieces) if grade else None,
    )


def _out(grade: GradeView, pieces: list[Piece]) -> JudgedSample:
    said: Judged = verdicts.judged(grade, pieces)
    return JudgedSample.model_validate(said)
