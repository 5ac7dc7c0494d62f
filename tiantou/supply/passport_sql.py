"""What a passport asks of supply beside its story: the limits of a grade, what was measured."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from tiantou.core.db import Tx
from tiantou.supply.grading import standards_sql
from tiantou.supply.grading.standards_sql import GradeView


class GradeSaid(Struct, frozen=True, kw_only=True):
    """A grade with its limits, and the standard it is of."""

    grade: GradeView
    code: str
    edition: str
    title: str


class Measured(Struct, frozen=True, kw_only=True):
    """One attribute over the pieces that were measured, in the attribute's own whole unit."""

    attribute: str
    pieces: int
    low: int
    mean: int
    high: int


_UP = """
  with recursive up(lot_id) as (
      select cast(:lot as uuid)
      union
      select e.parent_id from up u join supply.lot_edge e on e.child_id = u.lot_id
  )"""
_GRADES = text(
    f"{_UP} select distinct l.standard_id, l.grade_rank from up join supply.lot l"
    " on l.id = up.lot_id where l.standard_id is not null and l.grade_rank is not null"
    " and l.grade = :grade limit 2"
)
_MEASURED = text(
    f"{_UP} select v.attribute, count(*)::int as pieces, min(v.value) as low,"
    " round(avg(v.value))::int as mean, max(v.value) as high"
    " from up join supply.sample s on s.lot_id = up.lot_id"
    " cross join lateral (values (1, 'diameter_tenth_mm', s.diameter_tenth_mm),"
    " (2, 'brix_tenth', s.brix_tenth), (3, 'blemish_mm2', s.blemish_mm2),"
    " (4, 'weight_g', s.weight_g)) v(place, attribute, value)"
    " where v.value is not null group by v.place, v.attribute order by v.place"
)


async def grade_said(tx: Tx, lot_id: UUID, grade: str) -> GradeSaid | None:
    """The limits of a lot's grade; None if it was graded by no standard, or parts by different."""
    found = (await tx.execute(_GRADES, {"lot": lot_id, "grade": grade})).all()
    if len(found) != 1:
        return None
    standard = await standards_sql.standard(tx, found[0].standard_id)
    if standard is None:
        return None
    spec = next((one for one in standard.grades if one.rank == found[0].grade_rank), None)
    if spec is None:
        return None
    return GradeSaid(grade=spec, code=standard.code, edition=standard.edition, title=standard.title)


async def measured(tx: Tx, lot_id: UUID) -> list[Measured]:
    """What was measured of a lot and of all that it was made of, by attribute."""
    return [Measured(**row._mapping) for row in await tx.execute(_MEASURED, {"lot": lot_id})]
