"""Statements that read runs: with the lots that they made, and what went into those."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select

from tiantou.core.db import Tx
from tiantou.supply.tables import LotEdgeRow, LotRow, RunRow
from tiantou.supply.views import RunView

_RUN = (
    RunRow.id,
    RunRow.org_id,
    RunRow.kind,
    RunRow.standard_id,
    RunRow.pack_id,
    RunRow.packer_id,
    RunRow.boxes,
    RunRow.in_g,
    RunRow.out_g,
    RunRow.cull_g,
    RunRow.gone_g,
    RunRow.shrink_g,
    RunRow.tolerance_permille,
    RunRow.note,
    RunRow.by_person,
    RunRow.at,
)


class InputView(Struct, frozen=True, kw_only=True):
    """Grams of a lot that are in a run's lots."""

    lot_id: UUID
    code: str
    grams: int


async def runs_of(tx: Tx, org_id: UUID, limit: int, before: UUID | None) -> list[RunView]:
    """An organization's runs, newest first."""
    query = select(*_RUN).where(RunRow.org_id == org_id)
    if before is not None:
        query = query.where(RunRow.id < before)
    rows = (await tx.execute(query.order_by(RunRow.id.desc()).limit(limit))).all()
    made = await _made(tx, [row.id for row in rows])
    return [RunView(lot_ids=made.get(row.id, []), **row._mapping) for row in rows]


async def run(tx: Tx, org_id: UUID, run_id: UUID) -> RunView | None:
    """A run of the organization, or None."""
    query = select(*_RUN).where(RunRow.org_id == org_id, RunRow.id == run_id)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    made = await _made(tx, [run_id])
    return RunView(lot_ids=made.get(run_id, []), **row._mapping)


async def _made(tx: Tx, runs: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    rows = await tx.execute(
        select(LotRow.run_id, LotRow.id).where(LotRow.run_id.in_(runs)).order_by(LotRow.id)
    )
    made: dict[UUID, list[UUID]] = {}
    for row in rows:
        if row.run_id is not None:
            made.setdefault(row.run_id, []).append(row.id)
    return made


async def inputs_of(tx: Tx, lots: Sequence[UUID]) -> list[InputView]:
    """The parents of lots with the grams that are in these, by id."""
    grams = func.sum(LotEdgeRow.grams).label("grams")
    rows = await tx.execute(
        select(LotRow.id, LotRow.code, grams)
        .join(LotEdgeRow, LotEdgeRow.parent_id == LotRow.id)
        .where(LotEdgeRow.child_id.in_(lots))
        .group_by(LotRow.id, LotRow.code)
        .order_by(LotRow.id)
    )
    return [InputView(lot_id=row.id, code=row.code, grams=int(row.grams)) for row in rows]
