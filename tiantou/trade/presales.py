"""Pre-sale: boxes of a pack are promised before they are packed, for a stated day of sending.

They are stock on credit: so many units come into the pack's pool as a debt, and the first boxes
that are packed pay it back. So an order, a refund, a coupon, the audit see a pool like any other.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.trade import offers
from tiantou.trade import offers_sql as sql
from tiantou.trade.problems import BoxesInStock
from tiantou.trade.promises import AHEAD_DAYS, CHINA

REASON = "presale"
UNITS_MAX = 100_000
TOMORROW = timedelta(days=1)


class PresaleView(Struct, frozen=True, kw_only=True):
    """A pack's pre-sale: the day of sending, boxes still to be packed for it, those still free."""

    pack_id: UUID
    offer_id: UUID
    ship_on: date
    owed: int
    available: int


async def open_presale(
    tx: Tx, who: Subject, shop_id: UUID, pack_id: UUID, units: int, ship_on: date, price_fen: int
) -> PresaleView:
    """Puts `units` more of a pack on sale ahead; the day holds for orders from now on.

    Raises NotFound, SellerNotAdmitted, BelowFloor, BoxesInStock, InvalidFields (units, ship_on,
    price_fen).
    """
    now = clock.now()
    _check(units, ship_on, now)
    standing = await _standing(tx, shop_id, pack_id, now)
    if standing is None:
        made = await offers.open_offer(tx, shop_id, pack_id, "standing", price_fen, ship_on=ship_on)
        standing = made.id
    before = await sql.hold(tx, shop_id, [standing], [pack_id])
    if before[pack_id] > 0 and await sql.owed(tx, shop_id, pack_id) == 0:
        raise BoxesInStock(units_left=before[pack_id])
    await _send_on(tx, shop_id, pack_id, ship_on, now)
    await offers.change_price(tx, shop_id, standing, price_fen)
    await sql.move(tx, shop_id, pack_id, units, REASON, str(ids.uuid7()), now)
    await sql.tell_stock(tx, shop_id, before, now)
    after = {"units": units, "ship_on": ship_on.isoformat(), "price_fen": price_fen}
    await audit.write(tx, who, "trade.presale", f"pack:{pack_id}", None, after)
    found = (await views(tx, shop_id, [pack_id])).get(pack_id)
    if found is None:
        raise NotFound()
    return found


async def end_presale(tx: Tx, who: Subject, shop_id: UUID, pack_id: UUID) -> None:
    """Nothing more is sold ahead; what was sold stays promised for its day. Raises NotFound."""
    now = clock.now()
    if await _standing(tx, shop_id, pack_id, now) is None:
        raise NotFound()
    before = await sql.hold(tx, shop_id, (), [pack_id])
    owed = await sql.owed(tx, shop_id, pack_id)
    if owed == 0:
        raise NotFound()
    free = min(owed, before[pack_id])
    if free:
        await sql.move(tx, shop_id, pack_id, -free, REASON, str(ids.uuid7()), now)
        await sql.tell_stock(tx, shop_id, before, now)
    await _send_on(tx, shop_id, pack_id, None, now)
    await audit.write(tx, who, "trade.presale-end", f"pack:{pack_id}", None, {"freed": free})


async def repay(tx: Tx, shop_id: UUID, pack_id: UUID, boxes: int, ref: str, now: datetime) -> None:
    """Of `boxes` that were packed just now, those that were sold ahead are no news; the caller
    holds the pack's pool. With the last of them the pre-sale is over.
    """
    owed = await sql.owed(tx, shop_id, pack_id)
    if owed == 0:
        return
    await sql.move(tx, shop_id, pack_id, -min(boxes, owed), REASON, ref, now)
    if boxes >= owed:
        await _send_on(tx, shop_id, pack_id, None, now)


async def views(tx: Tx, shop_id: UUID, packs: list[UUID]) -> dict[UUID, PresaleView]:
    """The pre-sales under way, by pack."""
    stock = {one.pack_id: one.available for one in await sql.stock_of(tx, shop_id, packs)}
    found = {}
    for one in await sql.offers_of_packs(tx, shop_id, packs, clock.now()):
        if one.kind == "standing" and one.ship_on is not None:
            found[one.pack_id] = PresaleView(
                pack_id=one.pack_id,
                offer_id=one.id,
                ship_on=one.ship_on,
                owed=await sql.owed(tx, shop_id, one.pack_id),
                available=stock.get(one.pack_id, 0),
            )
    return found


async def _standing(tx: Tx, shop_id: UUID, pack_id: UUID, now: datetime) -> UUID | None:
    found = await sql.offers_of_packs(tx, shop_id, [pack_id], now)
    return next((one.id for one in found if one.kind == "standing"), None)


async def _send_on(
    tx: Tx, shop_id: UUID, pack_id: UUID, ship_on: date | None, now: datetime
) -> None:
    """Every offer of the pack says when it is sent; the caller holds its pools."""
    for one in await sql.offers_of_packs(tx, shop_id, [pack_id], now):
        if one.ship_on != ship_on:
            await sql.set_offer(tx, shop_id, one.id, ship_on=ship_on)
            await offers.recompose(tx, shop_id, one.id, now)


def _check(units: int, ship_on: date, now: datetime) -> None:
    """Raises InvalidFields."""
    if not 1 <= units <= UNITS_MAX:
        raise InvalidFields.one("units", "range", min=1, max=UNITS_MAX)
    today = now.astimezone(CHINA).date()
    first, last = today + TOMORROW, today + timedelta(days=AHEAD_DAYS)
    if not first <= ship_on <= last:
        raise InvalidFields.one("ship_on", "range", min=first.isoformat(), max=last.isoformat())
