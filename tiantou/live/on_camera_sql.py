"""Statements on lots before the camera."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import insert, select, update

from tiantou.core.db import Tx
from tiantou.live.tables import LotShownRow, SessionRow


class Showing(Struct, frozen=True, kw_only=True):
    """A lot before the camera of a session, from then to then; None: still."""

    id: UUID
    session_id: UUID
    org_id: UUID
    lot_id: UUID
    begins_at: datetime
    ends_at: datetime | None


_SHOWING = tuple(getattr(LotShownRow, name) for name in Showing.__struct_fields__)


async def now(tx: Tx, session_id: UUID) -> Showing | None:
    """The lot that is on camera."""
    query = select(*_SHOWING).where(LotShownRow.session_id == session_id)
    row = (await tx.execute(query.where(LotShownRow.ends_at.is_(None)))).one_or_none()
    return None if row is None else Showing(**row._mapping)


async def add(tx: Tx, **values: Any) -> None:
    """A lot is on camera from now on."""
    await tx.execute(insert(LotShownRow).values(**values))


async def end(tx: Tx, session_id: UUID, at: datetime) -> bool:
    """No lot is on camera any more; whether one was."""
    ended = await tx.scalar(
        update(LotShownRow)
        .where(LotShownRow.session_id == session_id, LotShownRow.ends_at.is_(None))
        .values(ends_at=at)
        .returning(LotShownRow.id)
    )
    return ended is not None


async def of_lots(tx: Tx, lots: Iterable[UUID], limit: int) -> list[Showing]:
    """When these lots were on camera, newest first."""
    query = select(*_SHOWING).where(LotShownRow.lot_id.in_(list(lots)))
    rows = await tx.execute(query.order_by(LotShownRow.id.desc()).limit(limit))
    return [Showing(**row._mapping) for row in rows]


async def sessions(tx: Tx, wanted: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """State and kind of host of sessions, by session."""
    rows = await tx.execute(
        select(SessionRow.id, SessionRow.state, SessionRow.host_kind).where(
            SessionRow.id.in_(list(wanted))
        )
    )
    return {row.id: (row.state, row.host_kind) for row in rows}
