"""What carrying costs, and where a seller does not send."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.logistics import disruptions, transit
from tiantou.logistics import freight_sql as sql
from tiantou.logistics.places import wide
from tiantou.logistics.problems import NotServed
from tiantou.logistics.views import FreightView, Quote

# Until a seller says otherwise: freight included, everywhere, on the road for three days.
UNSET = FreightView(flat_fen=0, free_from_fen=None, not_served=[], days_promised=3)


async def freight_of(tx: Tx, org_id: UUID) -> FreightView:
    """An organization's setting, or UNSET."""
    return await sql.freight(tx, org_id) or UNSET


async def freights(tx: Tx, org_ids: Collection[UUID]) -> dict[UUID, FreightView]:
    """The settings of organizations, UNSET for those without, by id."""
    found = await sql.freights(tx, org_ids)
    return {org_id: found.get(org_id, UNSET) for org_id in org_ids}


async def set_freight(tx: Tx, org_id: UUID, setting: FreightView) -> FreightView:
    """Keeps the setting; a whole code (650000) is kept as the prefix that it means (65).

    Prefixes within other prefixes are dropped, since they say nothing more.
    """
    made = FreightView(
        flat_fen=setting.flat_fen,
        free_from_fen=setting.free_from_fen,
        not_served=wide(setting.not_served),
        days_promised=setting.days_promised,
    )
    await sql.put_freight(tx, org_id, made)
    return made


async def quote(
    tx: Tx,
    org_id: UUID,
    division_code: str,
    grams: int,
    amount_fen: int = 0,
    ship_day: date | None = None,
    variety_id: UUID | None = None,
) -> Quote:
    """The freight of `grams` worth `amount_fen` to a division, sent on a day (None: today).

    Raises NotServed, Disrupted, WouldRot.
    """
    setting = await freight_of(tx, org_id)
    rotten = transit.rot(setting, await transit.transit_of(tx, org_id), variety_id, division_code)
    if rotten is not None:
        raise rotten
    closed = await disruptions.closed_for(tx, [org_id])
    refused = disruptions.refusal(closed[org_id], division_code, ship_day)
    if refused is not None:
        raise refused
    return quote_by(setting, division_code, grams, amount_fen)


def quote_by(setting: FreightView, division_code: str, grams: int, amount_fen: int = 0) -> Quote:
    """What a setting asks for `grams` worth `amount_fen` to a division. Raises NotServed.

    A flat rate does not ask for the grams; templates by weight will.
    """
    if any(division_code.startswith(prefix) for prefix in setting.not_served):
        raise NotServed(division=division_code)
    free = setting.free_from_fen is not None and amount_fen >= setting.free_from_fen
    return Quote(fen=0 if free else setting.flat_fen, days=setting.days_promised)
