"""How long the way takes, and how long a variety bears it: what would rot is not taken.

The way to a division takes the days of its longest stated prefix, else the days that the freight
promises; a day is 24 hours.
"""

from collections.abc import Collection
from uuid import UUID

from tiantou.catalog import face as catalog
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields
from tiantou.logistics import transit_sql as sql
from tiantou.logistics.places import bare
from tiantou.logistics.problems import WouldRot
from tiantou.logistics.views import FreightView, TransitView

UNSET = TransitView(days={}, limits={})
DAYS_MAX, HOURS_MAX, STATED_MAX = 30, 24 * 30, 500


async def transit_of(tx: Tx, org_id: UUID) -> TransitView:
    """What an organization stated, or UNSET."""
    return (await transits(tx, [org_id]))[org_id]


async def transits(tx: Tx, org_ids: Collection[UUID]) -> dict[UUID, TransitView]:
    """What organizations stated, UNSET for those that did not, by id."""
    found = await sql.transits(tx, org_ids)
    return {org_id: found.get(org_id, UNSET) for org_id in org_ids}


async def set_transit(tx: Tx, org_id: UUID, asked: TransitView) -> TransitView:
    """Keeps it; whole codes (650000) become prefixes (65). Raises InvalidFields(limits)."""
    known = await catalog.varieties(tx, asked.limits)
    if set(asked.limits) - set(known):
        raise InvalidFields.one("limits", "unknown")
    days = {bare(prefix): days for prefix, days in asked.days.items()}
    made = TransitView(days=dict(sorted(days.items())), limits=asked.limits)
    await sql.put(tx, org_id, made)
    return made


def days_to(freight: FreightView, transit: TransitView, division_code: str) -> int:
    """The days on the way to a division."""
    near = [prefix for prefix in transit.days if division_code.startswith(prefix)]
    return transit.days[max(near, key=len)] if near else freight.days_promised


def rot(
    freight: FreightView, transit: TransitView, variety_id: UUID | None, division_code: str
) -> WouldRot | None:
    """Why a variety cannot go to a division; None if it can."""
    most = transit.limits.get(variety_id) if variety_id else None
    hours = days_to(freight, transit, division_code) * 24
    if most is None or hours <= most:
        return None
    return WouldRot(division=division_code, hours=hours, max_hours=most)
