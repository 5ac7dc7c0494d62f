"""Statements on crops and varieties."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, or_, select

from tiantou.catalog.tables import CropRow, VarietyRow
from tiantou.catalog.views import VarietyView
from tiantou.core.db import Tx

VARIETIES_MAX = 500


def _select() -> Select[*tuple[Any, ...]]:
    return select(
        VarietyRow.id,
        CropRow.name.label("crop"),
        VarietyRow.name,
        CropRow.name_en.label("crop_en"),
        VarietyRow.name_en,
        VarietyRow.months,
        VarietyRow.storage,
        VarietyRow.shelf_days,
        CropRow.certificate_due,
    ).join(CropRow, CropRow.id == VarietyRow.crop_id)


def _view(row: Row[*tuple[Any, ...]]) -> VarietyView:
    return VarietyView(**row._mapping)


async def variety(tx: Tx, variety_id: UUID) -> VarietyView | None:
    """A variety, or None."""
    row = (await tx.execute(_select().where(VarietyRow.id == variety_id))).one_or_none()
    return None if row is None else _view(row)


async def varieties(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, VarietyView]:
    """Those of the varieties that exist, by id."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    rows = await tx.execute(_select().where(VarietyRow.id.in_(wanted)))
    return {row.id: _view(row) for row in rows}


async def find_varieties(tx: Tx, text: str) -> list[VarietyView]:
    """Varieties whose crop or name (Chinese or English) holds `text`; all if it is empty."""
    query = _select().order_by(CropRow.kind, CropRow.name, VarietyRow.name).limit(VARIETIES_MAX)
    if text:
        query = query.where(
            or_(
                *(
                    column.icontains(text, autoescape=True)
                    for column in (
                        CropRow.name,
                        VarietyRow.name,
                        CropRow.name_en,
                        VarietyRow.name_en,
                    )
                )
            )
        )
    return [_view(row) for row in await tx.execute(query)]
