"""Runs that only put lots together or name them anew: every gram that goes in comes out."""

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
from tiantou.supply.lifecycle import LOT
from tiantou.supply.problems import GradeDiffers
from tiantou.supply.runs import Made
from tiantou.supply.views import LotView
from tiantou.supply.words import GRADES

# What no one grade is any more.
MIXED = "混级"
# From the best down; ungraded and mixed produce promise nothing of its size.
_DOWN = ("特级", "一级", "二级", "三级")
_NOTHING = frozenset(GRADES) - frozenset(_DOWN)


class Mixed(Struct, frozen=True, kw_only=True):
    """A run that made one lot of what went in; `grams_left`: what its parents have left."""

    run_id: UUID
    lot_id: UUID
    code: str
    grade: str
    grams: int
    grams_left: int


async def mix(tx: Tx, who: Subject, org_id: UUID, grams: dict[UUID, int], note: str = "") -> Mixed:
    """One lot of several, so many grams of each; of different grades it is of none (混级).

    Raises NotFound, InvalidFields, LotNotOpen, LotShort, GradeDiffers (another variety).
    """
    if len(grams) < 2:
        raise InvalidFields.one("lots", "length", min=2, max=runs.PARENTS_MAX)
    parents = await runs.taken(tx, org_id, grams)
    _one_variety(parents)
    grades = {lot.grade for lot in parents}
    grade = grades.pop() if len(grades) == 1 else MIXED
    return await _run(tx, who, org_id, "mix", parents, grams, grade, note)


async def relabel(
    tx: Tx, who: Subject, org_id: UUID, lot_id: UUID, grams: int, grade: str, note: str
) -> Mixed:
    """A lot under a new code, of the same grade or a lower one: a better one needs a grade run.

    Raises NotFound, InvalidFields, LotNotOpen, LotShort.
    """
    (lot,) = parents = await runs.taken(tx, org_id, {lot_id: grams})
    if not _not_better(lot.grade, grade):
        raise InvalidFields.one("grade", "better", grade=lot.grade)
    return await _run(tx, who, org_id, "relabel", parents, {lot_id: grams}, grade, note)


def _not_better(before: str, after: str) -> bool:
    """Grades of an organization's own naming are better than nothing, and else not comparable."""
    if after == before or after in _NOTHING:
        return True
    return before in _DOWN and after in _DOWN and _DOWN.index(after) > _DOWN.index(before)


def _one_variety(parents: Sequence[LotView]) -> None:
    """Raises GradeDiffers."""
    wanted = parents[0].variety_id
    for lot in parents:
        if lot.variety_id != wanted:
            raise GradeDiffers(
                lot={"variety_id": str(lot.variety_id), "grade": lot.grade},
                pack={"variety_id": str(wanted)},
            )


async def _run(
    tx: Tx,
    who: Subject,
    org_id: UUID,
    kind: str,
    parents: Sequence[LotView],
    grams: dict[UUID, int],
    grade: str,
    note: str,
) -> Mixed:
    total, at = sum(grams.values()), clock.now()
    masses = runs.weighed(grams, total, {}, 0)
    run_id = ids.uuid7()
    await moves_sql.add_run(
        tx,
        id=run_id,
        org_id=org_id,
        kind=kind,
        in_g=total,
        out_g=total,
        cull_g=0,
        gone_g=0,
        shrink_g=0,
        tolerance_permille=0,
        note=note,
        by_person=who.person_id,
        at=at,
    )
    code = ids.draw()
    values = runs.mixed(parents, masses) | {"grams_in": total}
    lot_id = await _lot(tx, org_id, run_id, code, parents, values, grade, at)
    made = [Made(lot_id=lot_id, grams=total)]
    left = await runs.book(tx, who, org_id, run_id, kind, masses, made, at)
    if len(parents) > 1:
        await certificates.issue_for_mix(tx, org_id, lot_id, list(grams), total, at)
    return Mixed(run_id=run_id, lot_id=lot_id, code=code, grade=grade, grams=total, grams_left=left)


async def _lot(
    tx: Tx,
    org_id: UUID,
    run_id: UUID,
    code: str,
    parents: Sequence[LotView],
    values: dict[str, Any],
    grade: str,
    at: datetime,
) -> UUID:
    # The limits of a standard hold for what was measured under that grade's name alone.
    first = parents[0]
    same = all((one.grade, one.grade_rank) == (grade, first.grade_rank) for one in parents)
    return await moves_sql.add_lot(
        tx,
        org_id=org_id,
        code=code,
        kind="graded",
        state=LOT.init,
        variety_id=first.variety_id,
        grade=grade,
        grade_rank=first.grade_rank if same else None,
        run_id=run_id,
        made_at=at,
        **values,
    )
