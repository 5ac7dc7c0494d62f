"""Grade standards: attribute limits and tolerances as data, in editions that are never changed."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from tiantou.catalog import face as catalog
from tiantou.core.db import Tx
from tiantou.core.problems import AlreadyThere, InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock
from tiantou.supply.grading import standards_sql as sql
from tiantou.supply.grading.standards_sql import GradeView, LimitView, StandardView

# Each attribute with the unit that its whole numbers count, and the highest that is sensible.
ATTRIBUTES = {
    "diameter_tenth_mm": 10_000,
    "brix_tenth": 1_000,
    "blemish_mm2": 100_000,
    "weight_g": 100_000,
}
GRADES_MAX = 20
STANDARDS_MAX = 200


class StandardIn(Struct, frozen=True, kw_only=True):
    """A standard as entered. `variety_id` None: for any variety."""

    code: str
    title: str
    source: str
    edition: str
    variety_id: UUID | None
    grades: Sequence[GradeView]


async def add(tx: Tx, who: Subject, org_id: UUID | None, asked: StandardIn) -> StandardView:
    """A new standard or edition, of an organization or (None) everybody's.

    Raises InvalidFields, AlreadyThere (code and edition).
    """
    if asked.variety_id is not None and await catalog.variety(tx, asked.variety_id) is None:
        raise InvalidFields.one("variety_id", "unknown")
    _check(asked.grades)
    if await sql.count(tx, org_id) >= STANDARDS_MAX:
        raise InvalidFields.one("code", "too-many", max=STANDARDS_MAX)
    standard_id = await sql.add(
        tx,
        asked.grades,
        org_id=org_id,
        variety_id=asked.variety_id,
        code=asked.code,
        title=asked.title,
        source=asked.source,
        edition=asked.edition,
        made_by=who.person_id,
        made_at=clock.now(),
        retired_at=None,
    )
    if standard_id is None:
        raise AlreadyThere(field="code")
    found = await sql.standard(tx, standard_id)
    assert found is not None
    return found


async def usable(tx: Tx, org_id: UUID, standard_id: UUID) -> StandardView:
    """A standard that the organization may grade by: its own or everybody's, not retired.

    Raises NotFound, InvalidFields (retired).
    """
    found = await sql.standard(tx, standard_id)
    if found is None or found.org_id not in {None, org_id}:
        raise NotFound()
    if found.retired_at is not None:
        raise InvalidFields.one("standard_id", "retired")
    return found


async def retire(tx: Tx, org_id: UUID | None, standard_id: UUID) -> StandardView:
    """Nobody grades by it any more; lots that were stay. Raises NotFound."""
    found = await sql.standard(tx, standard_id)
    if found is None or found.org_id != org_id:
        raise NotFound()
    if found.retired_at is None:
        await sql.retire(tx, standard_id, clock.now())
    again = await sql.standard(tx, standard_id)
    assert again is not None
    return again


def _check(grades: Sequence[GradeView]) -> None:
    """Raises InvalidFields."""
    if not 1 <= len(grades) <= GRADES_MAX:
        raise InvalidFields.one("grades", "length", min=1, max=GRADES_MAX)
    if [one.rank for one in grades] != list(range(1, len(grades) + 1)):
        raise InvalidFields.one("grades", "ranks", first=1, last=len(grades))
    if len({one.name for one in grades}) != len(grades):
        raise InvalidFields.one("grades", "names")
    for place, grade in enumerate(grades):
        for at, limit in enumerate(grade.limits):
            _check_limit(limit, f"grades.{place}.limits.{at}")
        if len({limit.attribute for limit in grade.limits}) != len(grade.limits):
            raise InvalidFields.one(f"grades.{place}.limits", "twice")


def _check_limit(limit: LimitView, name: str) -> None:
    """Raises InvalidFields."""
    most = ATTRIBUTES.get(limit.attribute)
    if most is None:
        raise InvalidFields.one(f"{name}.attribute", "unknown")
    if limit.low is None and limit.high is None:
        raise InvalidFields.one(f"{name}.low", "missing")
    for end, value in (("low", limit.low), ("high", limit.high)):
        if value is not None and not 0 <= value <= most:
            raise InvalidFields.one(f"{name}.{end}", "range", min=0, max=most)
    if limit.low is not None and limit.high is not None and limit.low > limit.high:
        raise InvalidFields.one(f"{name}.high", "range", min=limit.low, max=most)
