"""Statements on freight settings."""

from collections.abc import Iterable
from uuid import UUID

from msgspec import to_builtins
from sqlalchemy import ARRAY, Uuid, cast, func, select
from sqlalchemy.dialects.postgresql import insert

from tiantou.core.db import Tx
from tiantou.kit import clock
from tiantou.logistics.tables import FreightRow
from tiantou.logistics.views import FreightView, Rate


async def freight(tx: Tx, org_id: UUID) -> FreightView | None:
    """An organization's setting, or None if it never set one."""
    return (await freights(tx, [org_id])).get(org_id)


async def freights(tx: Tx, org_ids: Iterable[UUID]) -> dict[UUID, FreightView]:
    """The settings of organizations that ever set one."""
    rows = await tx.execute(
        select(
            FreightRow.org_id,
            FreightRow.flat_fen,
            FreightRow.free_from_fen,
            FreightRow.not_served,
            FreightRow.days_promised,
            FreightRow.cold,
            FreightRow.rates,
            FreightRow.cut_off,
        ).where(FreightRow.org_id == func.any(cast(list(org_ids), ARRAY(Uuid))))
    )
    views = {}
    for row in rows:
        values = dict(row._mapping)
        org_id = values.pop("org_id")
        rates = [Rate(**one) for one in values.pop("rates")]
        views[org_id] = FreightView(**values, rates=rates)
    return views


async def put_freight(tx: Tx, org_id: UUID, setting: FreightView) -> None:
    """Keeps a setting in place of the one before."""
    values = {
        "flat_fen": setting.flat_fen,
        "free_from_fen": setting.free_from_fen,
        "not_served": setting.not_served,
        "days_promised": setting.days_promised,
        "cold": setting.cold,
        "rates": [to_builtins(one) for one in setting.rates],
        "cut_off": setting.cut_off,
        "changed_at": clock.now(),
    }
    await tx.execute(
        insert(FreightRow)
        .values(org_id=org_id, **values)
        .on_conflict_do_update(index_elements=[FreightRow.org_id], set_=values)
    )
