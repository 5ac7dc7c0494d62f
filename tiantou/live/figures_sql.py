"""Statements on counts: viewers, visits, likes, orders, minutes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from tiantou.core.db import Tx
from tiantou.live.tables import MinuteRow, TallyRow, VisitRow


async def note_viewers(tx: Tx, session_id: UUID, viewers: int, peak: int, minute: datetime) -> None:
    """The viewers now; the peak of the session and of the minute only grow."""
    await tx.execute(
        update(TallyRow)
        .where(TallyRow.session_id == session_id)
        .values(viewers=viewers, peak=func.greatest(TallyRow.peak, peak))
    )
    row = insert(MinuteRow).values(session_id=session_id, at=minute, viewers=viewers)
    await tx.execute(
        row.on_conflict_do_update(
            index_elements=["session_id", "at"],
            set_={"viewers": func.greatest(MinuteRow.viewers, viewers)},
        )
    )


async def note_visits(tx: Tx, session_id: UUID, keys: Sequence[str], at: datetime) -> int:
    """Counts viewer keys that were not counted in this session before; says how many."""
    rows = [{"session_id": session_id, "viewer_key": key, "at": at} for key in sorted(set(keys))]
    statement = insert(VisitRow).values(rows).on_conflict_do_nothing()
    new = len(list(await tx.scalars(statement.returning(VisitRow.viewer_key))))
    if new:
        await tx.execute(
            update(TallyRow)
            .where(TallyRow.session_id == session_id)
            .values(visits=TallyRow.visits + new)
        )
    return new


async def note_likes(tx: Tx, session_id: UUID, count: int) -> int | None:
    """Adds likes; gives the sum."""
    return await tx.scalar(
        update(TallyRow)
        .where(TallyRow.session_id == session_id)
        .values(likes=TallyRow.likes + count)
        .returning(TallyRow.likes)
    )


async def note_sale(
    tx: Tx, session_id: UUID, units: int, paid_fen: int, minute: datetime
) -> int | None:
    """Adds a paid order; gives the number of orders. None if there is no such session."""
    orders = await tx.scalar(
        update(TallyRow)
        .where(TallyRow.session_id == session_id)
        .values(
            orders=TallyRow.orders + 1,
            units=TallyRow.units + units,
            paid_fen=TallyRow.paid_fen + paid_fen,
        )
        .returning(TallyRow.orders)
    )
    if orders is not None:
        row = insert(MinuteRow).values(session_id=session_id, at=minute, orders=1)
        await tx.execute(
            row.on_conflict_do_update(
                index_elements=["session_id", "at"], set_={"orders": MinuteRow.orders + 1}
            )
        )
    return orders


async def note_refund(tx: Tx, session_id: UUID, back_fen: int, whole: bool) -> int | None:
    """Takes money back out of the sum, and a whole order out of the count; gives the orders."""
    return await tx.scalar(
        update(TallyRow)
        .where(TallyRow.session_id == session_id)
        .values(paid_fen=TallyRow.paid_fen - back_fen, orders=TallyRow.orders - int(whole))
        .returning(TallyRow.orders)
    )


async def minutes(tx: Tx, session_id: UUID) -> list[MinuteRow]:
    """The minutes of a session, in order; 12 hours at most."""
    wanted = select(MinuteRow).where(MinuteRow.session_id == session_id)
    return list(await tx.scalars(wanted.order_by(MinuteRow.at).limit(720)))
