"""Statements on disruptions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, any_, cast, or_, select, update

from tiantou.core import timers
from tiantou.core.db import Tx
from tiantou.logistics.deadlines import SILENT
from tiantou.logistics.lifecycle import PARCEL
from tiantou.logistics.tables import DisruptionRow as D
from tiantou.logistics.tables import ParcelRow
from tiantou.logistics.views import DisruptionView

_COLUMNS = (
    D.id, D.org_id, D.pick_up, D.deliver, D.from_at, D.until_at, D.reason, D.stated_at, D.ended_at
)  # fmt: skip
_WANTED = select(*_COLUMNS)


async def _views(tx: Tx, wanted: Select[*tuple[Any, ...]]) -> list[DisruptionView]:
    return [DisruptionView(**row._mapping) for row in await tx.execute(wanted)]


async def add(tx: Tx, made: DisruptionView, by: UUID) -> None:
    """Writes a new disruption."""
    values = {name: getattr(made, name) for name in made.__struct_fields__}
    tx.add(D(**values, stated_by=by))
    await tx.flush()


async def disruption(tx: Tx, disruption_id: UUID, lock: bool = False) -> DisruptionView | None:
    """A disruption, or None; `lock` holds it until the end of the transaction."""
    wanted = _WANTED.where(D.id == disruption_id)
    found = await _views(tx, wanted.with_for_update() if lock else wanted)
    return found[0] if found else None


async def not_over(tx: Tx, org_ids: Collection[UUID], now: datetime) -> list[DisruptionView]:
    """What holds or will hold for any of the organizations, everybody's too; first end first."""
    theirs = D.org_id == any_(cast(list(org_ids), ARRAY(Uuid)))
    wanted = _WANTED.where(D.ended_at.is_(None), D.until_at > now, or_(D.org_id.is_(None), theirs))
    return await _views(tx, wanted.order_by(D.until_at, D.id))


async def stated(tx: Tx, org_id: UUID | None, limit: int) -> list[DisruptionView]:
    """Disruptions, latest first: everybody's, and those of the organization if one is named."""
    mine = D.org_id.is_(None) if org_id is None else or_(D.org_id.is_(None), D.org_id == org_id)
    return await _views(tx, _WANTED.where(mine).order_by(D.id.desc()).limit(limit))


async def set_ended(tx: Tx, disruption_id: UUID, now: datetime) -> None:
    """It is over."""
    await tx.execute(update(D).where(D.id == disruption_id).values(ended_at=now))


async def bear_with(tx: Tx, refs: Sequence[tuple[UUID, str]], until: datetime) -> None:
    """The silence of these parcels (organization and reference) means nothing before `until`."""
    rows = await tx.scalars(
        select(ParcelRow.id)
        .where(
            ParcelRow.org_id == any_(cast(sorted({org for org, _ in refs}), ARRAY(Uuid))),
            ParcelRow.ref == any_(cast([ref for _, ref in refs], ARRAY(Text))),
            ParcelRow.state.not_in(sorted(PARCEL.terminal)),
        )
        .order_by(ParcelRow.id)
        .with_for_update()
    )
    await timers.postpone(tx, SILENT, [str(one) for one in rows], until)
