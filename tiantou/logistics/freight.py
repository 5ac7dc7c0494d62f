"""What carrying costs, and where a seller does not send."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import structs

from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields
from tiantou.logistics import disruptions, transit
from tiantou.logistics import freight_sql as sql
from tiantou.logistics.places import bare, wide
from tiantou.logistics.problems import NotServed
from tiantou.logistics.views import FreightView, Quote, Rate

AMBIENT, WEEK_DAYS = "ambient", 7
COLD = (AMBIENT, "chilled", "frozen")
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
        cold=setting.cold,
        rates=rates_in(setting.rates),
        cut_off=setting.cut_off,
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


def quote_by(
    setting: FreightView,
    division_code: str,
    grams: int,
    amount_fen: int = 0,
    cold: str | None = None,
) -> Quote:
    """What a setting asks for `grams` worth `amount_fen` to a division. Raises NotServed.

    The rate of the longest prefix (the empty one is everywhere) in the cold mode counts; where
    there is none, an ambient parcel costs the flat amount and nothing else is sent.
    """
    mode = cold or setting.cold
    near = [
        one for one in setting.rates if one.cold == mode and division_code.startswith(one.prefix)
    ]
    shut = any(division_code.startswith(prefix) for prefix in setting.not_served)
    if shut or (not near and mode != AMBIENT):
        raise NotServed(division=division_code)
    free = setting.free_from_fen is not None and amount_fen >= setting.free_from_fen
    fen = setting.flat_fen if not near else _by_weight(max(near, key=_width), grams)
    return Quote(fen=0 if free else fen, days=setting.days_promised)


def leaves_on(setting: FreightView, at: datetime) -> date:
    """The day in China on which what is packed at `at` is picked up: before that day's cut-off."""
    local = at.astimezone(disruptions.CHINA)
    minute = local.hour * 60 + local.minute
    for later in range(WEEK_DAYS + 1):
        day = local.date() + timedelta(days=later)
        until = setting.cut_off[day.weekday()] if setting.cut_off else 24 * 60
        if until is not None and (later or minute < until):
            return day
    return local.date()


def rates_in(rates: Sequence[Rate]) -> list[Rate]:
    """Rates in order; whole codes become prefixes. Raises InvalidFields for a place named twice."""
    kept = [structs.replace(one, prefix=bare(one.prefix)) for one in rates]
    if len({(one.prefix, one.cold) for one in kept}) != len(kept):
        raise InvalidFields.one("rates", "twice")
    return sorted(kept, key=lambda one: (one.cold, one.prefix))


def _width(rate: Rate) -> int:
    return len(rate.prefix)


def _by_weight(rate: Rate, grams: int) -> int:
    more = max(0, grams - rate.first_g)
    return rate.first_fen + -(-more // rate.next_g) * rate.next_fen
