"""Statements on times of transit."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, select
from sqlalchemy.dialects.postgresql import insert

from tiantou.core.db import Tx
from tiantou.kit import clock
from tiantou.logistics.tables import TransitRow as T
from tiantou.logistics.views import TransitView


async def transits(tx: Tx, org_ids: Collection[UUID]) -> dict[UUID, TransitView]:
    """What organizations stated, of those that did."""
    rows = await tx.execute(
        select(T.org_id, T.days, T.limits).where(T.org_id == any_(cast(list(org_ids), ARRAY(Uuid))))
    )
    return {
        row.org_id: TransitView(
            days=row.days, limits={UUID(one): hours for one, hours in row.limits.items()}
        )
        for row in rows
    }


async def put(tx: Tx, org_id: UUID, made: TransitView) -> None:
    """Keeps it in place of the one before."""
    values = {
        "days": made.days,
        "limits": {str(one): hours for one, hours in made.limits.items()},
        "changed_at": clock.now(),
    }
    await tx.execute(
        insert(T)
        .values(org_id=org_id, **values)
        .on_conflict_do_update(index_elements=[T.org_id], set_=values)
    )
