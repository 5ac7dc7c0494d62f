"""Statements on grade standards and measured samples."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_once

from tiantou.core.db import Tx
from tiantou.kit import ids
from tiantou.supply.grading.tables import (
    GradeLimitRow,
    GradeSpecRow,
    GradeStandardRow,
    SampleRow,
)


class LimitView(Struct, frozen=True, kw_only=True):
    """What a grade asks of an attribute, both ends included; None: no such end."""

    attribute: str
    low: int | None
    high: int | None


class GradeView(Struct, frozen=True, kw_only=True):
    """A grade: 1 is the best; so many thousandths of a sample may pass its limits."""

    rank: int
    name: str
    tolerance_permille: int
    limits: list[LimitView]


class StandardView(Struct, frozen=True, kw_only=True):
    """A standard in one edition with its grades, the best first."""

    id: UUID
    org_id: UUID | None
    variety_id: UUID | None
    code: str
    title: str
    source: str
    edition: str
    retired_at: datetime | None
    grades: list[GradeView]


class Piece(Struct, frozen=True, kw_only=True):
    """One measured piece; None: not measured."""

    diameter_tenth_mm: int | None = None
    brix_tenth: int | None = None
    blemish_mm2: int | None = None
    weight_g: int | None = None


_STANDARD = (
    GradeStandardRow.id,
    GradeStandardRow.org_id,
    GradeStandardRow.variety_id,
    GradeStandardRow.code,
    GradeStandardRow.title,
    GradeStandardRow.source,
    GradeStandardRow.edition,
    GradeStandardRow.retired_at,
)


async def add(tx: Tx, grades: Sequence[GradeView], **values: Any) -> UUID | None:
    """Inserts a standard; gives its id, None if code and edition are taken."""
    made: UUID | None = await tx.scalar(
        insert_once(GradeStandardRow)
        .values(id=ids.uuid7(), **values)
        .on_conflict_do_nothing()
        .returning(GradeStandardRow.id)
    )
    if made is None:
        return None
    specs = [
        {
            "standard_id": made,
            "rank": one.rank,
            "name": one.name,
            "tolerance_permille": one.tolerance_permille,
        }
        for one in grades
    ]
    await tx.execute(insert(GradeSpecRow), specs)
    limits = [
        {
            "standard_id": made,
            "rank": one.rank,
            "attribute": limit.attribute,
            "low": limit.low,
            "high": limit.high,
        }
        for one in grades
        for limit in one.limits
    ]
    if limits:
        await tx.execute(insert(GradeLimitRow), limits)
    return made


async def count(tx: Tx, org_id: UUID | None) -> int:
    """How many standards an organization has, or (None) everybody."""
    query = select(func.count()).select_from(GradeStandardRow)
    found = await tx.scalar(query.where(GradeStandardRow.org_id.is_not_distinct_from(org_id)))
    return int(found or 0)


async def retire(tx: Tx, standard_id: UUID, at: datetime) -> None:
    """It is not graded by any more."""
    await tx.execute(
        update(GradeStandardRow).where(GradeStandardRow.id == standard_id).values(retired_at=at)
    )


async def standard(tx: Tx, standard_id: UUID) -> StandardView | None:
    """A standard of that id, whosever and retired too."""
    found = await _some(tx, [standard_id])
    return found[0] if found else None


async def grade_of(tx: Tx, lot_id: UUID) -> GradeView | None:
    """The grade that a lot was made as, if by a standard."""
    row = (
        await tx.execute(
            text("select standard_id, grade_rank from supply.lot where id = :lot"), {"lot": lot_id}
        )
    ).one_or_none()
    if row is None or row.standard_id is None:
        return None
    (found,) = await _some(tx, [row.standard_id])
    return next((one for one in found.grades if one.rank == row.grade_rank), None)


async def standards_for(tx: Tx, org_id: UUID | None) -> list[StandardView]:
    """The standards in force of an organization and everybody's, by code and edition."""
    own = or_(GradeStandardRow.org_id.is_(None), GradeStandardRow.org_id == org_id)
    rows = await tx.scalars(
        select(GradeStandardRow.id)
        .where(own, GradeStandardRow.retired_at.is_(None))
        .order_by(GradeStandardRow.code, GradeStandardRow.edition, GradeStandardRow.id)
    )
    wanted = list(rows)
    by_id = {one.id: one for one in await _some(tx, wanted)}
    return [by_id[one] for one in wanted]


async def _some(tx: Tx, wanted: Iterable[UUID]) -> list[StandardView]:
    these = list(wanted)
    limits: dict[tuple[UUID, int], list[LimitView]] = {}
    found = await tx.execute(
        select(
            GradeLimitRow.standard_id,
            GradeLimitRow.rank,
            GradeLimitRow.attribute,
            GradeLimitRow.low,
            GradeLimitRow.high,
        )
        .where(GradeLimitRow.standard_id.in_(these))
        .order_by(GradeLimitRow.attribute)
    )
    for row in found:
        limit = LimitView(attribute=row.attribute, low=row.low, high=row.high)
        limits.setdefault((row.standard_id, row.rank), []).append(limit)
    grades: dict[UUID, list[GradeView]] = {}
    spec = GradeSpecRow
    specs = await tx.execute(
        select(spec.standard_id, spec.rank, spec.name, spec.tolerance_permille)
        .where(spec.standard_id.in_(these))
        .order_by(spec.rank)
    )
    for one in specs:
        grade = GradeView(
            rank=one.rank,
            name=one.name,
            tolerance_permille=one.tolerance_permille,
            limits=limits.get((one.standard_id, one.rank), []),
        )
        grades.setdefault(one.standard_id, []).append(grade)
    rows = await tx.execute(select(*_STANDARD).where(GradeStandardRow.id.in_(these)))
    return [StandardView(grades=grades[row.id], **row._mapping) for row in rows]


async def add_samples(tx: Tx, lot_id: UUID, pieces: Sequence[Piece]) -> None:
    """Writes down what was measured of a lot."""
    rows = [
        {
            "lot_id": lot_id,
            "no": no,
            "diameter_tenth_mm": one.diameter_tenth_mm,
            "brix_tenth": one.brix_tenth,
            "blemish_mm2": one.blemish_mm2,
            "weight_g": one.weight_g,
        }
        for no, one in enumerate(pieces, start=1)
    ]
    if rows:
        await tx.execute(insert(SampleRow), rows)


async def samples_of(tx: Tx, lots: Iterable[UUID]) -> dict[UUID, list[Piece]]:
    """What was measured of lots, in order."""
    rows = await tx.execute(
        select(
            SampleRow.lot_id,
            SampleRow.diameter_tenth_mm,
            SampleRow.brix_tenth,
            SampleRow.blemish_mm2,
            SampleRow.weight_g,
        )
        .where(SampleRow.lot_id.in_(list(lots)))
        .order_by(SampleRow.lot_id, SampleRow.no)
    )
    found: dict[UUID, list[Piece]] = {}
    for row in rows:
        said = dict(row._mapping)
        found.setdefault(said.pop("lot_id"), []).append(Piece(**said))
    return found
