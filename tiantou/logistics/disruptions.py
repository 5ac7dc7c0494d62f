"""Roads closed, storms, strikes: where nothing is picked up or delivered, from when to when.

A statement names places of pick-up, places of delivery, or both: with both it is the way between
them. A seller's own place is that of the organization. What a seller states holds for his own
orders, what the operator states for everybody's.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.kit.machine import WrongState
from tiantou.logistics import disruptions_sql as sql
from tiantou.logistics.places import reaches, wide
from tiantou.logistics.problems import Disrupted
from tiantou.logistics.views import Closed, Closure, DisruptionView
from tiantou.regions import face as regions

CHINA = timezone(timedelta(hours=8))
DAYS_MAX, AHEAD_MAX = timedelta(days=30), timedelta(days=30)
PLACES_MAX = 100


async def state(tx: Tx, who: Subject, org_id: UUID | None, said: Closure) -> DisruptionView:
    """Writes a disruption down; `org_id` None is for every seller.

    Raises InvalidFields: no place at all or an unknown one, an end that has passed or lies more
    than DAYS_MAX after the beginning, a beginning more than AHEAD_MAX ahead.
    """
    now = clock.now()
    begins = max(said.from_at or now, now)
    if begins > now + AHEAD_MAX:
        raise InvalidFields.one("from_at", "window", days_max=AHEAD_MAX.days)
    if not begins < said.until_at <= begins + DAYS_MAX:
        raise InvalidFields.one("until_at", "window", days_max=DAYS_MAX.days)
    if not said.pick_up and not said.deliver:
        raise InvalidFields.one("deliver", "missing")
    made = DisruptionView(
        id=ids.uuid7(),
        org_id=org_id,
        pick_up=await _known(tx, "pick_up", said.pick_up),
        deliver=await _known(tx, "deliver", said.deliver),
        from_at=begins,
        until_at=said.until_at,
        reason=said.reason,
        stated_at=now,
        ended_at=None,
    )
    await sql.add(tx, made, who.person_id)
    what = {"pick_up": made.pick_up, "deliver": made.deliver, "until": said.until_at.isoformat()}
    await audit.write(tx, who, "logistics.disruption", f"disruption:{made.id}", None, what)
    return made


async def end(tx: Tx, who: Subject, org_id: UUID | None, disruption_id: UUID) -> DisruptionView:
    """It is over before its time; promises that moved stay moved. Raises NotFound, WrongState."""
    found = await sql.disruption(tx, disruption_id, lock=True)
    if found is None or found.org_id != org_id:
        raise NotFound()
    now = clock.now()
    if found.ended_at is not None or found.until_at <= now:
        raise WrongState("disruption", "over", "end")
    await sql.set_ended(tx, disruption_id, now)
    await audit.write(tx, who, "logistics.disruption-end", f"disruption:{disruption_id}")
    ended = await sql.disruption(tx, disruption_id)
    assert ended is not None
    return ended


async def closed_for(tx: Tx, org_ids: Collection[UUID]) -> dict[UUID, list[Closed]]:
    """What is or will be in the way of each seller's parcels, with the names of its places."""
    found = await sql.not_over(tx, org_ids, clock.now())
    if not found:
        return {one: [] for one in org_ids}
    called = await names(tx, {place for one in found for place in one.pick_up + one.deliver})
    shops = await accounts.orgs(tx, org_ids)

    def meets(org_id: UUID, one: DisruptionView) -> bool:
        if one.org_id not in (None, org_id):
            return False
        code = shops[org_id].division.code if org_id in shops else ""
        return reaches(one.pick_up, code)

    return {
        org_id: [Closed(disruption=one, names=called) for one in found if meets(org_id, one)]
        for org_id in org_ids
    }


def refusal(
    closed: Sequence[Closed], division_code: str, ship_day: date | None
) -> Disrupted | None:
    """Why nothing that is sent on that day (None: today) comes to the division; None if it does.

    What leaves on or after the first free day is not in the way.
    """
    now = clock.now()
    day = ship_day or now.astimezone(CHINA).date()
    for each in closed:
        one = each.disruption
        over = one.until_at <= now
        if not over and touches(one, day, now) and reaches(one.deliver, division_code):
            return _refusal(each, division_code)
    return None


def touches(one: DisruptionView, ship_day: date, now: datetime) -> bool:
    """Whether what is promised for that day is in the way of the disruption."""
    return ship_day < free_day(one) and (one.from_at <= now or ship_day >= first_day(one))


def first_day(one: DisruptionView) -> date:
    """The day in China on which it begins."""
    return one.from_at.astimezone(CHINA).date()


def free_day(one: DisruptionView) -> date:
    """The first day in China that it leaves free as a whole."""
    end = one.until_at.astimezone(CHINA)
    whole = end == datetime.combine(end.date(), datetime.min.time(), CHINA)
    return end.date() if whole else end.date() + timedelta(days=1)


async def names(tx: Tx, prefixes: Iterable[str]) -> dict[str, str]:
    """The full names of prefixes; one that has none stands for itself."""
    codes = {one: one.ljust(6, "0") for one in set(prefixes)}
    found = await regions.named(tx, codes.values())
    return {one: found[code].full_name if code in found else one for one, code in codes.items()}


async def _known(tx: Tx, field: str, prefixes: Sequence[str]) -> list[str]:
    kept = wide(prefixes)
    found = await regions.named(tx, [one.ljust(6, "0") for one in kept])
    if any(one.ljust(6, "0") not in found for one in kept):
        raise InvalidFields.one(field, "unknown")
    return kept


def _refusal(closed: Closed, division_code: str) -> Disrupted:
    """What a buyer is told: the disrupted place of delivery, or that of pick-up."""
    one = closed.disruption
    at = one.deliver or one.pick_up
    hit = next((each for each in at if division_code.startswith(each)), at[0])
    return Disrupted(
        what="delivery" if one.deliver else "pick_up",
        division=hit,
        place=closed.names[hit],
        until=one.until_at.isoformat().replace("+00:00", "Z"),
        reason=one.reason,
    )
