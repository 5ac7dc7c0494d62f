"""Statements on what must not leave, and the gate between leaving and stopping."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, func, select, text, update

from tiantou.core.db import Tx
from tiantou.logistics.problems import ParcelStopped
from tiantou.logistics.tables import StopRow
from tiantou.logistics.views import StopView

_GATES = 0x57A9
"""The class of the advisory locks between what leaves an organization and what is stopped."""
# What has left already cannot be stopped; a stop that was lifted may come again.
_PUT = text(
    """
    insert into logistics.stop (org_id, ref, why, at)
    select :org, r.ref, :why, :at from unnest(:refs) as r(ref)
     where not exists (
       select from logistics.parcel p
        where p.org_id = :org and p.ref = r.ref
          and p.state not in ('ready', 'stopped', 'withdrawn'))
    on conflict (org_id, ref) do update
       set why = excluded.why, at = excluded.at, lifted_at = null, lifted_by = null
    returning ref
    """
).bindparams(bindparam("refs", type_=ARRAY(Text)), bindparam("org", type_=Uuid))


async def refuse(tx: Tx, org_id: UUID, ref: str) -> None:
    """Keeps stops waiting until the end of the transaction. Raises ParcelStopped."""
    await tx.execute(select(func.pg_advisory_xact_lock_shared(_GATES, func.hashtext(str(org_id)))))
    wanted = select(StopRow.why).where(
        StopRow.org_id == org_id, StopRow.ref == ref, StopRow.lifted_at.is_(None)
    )
    why = await tx.scalar(wanted)
    if why is not None:
        raise ParcelStopped(why=why)


async def put(tx: Tx, org_id: UUID, refs: Sequence[str], why: str, at: datetime) -> list[str]:
    """Stops the references that have not left; says which, in order."""
    if not refs:
        return []
    await tx.execute(select(func.pg_advisory_xact_lock(_GATES, func.hashtext(str(org_id)))))
    said = {"org": org_id, "refs": sorted(set(refs)), "why": why, "at": at}
    return sorted(await tx.scalars(_PUT, said))


async def lift(tx: Tx, org_id: UUID, ref: str, by: UUID, at: datetime) -> bool:
    """Whether something was stopped, and is not any more."""
    done = await tx.execute(
        update(StopRow)
        .where(StopRow.org_id == org_id, StopRow.ref == ref, StopRow.lifted_at.is_(None))
        .values(lifted_at=at, lifted_by=by)
        .returning(StopRow.ref)
    )
    return done.first() is not None


async def stopped(tx: Tx, org_id: UUID, limit: int) -> list[StopView]:
    """What must not leave, the latest first."""
    rows = await tx.execute(
        select(StopRow.org_id, StopRow.ref, StopRow.why, StopRow.at)
        .where(StopRow.org_id == org_id, StopRow.lifted_at.is_(None))
        .order_by(StopRow.at.desc(), StopRow.ref)
        .limit(limit)
    )
    return [StopView(**row._mapping) for row in rows]


async def why(tx: Tx, org_id: UUID, ref: str) -> str | None:
    """Why a reference must not leave, or None."""
    return await tx.scalar(
        select(StopRow.why).where(
            StopRow.org_id == org_id, StopRow.ref == ref, StopRow.lifted_at.is_(None)
        )
    )
