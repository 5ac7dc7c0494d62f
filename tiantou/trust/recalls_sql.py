"""Statements on recalls."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from tiantou.core.db import Tx
from tiantou.trade.face import LineView
from tiantou.trust.lifecycle import NOTICE
from tiantou.trust.tables import RecallLineRow, RecallLotRow, RecallRow
from tiantou.trust.views import ProgressView, RecallLineView, RecallLotView, RecallView

INSERT_ROWS = 1_000

_RECALL = tuple(getattr(RecallRow, name) for name in RecallView.__struct_fields__)
_LOT = tuple(getattr(RecallLotRow, name) for name in RecallLotView.__struct_fields__)
_LINE = tuple(getattr(RecallLineRow, name) for name in RecallLineView.__struct_fields__)


async def add(tx: Tx, **values: Any) -> None:
    """Inserts a recall."""
    await tx.execute(insert(RecallRow).values(**values))


async def recall(tx: Tx, org_id: UUID, recall_id: UUID, lock: bool = False) -> RecallView | None:
    """A recall of the organization; `lock` holds it."""
    query = select(*_RECALL).where(RecallRow.id == recall_id, RecallRow.org_id == org_id)
    if lock:
        query = query.with_for_update(key_share=True)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else RecallView(**row._mapping)


async def recalls_of(tx: Tx, org_id: UUID, limit: int, before: UUID | None) -> list[RecallView]:
    """An organization's recalls, newest first."""
    query = select(*_RECALL).where(RecallRow.org_id == org_id)
    if before is not None:
        query = query.where(RecallRow.id < before)
    rows = await tx.execute(query.order_by(RecallRow.id.desc()).limit(limit))
    return [RecallView(**row._mapping) for row in rows]


async def set_recall(tx: Tx, recall_id: UUID, **values: Any) -> None:
    """Updates a recall; the caller holds it."""
    await tx.execute(update(RecallRow).where(RecallRow.id == recall_id).values(**values))


async def add_lots(tx: Tx, recall_id: UUID, lots: Sequence[RecallLotView]) -> None:
    """Writes down the lots of a recall."""
    rows = [
        {"recall_id": recall_id, **{name: getattr(one, name) for name in one.__struct_fields__}}
        for one in lots
    ]
    for at in range(0, len(rows), INSERT_ROWS):
        await tx.execute(insert(RecallLotRow), rows[at : at + INSERT_ROWS])


async def drop_lots(tx: Tx, recall_id: UUID) -> None:
    """Forgets the lots of a draft: they are found anew."""
    await tx.execute(delete(RecallLotRow).where(RecallLotRow.recall_id == recall_id))


async def lots_of(tx: Tx, recall_id: UUID) -> list[RecallLotView]:
    """The lots of a recall."""
    rows = await tx.execute(
        select(*_LOT).where(RecallLotRow.recall_id == recall_id).order_by(RecallLotRow.lot_id)
    )
    return [RecallLotView(**row._mapping) for row in rows]


async def add_lines(tx: Tx, recall_id: UUID, lines: Sequence[LineView]) -> None:
    """Queues order lines: each is told and refunded later."""
    rows = [
        {
            "recall_id": recall_id,
            "order_id": one.order_id,
            "line_no": one.line_no,
            "lot_id": one.lot_id,
            "shop_id": one.shop_id,
            "number": one.number,
            "channel": one.channel,
            "lot_code": one.lot_code,
            "boxes": one.boxes,
            "buyer_id": one.buyer_id,
            "division_code": one.division_code,
            "order_state": one.state,
            "state": NOTICE.init,
            "refunded_fen": 0,
        }
        for one in lines
    ]
    for at in range(0, len(rows), INSERT_ROWS):
        await tx.execute(insert(RecallLineRow), rows[at : at + INSERT_ROWS])


async def queued_orders(tx: Tx, recall_id: UUID, limit: int) -> list[tuple[UUID, UUID]]:
    """(shop, order) of orders with queued lines, oldest first."""
    rows = await tx.execute(
        select(RecallLineRow.shop_id, RecallLineRow.order_id)
        .where(RecallLineRow.recall_id == recall_id, RecallLineRow.state == NOTICE.init)
        .group_by(RecallLineRow.shop_id, RecallLineRow.order_id)
        .order_by(RecallLineRow.order_id)
        .limit(limit)
    )
    return [(row.shop_id, row.order_id) for row in rows]


async def lines_of_order(
    tx: Tx, recall_id: UUID, order_id: UUID, lock: bool = False
) -> list[RecallLineView]:
    """An order's lines of a recall; `lock` holds them."""
    query = select(*_LINE).where(
        RecallLineRow.recall_id == recall_id, RecallLineRow.order_id == order_id
    )
    query = query.order_by(RecallLineRow.line_no, RecallLineRow.lot_id)
    if lock:
        query = query.with_for_update()
    return [RecallLineView(**row._mapping) for row in await tx.execute(query)]


async def lines_of(
    tx: Tx,
    recall_id: UUID,
    limit: int,
    after: UUID | None,
    states: Sequence[str],
) -> list[RecallLineView]:
    """A recall's lines in some states, by order; those of orders behind `after`."""
    query = select(*_LINE).where(
        RecallLineRow.recall_id == recall_id, RecallLineRow.state.in_(states)
    )
    if after is not None:
        query = query.where(RecallLineRow.order_id > after)
    query = query.order_by(RecallLineRow.order_id, RecallLineRow.line_no, RecallLineRow.lot_id)
    return [RecallLineView(**row._mapping) for row in await tx.execute(query.limit(limit))]


async def lines_of_buyer(tx: Tx, buyer_id: UUID, limit: int) -> list[RecallLineView]:
    """What a buyer was told, newest order first."""
    query = select(*_LINE).where(
        RecallLineRow.buyer_id == buyer_id, RecallLineRow.state != NOTICE.init
    )
    query = query.order_by(RecallLineRow.order_id.desc(), RecallLineRow.line_no)
    return [RecallLineView(**row._mapping) for row in await tx.execute(query.limit(limit))]


async def set_lines(
    tx: Tx, recall_id: UUID, order_id: UUID, before: str, state: str, **values: Any
) -> None:
    """An order's lines go on from one state; the caller holds them."""
    await tx.execute(
        update(RecallLineRow)
        .where(
            RecallLineRow.recall_id == recall_id,
            RecallLineRow.order_id == order_id,
            RecallLineRow.state == before,
        )
        .values(state=state, **values)
    )


async def set_refunded(tx: Tx, line: RecallLineView, fen: int) -> None:
    """What goes back of an order stands at the first of its lines."""
    await tx.execute(
        update(RecallLineRow)
        .where(
            RecallLineRow.recall_id == line.recall_id,
            RecallLineRow.order_id == line.order_id,
            RecallLineRow.line_no == line.line_no,
            RecallLineRow.lot_id == line.lot_id,
        )
        .values(refunded_fen=fen)
    )


async def progress(tx: Tx, recall_id: UUID) -> ProgressView:
    """How far a recall is."""
    row = RecallLineRow
    states = [
        func.count().filter(row.state == state).label(state)
        for state in ("queued", "told", "unreachable", "acknowledged")
    ]
    found = (
        await tx.execute(
            select(
                func.count().label("lines"),
                func.count(row.order_id.distinct()).label("orders"),
                func.coalesce(func.sum(row.boxes), 0).label("boxes"),
                func.coalesce(func.sum(row.refunded_fen), 0).label("refunded_fen"),
                *states,
            ).where(row.recall_id == recall_id)
        )
    ).one()
    return ProgressView(**{name: int(value) for name, value in found._mapping.items()})


async def other_recalls(
    tx: Tx, org_id: UUID, packs: Sequence[UUID], but: UUID, state: str
) -> set[UUID]:
    """Those of the packs that another recall in a state reaches too."""
    rows = await tx.scalars(
        select(RecallLotRow.pack_id)
        .distinct()
        .join(RecallRow, RecallRow.id == RecallLotRow.recall_id)
        .where(
            RecallRow.org_id == org_id,
            RecallRow.state == state,
            RecallRow.id != but,
            ~RecallRow.drill,
            RecallLotRow.pack_id.in_(packs),
        )
    )
    return {pack for pack in rows if pack is not None}


def at_of(state: str, now: datetime) -> dict[str, datetime]:
    """The column that says when a recall came to a state."""
    return {"activated_at": now} if state == "active" else {"closed_at": now}
