"""Capacity to promise: a shop sells the room of its packing days together with its boxes.

Boxes a day by weekday and by date, and the time of day from which an order counts for the next one.
A shop that has stated none promises as before: so many days from the order on.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields
from tiantou.core.subject import Subject
from tiantou.kit import clock
from tiantou.trade import capacity_sql as sql
from tiantou.trade.promises import AHEAD_DAYS, CHINA, Day

DAYS_SHOWN = 14
BOXES_MAX = 100_000
OPEN_EVERY_S = 3_600


async def state(
    tx: Tx, who: Subject, shop_id: UUID, boxes: Sequence[int] | None, cut_off_minute: int
) -> None:
    """A shop's boxes by weekday from Monday on (None: no limit) and its cut-off; promises stay.

    Raises InvalidFields.
    """
    if boxes is not None and not any(boxes):
        raise InvalidFields.one("boxes", "all-zero")
    before = await sql.of_shop(tx, shop_id)
    await sql.hold_shop(tx, shop_id)
    await sql.set_capacity(tx, shop_id, boxes, cut_off_minute, clock.now())
    await _open(tx, shop_id, boxes is not None)
    was = {"boxes": before.boxes, "cut_off_minute": before.cut_off_minute} if before else None
    now = {"boxes": boxes and list(boxes), "cut_off_minute": cut_off_minute}
    await audit.write(tx, who, "trade.capacity", f"org:{shop_id}", was, now)


async def state_day(tx: Tx, who: Subject, shop_id: UUID, day: date, boxes: int | None) -> None:
    """The boxes of one date, 0 is closed; None takes the exception away. Raises InvalidFields."""
    today = clock.now().astimezone(CHINA).date()
    if not today <= day <= today + timedelta(days=AHEAD_DAYS):
        last = today + timedelta(days=AHEAD_DAYS)
        raise InvalidFields.one("day", "range", min=today.isoformat(), max=last.isoformat())
    await sql.hold_shop(tx, shop_id)
    shop = await sql.of_shop(tx, shop_id)
    if shop is None or shop.boxes is None:
        raise InvalidFields.one("boxes", "no-limit-stated")
    await sql.set_day(tx, shop_id, day, boxes)
    await _open(tx, shop_id, True)
    after = {"day": day.isoformat(), "boxes": boxes}
    await audit.write(tx, who, "trade.capacity-day", f"org:{shop_id}", None, after)


async def _open(tx: Tx, shop_id: UUID, limited: bool) -> None:
    if limited:
        now = clock.now()
        today = now.astimezone(CHINA).date()
        await sql.open_days(tx, shop_id, today, today + timedelta(days=AHEAD_DAYS), now)


async def open_ahead(tx: Tx) -> int:
    """Days come into reach as days go by; says for how many shops."""
    shops = await sql.shops_short_of(
        tx, clock.now().astimezone(CHINA).date() + timedelta(days=AHEAD_DAYS)
    )
    for shop_id in shops:
        await sql.hold_shop(tx, shop_id)
        await _open(tx, shop_id, True)
    return len(shops)


async def days(tx: Tx, shop_id: UUID) -> list[Day]:
    """The next two weeks of a shop that has stated a limit."""
    today = clock.now().astimezone(CHINA).date()
    return await sql.days_of(tx, shop_id, today, today + timedelta(days=DAYS_SHOWN - 1))
