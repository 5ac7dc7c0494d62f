"""When an order of now would be sent. Pure: the admission decides by the same rule."""

from datetime import date, datetime, timedelta, timezone

from msgspec import Struct

CHINA = timezone(timedelta(hours=8))
AHEAD_DAYS = 60


class Day(Struct, frozen=True, kw_only=True):
    """A packing day: what the shop packs on it, what is promised, what is left to promise."""

    day: date
    boxes: int
    promised: int
    left: int
    exception: bool = False


class Capacity(Struct, frozen=True, kw_only=True):
    """What a shop stated. `days` from today on, where it has a limit."""

    boxes: list[int] | None
    cut_off_minute: int
    days: list[Day]


class Promise(Struct, frozen=True, kw_only=True):
    """When an order of one box would be sent. `room`: boxes that this day still takes, and `then`
    the next day that takes any; both None where the shop has stated no limit.
    """

    ship_day: date
    room: int | None = None
    then: date | None = None


def first_day(shop: Capacity | None, now: datetime) -> date:
    """The day that an order of now counts for."""
    local = now.astimezone(CHINA)
    late = shop is not None and local.hour * 60 + local.minute >= shop.cut_off_minute
    return local.date() + timedelta(days=1 if late else 0)


def promise(shop: Capacity | None, ship_on: date | None, within: int, now: datetime) -> Promise:
    """What an offer promises now; the admission decides by the same rule.

    With no room on any day that is planned, the day after the last one, with room for nothing.
    """
    begin = first_day(shop, now)
    earliest = max(ship_on, begin) if ship_on else begin + timedelta(days=within)
    if shop is None or shop.boxes is None:
        return Promise(ship_day=earliest)
    free = [one for one in shop.days if one.day >= earliest and one.left > 0]
    if not free:
        return Promise(ship_day=begin + timedelta(days=AHEAD_DAYS + 1), room=0)
    then = free[1].day if len(free) > 1 else None
    return Promise(ship_day=free[0].day, room=free[0].left, then=then)
