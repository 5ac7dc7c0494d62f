"""Statements on drawn samples."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, insert, select, text

from tiantou.core.db import Tx
from tiantou.trust.tables import DrawnRow, DrawRow


class DrawView(Struct, frozen=True, kw_only=True):
    """A drawn sample: of what, of how many, and the seed with the link that it was made of."""

    id: UUID
    org_id: UUID
    no: int
    what: str
    lot_id: UUID | None
    day: date | None
    n: int
    link: bytes
    seed: str
    population: int
    population_sha256: str
    by_operator: bool
    made_by: UUID
    at: datetime


_DRAW = tuple(getattr(DrawRow, name) for name in DrawView.__struct_fields__)


async def hold(tx: Tx, org_id: UUID) -> None:
    """Draws of an organization and their results follow one another until the commit."""
    key = func.hashtextextended(f"trust.draw:{org_id}", 0)
    await tx.execute(select(func.pg_advisory_xact_lock(key)))


async def next_no(tx: Tx, org_id: UUID) -> int:
    """The number of an organization's next draw, held until the commit."""
    await hold(tx, org_id)
    last = await tx.scalar(select(func.max(DrawRow.no)).where(DrawRow.org_id == org_id))
    return int(last or 0) + 1


async def count_today(tx: Tx, org_id: UUID) -> int:
    """How many draws an organization had since midnight (Asia/Shanghai)."""
    found = await tx.scalar(
        text(
            "select count(*) from trust.draw where org_id = :org and at >="
            " date_trunc('day', now() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'"
        ),
        {"org": org_id},
    )
    return int(found or 0)


async def add(tx: Tx, drawn_: Sequence[tuple[str, UUID]], **values: Any) -> None:
    """Inserts a draw with what was drawn, in order."""
    await tx.execute(insert(DrawRow).values(**values))
    rows = [
        {"draw_id": values["id"], "place": place, "code": code, "lot_id": lot_id}
        for place, (code, lot_id) in enumerate(drawn_, start=1)
    ]
    await tx.execute(insert(DrawnRow), rows)


async def one(tx: Tx, org_id: UUID | None, draw_id: UUID) -> DrawView | None:
    """A draw, of one organization or any."""
    query = select(*_DRAW).where(DrawRow.id == draw_id)
    if org_id is not None:
        query = query.where(DrawRow.org_id == org_id)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else DrawView(**row._mapping)


async def draws(tx: Tx, org_id: UUID | None, limit: int, before: UUID | None) -> list[DrawView]:
    """Draws of one organization or all, newest first."""
    query = select(*_DRAW)
    if org_id is not None:
        query = query.where(DrawRow.org_id == org_id)
    if before is not None:
        query = query.where(DrawRow.id < before)
    rows = await tx.execute(query.order_by(DrawRow.id.desc()).limit(limit))
    return [DrawView(**row._mapping) for row in rows]


async def drawn(tx: Tx, draw_id: UUID) -> list[tuple[str, UUID]]:
    """Codes that were drawn, in order, each with its lot."""
    rows = await tx.execute(
        select(DrawnRow.code, DrawnRow.lot_id)
        .where(DrawnRow.draw_id == draw_id)
        .order_by(DrawnRow.place)
    )
    return [(row.code, row.lot_id) for row in rows]


async def codes(tx: Tx, draw_id: UUID) -> str:
    """All codes that the sample was drawn from, one a line."""
    return str(await tx.scalar(select(DrawRow.codes).where(DrawRow.id == draw_id)) or "")
