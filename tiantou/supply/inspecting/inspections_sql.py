"""Statements on inspections."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Text, Uuid, column, func, insert, select, table

from tiantou.core.db import Tx
from tiantou.supply.inspecting.tables import InspectionRow


class InspectionView(Struct, frozen=True, kw_only=True):
    """A test of a lot; None was not measured. `verdict`: pass, fail, or noted (no limits)."""

    id: UUID
    org_id: UUID
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
    made_by: UUID
    at: datetime


# The lots are of the floor above: their codes alone are read here.
_LOT = table("lot", column("id", Uuid), column("code", Text), schema="supply")
_COLUMNS = (
    *(
        getattr(InspectionRow, name)
        for name in InspectionView.__struct_fields__
        if name != "lot_code"
    ),
    _LOT.c.code.label("lot_code"),
)
_FOUND = select(*_COLUMNS).join(_LOT, _LOT.c.id == InspectionRow.lot_id)


async def add(tx: Tx, **values: Any) -> None:
    """Inserts an inspection."""
    await tx.execute(insert(InspectionRow).values(**values))


async def count(tx: Tx, lot_id: UUID) -> int:
    """How many tests a lot has."""
    query = select(func.count()).select_from(InspectionRow)
    return int(await tx.scalar(query.where(InspectionRow.lot_id == lot_id)) or 0)


async def one(tx: Tx, inspection_id: UUID) -> InspectionView:
    """The inspection of an id that exists."""
    row = (await tx.execute(_FOUND.where(InspectionRow.id == inspection_id))).one()
    return InspectionView(**row._mapping)


async def of_lots(
    tx: Tx, lots: Iterable[UUID], limit: int, before: UUID | None = None
) -> list[InspectionView]:
    """The tests of lots, newest first."""
    query = _FOUND.where(InspectionRow.lot_id.in_(list(lots)))
    if before is not None:
        query = query.where(InspectionRow.id < before)
    rows = await tx.execute(query.order_by(InspectionRow.id.desc()).limit(limit))
    return [InspectionView(**row._mapping) for row in rows]


async def of_session(
    tx: Tx, session_id: UUID, lot_id: UUID, since: datetime, limit: int
) -> list[InspectionView]:
    """The tests of a lot on camera in a session since a moment, newest first."""
    query = _FOUND.where(
        InspectionRow.session_id == session_id,
        InspectionRow.lot_id == lot_id,
        InspectionRow.at >= since,
    )
    rows = await tx.execute(query.order_by(InspectionRow.id.desc()).limit(limit))
    return [InspectionView(**row._mapping) for row in rows]


async def results_of_draws(tx: Tx, draws: Iterable[UUID]) -> dict[UUID, int]:
    """How many results drawn samples have; those without any are absent."""
    rows = await tx.execute(
        select(InspectionRow.draw_id, func.count())
        .where(InspectionRow.draw_id.in_(list(draws)))
        .group_by(InspectionRow.draw_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


async def of_draw(tx: Tx, draw_id: UUID) -> list[InspectionView]:
    """The results of a drawn sample, in the order in which they were entered."""
    rows = await tx.execute(
        _FOUND.where(InspectionRow.draw_id == draw_id).order_by(InspectionRow.id)
    )
    return [InspectionView(**row._mapping) for row in rows]
