"""Statements that make lots, lock them, and move grams. Nothing else writes a balance."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from tiantou.core.db import Tx
from tiantou.kit import ids
from tiantou.supply.lots_sql import LOT, lot_view
from tiantou.supply.tables import LotBalanceRow, LotEdgeRow, LotRow, LotStepRow, MoveRow, RunRow
from tiantou.supply.views import LotView, MoveView, StepView

# Until an organization keeps several stores, everything lies at one place.
PLACE = "store"


async def lock_lots(tx: Tx, org_id: UUID, wanted: Iterable[UUID]) -> dict[UUID, LotView]:
    """Those of the lots that are the organization's, held until the end of the transaction.

    Locked in the order of their ids, so packers and pickers never wait for each other in a circle.
    """
    rows = await tx.execute(
        select(*LOT)
        .join(LotBalanceRow, LotBalanceRow.lot_id == LotRow.id)
        .where(
            LotRow.org_id == org_id,
            LotRow.id.in_(list(set(wanted))),
            LotBalanceRow.place == PLACE,
        )
        .order_by(LotRow.id)
        .with_for_update(of=[LotRow, LotBalanceRow], key_share=True)
    )
    return {row.id: lot_view(row) for row in rows}


async def lock_packed(tx: Tx, org_id: UUID, pack_id: UUID) -> list[LotView]:
    """The open packed lots of a pack that have boxes left, held, first expired first."""
    found = await tx.execute(
        select(LotRow.id)
        .join(LotBalanceRow, LotBalanceRow.lot_id == LotRow.id)
        .where(
            LotRow.org_id == org_id,
            LotRow.pack_id == pack_id,
            LotRow.state == "open",
            LotBalanceRow.grams > 0,
        )
    )
    held = await lock_lots(tx, org_id, [row.id for row in found])
    left = [lot for lot in held.values() if lot.state == "open" and lot.grams_left > 0]
    return sorted(left, key=lambda lot: (lot.best_before, lot.id))


async def add_lot(tx: Tx, **values: Any) -> UUID:
    """Inserts a lot that holds nothing yet; gives its id."""
    lot_id = ids.uuid7()
    await tx.execute(insert(LotRow).values(id=lot_id, **values))
    await tx.execute(insert(LotBalanceRow).values(lot_id=lot_id, place=PLACE, grams=0))
    return lot_id


async def set_lot(tx: Tx, lot_id: UUID, **values: Any) -> None:
    """Updates a lot's columns."""
    await tx.execute(update(LotRow).where(LotRow.id == lot_id).values(**values))


async def add_edges(tx: Tx, child_id: UUID, grams: dict[UUID, int]) -> None:
    """Writes down how many grams of each parent went into the child."""
    rows = [
        {"parent_id": parent_id, "child_id": child_id, "grams": some}
        for parent_id, some in grams.items()
    ]
    await tx.execute(insert(LotEdgeRow), rows)


async def add_run(tx: Tx, note: str = "", **values: Any) -> None:
    """Inserts a run."""
    await tx.execute(insert(RunRow).values(note=note, **values))


async def move(
    tx: Tx,
    org_id: UUID,
    lot_id: UUID,
    delta_g: int,
    reason: str,
    ref: str,
    by: UUID | None,
    at: datetime,
    note: str = "",
) -> int:
    """Moves grams into (positive) or out of a lot; gives what is left.

    The caller holds the lot and has looked at what is left: below zero PostgreSQL refuses.
    """
    await tx.execute(
        insert(MoveRow).values(
            id=ids.uuid7(),
            org_id=org_id,
            lot_id=lot_id,
            place=PLACE,
            delta_g=delta_g,
            reason=reason,
            ref=ref,
            note=note,
            by_person=by,
            at=at,
        )
    )
    left = await tx.execute(
        update(LotBalanceRow)
        .where(LotBalanceRow.lot_id == lot_id, LotBalanceRow.place == PLACE)
        .values(grams=LotBalanceRow.grams + delta_g)
        .returning(LotBalanceRow.grams)
    )
    return left.scalar_one()


async def moved_for(tx: Tx, lot_id: UUID, ref: str) -> int:
    """The grams that moves of a reference took out of a lot, less those that came back."""
    total = await tx.scalar(
        select(func.sum(MoveRow.delta_g)).where(MoveRow.ref == ref, MoveRow.lot_id == lot_id)
    )
    return -int(total or 0)


async def moves_of(tx: Tx, lot_id: UUID, limit: int, before: UUID | None) -> list[MoveView]:
    """A lot's moves, newest first."""
    query = select(
        MoveRow.id,
        MoveRow.lot_id,
        MoveRow.delta_g,
        MoveRow.reason,
        MoveRow.ref,
        MoveRow.note,
        MoveRow.by_person,
        MoveRow.at,
    ).where(MoveRow.lot_id == lot_id)
    if before is not None:
        query = query.where(MoveRow.id < before)
    rows = await tx.execute(query.order_by(MoveRow.id.desc()).limit(limit))
    return [MoveView(**row._mapping) for row in rows]


async def add_step(tx: Tx, lot: LotView, event: str, state: str, **more: Any) -> UUID:
    """The lot goes on, and why is written down; the caller holds it. Gives the step's id."""
    step_id = ids.uuid7()
    await set_lot(tx, lot.id, state=state)
    await tx.execute(
        insert(LotStepRow).values(
            id=step_id,
            org_id=lot.org_id,
            lot_id=lot.id,
            event=event,
            state=state,
            grams=lot.grams_left,
            **more,
        )
    )
    return step_id


async def steps_of(tx: Tx, lot_id: UUID) -> list[StepView]:
    """A lot's steps, oldest first."""
    rows = await tx.execute(
        select(
            LotStepRow.id,
            LotStepRow.event,
            LotStepRow.state,
            LotStepRow.why,
            LotStepRow.grams,
            LotStepRow.ref,
            LotStepRow.at,
        )
        .where(LotStepRow.lot_id == lot_id)
        .order_by(LotStepRow.id)
    )
    return [StepView(**row._mapping) for row in rows]
