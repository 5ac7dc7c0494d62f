"""What a disruption does to orders: their promises move behind it, all in one act.

Deadlines count from the new day, so nobody is late because of it; what is on the road has until
some days after the end to be heard of. Buyers are told by facts, and may have their money back as
before, while nothing has left.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.core import timers
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.subject import Subject
from tiantou.kit import clock
from tiantou.logistics import face as logistics
from tiantou.trade import capacity_sql, shipping, steps
from tiantou.trade import disruptions_sql as sql
from tiantou.trade.events import PromisesMoved

TIMER = "trade.disruption"
# A process knows freight for a moment (checkout.KEEP_S): orders of that moment move after it.
LOOK_AGAIN = timedelta(seconds=10)
TOLD_AT_ONCE = 100
KIND = "promise-moved"


async def state(
    tx: Tx, who: Subject, org_id: UUID | None, said: logistics.Closure
) -> logistics.DisruptionView:
    """A disruption, and every promise in its way moved; `org_id` None is the operator's, for all.

    Orders that come in meanwhile move when it begins. Raises InvalidFields.
    """
    made = await logistics.state_disruption(tx, who, org_id, said)
    await _move(tx, made)
    again = max(made.from_at, clock.now() + LOOK_AGAIN)
    await timers.set(tx, TIMER, str(made.id), again)
    return made


async def on_due(tx: Tx, key: str, _: dict[str, Any]) -> None:
    """It has begun: promises made since it was stated move too; nothing if it is over."""
    found = await logistics.disruption(tx, UUID(key))
    if found is not None and found.ended_at is None and found.until_at > clock.now():
        await _move(tx, found)


async def _move(tx: Tx, one: logistics.DisruptionView) -> None:
    now = clock.now()
    shops = await _shops(tx, one)
    days = (logistics.first_day(one), logistics.free_day(one))
    begun = one.from_at <= now
    moved = await sql.move(tx, one.id, shops, one.deliver, days, begun, now)
    moved = await _to_days_with_room(tx, one.id, moved, days[1])
    owing = [order for order in moved if order.state in steps.BEFORE_SHIPPING]
    for day in sorted({order.ship_day for order in owing}):
        on_it = [order for order in owing if order.ship_day == day]
        await _postpone(tx, on_it, steps.last_day_after(day))
    road = await sql.hold_on_the_road(tx, shops, one.deliver)
    await _postpone(tx, road, one.until_at + steps.SCAN_WITHIN)
    refs = [(each.shop_id, shipping.ref_of(each.shop_id, each.order_id)) for each in road]
    await logistics.bear_with(tx, refs, one.until_at + steps.SCAN_WITHIN)
    if moved:
        await announce(tx, PromisesMoved(disruption_id=one.id, orders=len(moved)))


async def _to_days_with_room(
    tx: Tx, disruption_id: UUID, moved: Sequence[sql.Touched], free: date
) -> list[sql.Touched]:
    """Where a shop has stated what it packs, orders go to the first days that have room; also
    those that took room on a day before the shop took its limit away.
    """
    stated = await capacity_sql.capacities(tx, {one.shop_id for one in moved}, clock.now())
    for shop_id in sorted(stated):
        orders = [one.order_id for one in moved if one.shop_id == shop_id]
        await capacity_sql.move_days(tx, shop_id, orders, free, clock.now())
    if not stated:
        return list(moved)
    return await sql.moved_again(tx, disruption_id, moved)


async def _shops(tx: Tx, one: logistics.DisruptionView) -> list[UUID]:
    """Whose orders it touches: those of who stated it, or of every shop that it keeps from sending.

    A shop sends from the place of its organization.
    """
    shops = [one.org_id] if one.org_id else await sql.shops_at_work(tx)
    if not one.pick_up:
        return shops
    found = await accounts.orgs(tx, shops)
    codes = {org_id: org.division.code for org_id, org in found.items()}
    near = tuple(one.pick_up)
    return [shop for shop in shops if codes.get(shop, "").startswith(near)]


async def _postpone(tx: Tx, orders: Sequence[sql.Touched], until: datetime) -> None:
    keys = [steps.key_of(one.shop_id, one.order_id) for one in orders]
    await timers.postpone(tx, steps.TIMER, keys, until)


async def tell(tx: Tx, fact: PromisesMoved) -> None:
    """The next buyers find the new day in their inbox, once an order; more follow by a fact."""
    one = await logistics.disruption(tx, fact.disruption_id)
    if one is None:
        return
    ahead = await sql.hold_untold(tx, one.id, TOLD_AT_ONCE + 1)
    places = one.deliver or one.pick_up
    names = await logistics.place_names(tx, places)
    for order in ahead[:TOLD_AT_ONCE]:
        if order.buyer_id is None:
            continue
        members: dict[str, object] = {
            "shop_id": str(order.shop_id),
            "order_id": str(order.order_id),
            "number": order.number,
            "ship_day_before": order.from_day.isoformat(),
            "ship_day": order.to_day.isoformat(),
            "places": [names[each] for each in places],
            "reason": one.reason,
        }
        occasion = f"{KIND}:{one.id}:{order.order_id}"
        await accounts.notify(tx, order.buyer_id, KIND, members, dedupe=occasion)
    told = [order.order_id for order in ahead[:TOLD_AT_ONCE]]
    await sql.set_told(tx, one.id, told, clock.now())
    if len(ahead) > TOLD_AT_ONCE:
        await announce(tx, PromisesMoved(disruption_id=one.id, orders=fact.orders - TOLD_AT_ONCE))
