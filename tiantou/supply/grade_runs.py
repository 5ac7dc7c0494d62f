"""A grade run: harvest lots in, graded lots out; what is culled or goes elsewhere is a move."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import certificates, moves_sql, runs
from tiantou.supply.grading import samples, standards, standards_sql
from tiantou.supply.grading.standards_sql import Piece, StandardView
from tiantou.supply.lifecycle import LOT
from tiantou.supply.problems import GradeDiffers
from tiantou.supply.runs import GONE, OUTPUTS_MAX, Made, Masses
from tiantou.supply.views import LotView
from tiantou.supply.weights import GRADE_TOLERANCE_PERMILLE


class Output(Struct, frozen=True, kw_only=True):
    """A grade that came out: its name, its grams, what was measured of it."""

    grade: str
    grams: int
    pieces: Sequence[Piece] = ()


class GradeRun(Struct, frozen=True, kw_only=True):
    """Lots of one variety, so many grams of each, and what came out.

    `gone`: grams that left on the way, by reason (`spoil`, `donate`, `process`).
    """

    grams: dict[UUID, int]
    outputs: Sequence[Output]
    cull_g: int
    gone: dict[str, int]
    standard_id: UUID | None = None


class Graded(Struct, frozen=True, kw_only=True):
    """A grade run that was made: the lots that it made, and what its parents have left."""

    run_id: UUID
    lot_ids: list[UUID]
    grams_left: int
    shrink_g: int
    tolerance_permille: int = GRADE_TOLERANCE_PERMILLE


async def grade_run(tx: Tx, who: Subject, org_id: UUID, asked: GradeRun) -> Graded:
    """Makes a graded lot of each output; a mix gets a certificate of its own.

    Raises NotFound, InvalidFields, LotNotOpen, LotShort, GradeDiffers (another variety),
    GradeNotMet, MassDiffers.
    """
    _check(asked)
    standard = await _standard(tx, org_id, asked)
    parents = await runs.taken(tx, org_id, asked.grams)
    _one_variety(parents, standard)
    gone = {"cull": asked.cull_g, **asked.gone}
    out_g = sum(one.grams for one in asked.outputs)
    masses = runs.weighed(asked.grams, out_g, gone, GRADE_TOLERANCE_PERMILLE)
    run_id, at = ids.uuid7(), clock.now()
    await _write_run(tx, who, org_id, run_id, asked, masses, at)
    made = [
        await _graded_lot(tx, org_id, run_id, parents, masses, one, standard, at)
        for one in asked.outputs
    ]
    left = await runs.book(tx, who, org_id, run_id, "grade", masses, made, at)
    for lot, output in zip(made, asked.outputs, strict=True):
        await standards_sql.add_samples(tx, lot.lot_id, output.pieces)
        if len(parents) > 1:
            await certificates.issue_for_mix(
                tx, org_id, lot.lot_id, [one.id for one in parents], lot.grams, at
            )
    return Graded(
        run_id=run_id,
        lot_ids=[one.lot_id for one in made],
        grams_left=left,
        shrink_g=masses.losses["shrink"],
    )


def _check(asked: GradeRun) -> None:
    """Raises InvalidFields."""
    if not 1 <= len(asked.outputs) <= OUTPUTS_MAX:
        raise InvalidFields.one("outputs", "length", min=1, max=OUTPUTS_MAX)
    if len({one.grade for one in asked.outputs}) != len(asked.outputs):
        raise InvalidFields.one("outputs", "twice")
    for place, one in enumerate(asked.outputs):
        if one.grams < 1:
            raise InvalidFields.one(f"outputs.{place}.grams", "range", min=1)
        samples.check(one.pieces, f"outputs.{place}.pieces")
    if set(asked.gone) - set(GONE) or min([asked.cull_g, *asked.gone.values()]) < 0:
        raise InvalidFields.one("gone", "range", min=0)


async def _standard(tx: Tx, org_id: UUID, asked: GradeRun) -> StandardView | None:
    """The standard, if one is named; each output's sample meets its grade. Raises GradeNotMet."""
    if asked.standard_id is None:
        return None
    standard = await standards.usable(tx, org_id, asked.standard_id)
    grades = {one.name: one for one in standard.grades}
    for place, output in enumerate(asked.outputs):
        grade = grades.get(output.grade)
        if grade is None:
            raise InvalidFields.one(f"outputs.{place}.grade", "unknown")
        samples.must_meet(grade, output.pieces)
    return standard


def _one_variety(parents: Sequence[LotView], standard: StandardView | None) -> None:
    """Raises GradeDiffers."""
    wanted = standard.variety_id if standard and standard.variety_id else parents[0].variety_id
    for lot in parents:
        if lot.variety_id != wanted:
            raise GradeDiffers(
                lot={"variety_id": str(lot.variety_id), "grade": lot.grade},
                pack={"variety_id": str(wanted)},
            )


async def _write_run(
    tx: Tx, who: Subject, org_id: UUID, run_id: UUID, asked: GradeRun, masses: Masses, at: datetime
) -> None:
    await moves_sql.add_run(
        tx,
        id=run_id,
        org_id=org_id,
        kind="grade",
        standard_id=asked.standard_id,
        in_g=masses.in_g,
        out_g=masses.out_g,
        cull_g=asked.cull_g,
        gone_g=sum(asked.gone.values()),
        shrink_g=masses.losses["shrink"],
        tolerance_permille=GRADE_TOLERANCE_PERMILLE,
        by_person=who.person_id,
        at=at,
    )


async def _graded_lot(
    tx: Tx,
    org_id: UUID,
    run_id: UUID,
    parents: Sequence[LotView],
    masses: Masses,
    output: Output,
    standard: StandardView | None,
    at: datetime,
) -> Made:
    rank = None
    if standard is not None:
        rank = next(one.rank for one in standard.grades if one.name == output.grade)
    values: dict[str, Any] = runs.mixed(parents, masses)
    lot_id = await moves_sql.add_lot(
        tx,
        org_id=org_id,
        code=ids.draw(),
        kind="graded",
        state=LOT.init,
        variety_id=parents[0].variety_id,
        grade=output.grade,
        grade_rank=rank,
        standard_id=standard.id if standard else None,
        run_id=run_id,
        grams_in=output.grams,
        made_at=at,
        **values,
    )
    return Made(lot_id=lot_id, grams=output.grams)
