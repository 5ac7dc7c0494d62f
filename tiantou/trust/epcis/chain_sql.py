"""Statements of the chain of traces."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select, text

from tiantou.core.db import Tx
from tiantou.kit import clock
from tiantou.trust.epcis.links import first_link
from tiantou.trust.epcis.tables import TraceEventRow, TraceRootRow

_LOCK = 7_426_011


async def alone(tx: Tx, org_id: UUID) -> bool:
    """Whether nobody else is at this chain; until the end of the transaction."""
    taken = text("select pg_try_advisory_xact_lock(:lock, hashtext(:org))")
    return bool(await tx.scalar(taken, {"lock": _LOCK, "org": str(org_id)}))


async def last_root(tx: Tx, org_id: UUID) -> TraceRootRow | None:
    """The newest root of an organization."""
    wanted = select(TraceRootRow).where(TraceRootRow.org_id == org_id)
    return await tx.scalar(wanted.order_by(TraceRootRow.day.desc()).limit(1))


async def known(tx: Tx, org_id: UUID, ids: Sequence[str]) -> set[str]:
    """Those of the events that are in the chain already."""
    wanted = select(TraceEventRow.event_id).where(
        TraceEventRow.org_id == org_id, TraceEventRow.event_id.in_(ids)
    )
    return set(await tx.scalars(wanted))


async def add_events(
    tx: Tx, org_id: UUID, day: date, rows: Sequence[tuple[int, str, bytes, str]]
) -> None:
    """Events with their places, ids, links and spellings."""
    tx.add_all(
        TraceEventRow(org_id=org_id, day=day, seq=seq, event_id=name, link=link, event=event)
        for seq, name, link, event in rows
    )
    await tx.flush()


async def add_root(
    tx: Tx, org_id: UUID, day: date, events: int, link: bytes, signature: bytes
) -> None:
    """The end of a day."""
    row = TraceRootRow(
        org_id=org_id, day=day, events=events, link=link, signature=signature, at=clock.now()
    )
    tx.add(row)
    await tx.flush()


async def roots(tx: Tx, org_id: UUID, since: date, until: date) -> Sequence[TraceRootRow]:
    """The roots of days, both ends included, oldest first."""
    wanted = select(TraceRootRow).where(
        TraceRootRow.org_id == org_id, TraceRootRow.day >= since, TraceRootRow.day <= until
    )
    return list(await tx.scalars(wanted.order_by(TraceRootRow.day)))


async def before(tx: Tx, org_id: UUID, day: date) -> tuple[int, bytes]:
    """How many events stand before a day, and the last one's link."""
    wanted = select(TraceRootRow).where(TraceRootRow.org_id == org_id, TraceRootRow.day < day)
    last = await tx.scalar(wanted.order_by(TraceRootRow.day.desc()).limit(1))
    return (last.events, last.link) if last else (0, first_link(str(org_id)))


async def lines(tx: Tx, org_id: UUID, after: int, until: int) -> list[str]:
    """The events of the chain from place `after` (left out) to `until`."""
    wanted = select(TraceEventRow.event).where(
        TraceEventRow.org_id == org_id, TraceEventRow.seq > after, TraceEventRow.seq <= until
    )
    return list(await tx.scalars(wanted.order_by(TraceEventRow.seq)))
