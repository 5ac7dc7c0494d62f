"""Offers: opened, priced, closed. Each act locks the offer's pools first, so that an order is
admitted either wholly before it or wholly after it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from tiantou.accounts.face import org
from tiantou.catalog.face import PackView, pack
from tiantou.core import timers
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import AlreadyThere, InvalidFields, NotFound
from tiantou.kit import clock, ids
from tiantou.trade import certified_sql, snapshots, snapshots_sql, waiting
from tiantou.trade import offers_sql as sql
from tiantou.trade.events import OfferClosed, OfferOpened, OfferPriceChanged
from tiantou.trade.lifecycle import OFFER
from tiantou.trade.problems import BelowFloor, NotEnoughStock, SellerNotAdmitted
from tiantou.trade.problems import OfferClosed as NotOpen
from tiantou.trade.views import BaseView, OfferView

PRICE_FEN_MAX = 10_000_000
UNITS_MAX = 1_000_000
PER_BUYER_MAX = 999
SHIP_WITHIN_DAYS = 2
PART_CHARS_MAX = 40
CLOSE_TIMER = "trade.offer-close"

Kind = Literal["standing", "flash"]


async def open_offer(
    tx: Tx,
    shop_id: UUID,
    pack_id: UUID,
    kind: Kind,
    price_fen: int,
    units: int | None = None,
    per_buyer: int | None = None,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    ship_on: date | None = None,
) -> OfferView:
    """Opens an offer of a pack; a flash one takes `units` out of the pack's stock until it closes,
    and ships when the pack's pre-sale does.

    Raises NotFound (pack, or another shop's), SellerNotAdmitted, InvalidFields, BelowFloor,
    NotEnoughStock, AlreadyThere (a second standing offer).
    """
    now = clock.now()
    opens_at = opens_at or now
    _check(kind, price_fen, units, per_buyer, opens_at, closes_at)
    goods = await _pack(tx, shop_id, pack_id)
    await _admitted(tx, shop_id)
    await sql.ensure_shop(tx, shop_id, now)
    await sql.ensure_pool(tx, shop_id, pack_id, "stock")
    before = await sql.hold(tx, shop_id, (), [pack_id])
    floor_fen = await _floor(tx, shop_id, pack_id, price_fen)
    open_now = await sql.offers_of_packs(tx, shop_id, [pack_id], now)
    if kind == "standing" and any(one.kind == "standing" for one in open_now):
        raise AlreadyThere(field="pack_id")
    if units is not None and before[pack_id] < units:
        raise NotEnoughStock(units_left=before[pack_id])
    offer_id = ids.uuid7()
    if units is not None:
        await _into_own_pool(tx, shop_id, pack_id, offer_id, units, now)
    if ship_on is None:
        ship_on = next((one.ship_on for one in open_now if one.ship_on), None)
    base = await _base(tx, shop_id, pack_id, price_fen, open_now, now)
    row = {
        "kind": kind,
        "price_fen": price_fen,
        "floor_fen": floor_fen,
        "per_buyer": per_buyer,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "ship_on": ship_on,
    }
    await _put(tx, goods, offer_id, row, base, now)
    await sql.tell_stock(tx, shop_id, before, now)
    fact = OfferOpened(
        shop_id=shop_id, offer_id=offer_id, pack_id=pack_id, offer_kind=kind, price_fen=price_fen
    )
    await announce(tx, fact)
    return await offer(tx, shop_id, offer_id)


async def _put(
    tx: Tx,
    goods: PackView,
    offer_id: UUID,
    row: dict[str, Any],
    base: BaseView | None,
    now: datetime,
) -> None:
    """Writes the offer with its document, its draw, its price and the timer of its end."""
    kind, price_fen = row["kind"], row["price_fen"]
    hash_ = await snapshots.compose(
        tx, goods, offer_id, kind, price_fen, base, row["per_buyer"], row["ship_on"], now
    )
    await sql.add_offer(
        tx,
        now,
        offer_id if kind == "flash" else goods.pack_id,
        shop_id=goods.org_id,
        offer_id=offer_id,
        pack_id=goods.pack_id,
        product_id=goods.product_id,
        state=OFFER.init,
        listed_fen=goods.price_fen if kind == "standing" else None,
        base_kind=base.kind if base else None,
        base_fen=base.price_fen if base else None,
        net_g=goods.net_g,
        ship_within_days=SHIP_WITHIN_DAYS,
        snapshot=hash_,
        **row,
    )
    parts = await certified_sql.parts_of(tx, goods.org_id, goods.pack_id)
    for part, document in parts.items():
        await snapshots_sql.add_terms(tx, goods.org_id, offer_id, part, 1, document, now)
    if parts:
        await recompose(tx, goods.org_id, offer_id, now)
    if row["closes_at"] is not None:
        await timers.set(tx, CLOSE_TIMER, f"{goods.org_id}/{offer_id}", row["closes_at"])


async def add_units(tx: Tx, shop_id: UUID, offer_id: UUID, units: int) -> OfferView:
    """Moves more units of the pack's stock into a flash offer.

    Raises NotFound, OfferClosed, NotEnoughStock, InvalidFields (units).
    """
    now = clock.now()
    before_it = await offer(tx, shop_id, offer_id)
    if not 1 <= units <= UNITS_MAX:
        raise InvalidFields.one("units", "range", min=1, max=UNITS_MAX)
    before = await sql.hold(tx, shop_id, [offer_id], [before_it.pack_id])
    held = await offer(tx, shop_id, offer_id)
    if held.state == "closed" or held.kind != "flash":
        raise NotOpen(offer_id=str(offer_id))
    if before[held.pack_id] < units:
        raise NotEnoughStock(units_left=before[held.pack_id])
    await _into_own_pool(tx, shop_id, held.pack_id, offer_id, units, now)
    await sql.tell_stock(tx, shop_id, before, now)
    return await offer(tx, shop_id, offer_id)


async def change_price(tx: Tx, shop_id: UUID, offer_id: UUID, price_fen: int) -> OfferView:
    """Another price from now on; an offer that its floor paused is open again.

    Raises NotFound, OfferClosed, BelowFloor, InvalidFields.
    """
    now = clock.now()
    if not 1 <= price_fen <= PRICE_FEN_MAX:
        raise InvalidFields.one("price_fen", "range", min=1, max=PRICE_FEN_MAX)
    held = await _held(tx, shop_id, offer_id)
    if held.state == "closed":
        raise NotOpen(offer_id=str(offer_id))
    await _floor(tx, shop_id, held.pack_id, price_fen)
    if held.price_fen == price_fen:
        return held
    if held.paused_by == "floor":
        state = OFFER.after(held.state, "resume")
        await sql.set_offer(tx, shop_id, offer_id, state=state, paused_by=None)
    others = await sql.offers_of_packs(tx, shop_id, [held.pack_id], now)
    base = await _base(tx, shop_id, held.pack_id, price_fen, others, now)
    await sql.set_offer(
        tx,
        shop_id,
        offer_id,
        price_fen=price_fen,
        base_kind=base.kind if base else None,
        base_fen=base.price_fen if base else None,
    )
    await sql.add_price(tx, shop_id, offer_id, price_fen, now)
    changed = await recompose(tx, shop_id, offer_id, now)
    await announce(
        tx,
        OfferPriceChanged(
            shop_id=shop_id, offer_id=offer_id, pack_id=held.pack_id, price_fen=price_fen
        ),
    )
    return changed


async def hold_to_close(tx: Tx, shop_id: UUID, offer_id: UUID) -> dict[UUID, int]:
    """Locks the pools that closing an offer moves units between; what was in each.

    Raises NotFound.
    """
    pack_id = (await offer(tx, shop_id, offer_id)).pack_id
    return await sql.hold(tx, shop_id, [offer_id], [pack_id])


async def close_offer(
    tx: Tx, shop_id: UUID, offer_id: UUID, event: Literal["close", "window_over"] = "close"
) -> OfferView:
    """Ends an offer; what is left of a flash offer's units goes back. Closed again is no change.

    Raises NotFound.
    """
    now = clock.now()
    before = await hold_to_close(tx, shop_id, offer_id)
    held = await offer(tx, shop_id, offer_id)
    pack_id = held.pack_id
    if held.state == "closed":
        return held
    await sql.set_offer(tx, shop_id, offer_id, state=OFFER.after(held.state, event))
    await waiting.close(tx, shop_id, offer_id)
    if held.kind == "flash":
        await sql.drain(tx, shop_id, offer_id, now)
    await timers.cancel(tx, CLOSE_TIMER, f"{shop_id}/{offer_id}")
    await sql.tell_stock(tx, shop_id, before, now)
    kind: Kind = "flash" if held.kind == "flash" else "standing"
    await announce(
        tx, OfferClosed(shop_id=shop_id, offer_id=offer_id, pack_id=pack_id, offer_kind=kind)
    )
    return await offer(tx, shop_id, offer_id)


async def pause_offer(tx: Tx, shop_id: UUID, offer_id: UUID, by: str = "seller") -> OfferView:
    """Nothing is sold until `by` (seller, product, recall, floor) resumes.

    Raises NotFound, WrongState.
    """
    held = await _held(tx, shop_id, offer_id)
    state = OFFER.after(held.state, "pause")
    await sql.set_offer(tx, shop_id, offer_id, state=state, paused_by=by)
    return await offer(tx, shop_id, offer_id)


async def resume_offer(tx: Tx, shop_id: UUID, offer_id: UUID, by: str = "seller") -> OfferView:
    """Open again, unless somebody else than `by` paused it: then nothing changes.

    With a price below the floor it stays paused, by the floor. Raises NotFound, WrongState.
    """
    held = await _held(tx, shop_id, offer_id)
    state = OFFER.after(held.state, "resume")
    if held.paused_by == by and held.price_fen < held.floor_fen:
        await sql.set_offer(tx, shop_id, offer_id, paused_by="floor")
    elif held.paused_by == by:
        await sql.set_offer(tx, shop_id, offer_id, state=state, paused_by=None)
    return await offer(tx, shop_id, offer_id)


async def set_terms(tx: Tx, shop_id: UUID, offer_id: UUID, part: str, document: Any) -> OfferView:
    """Attaches an opaque part to what buyers see; orders from now on carry it.

    `document` is JSON without floats. The same document again is no change. Raises NotFound,
    OfferClosed, ValueError (part).
    """
    if not 1 <= len(part) <= PART_CHARS_MAX:
        raise ValueError("a part has a name of 1 to 40 signs")
    now = clock.now()
    held = await _held(tx, shop_id, offer_id)
    if held.state == "closed":
        raise NotOpen(offer_id=str(offer_id))
    version, in_force = (await snapshots_sql.terms_of(tx, shop_id, offer_id)).get(part, (0, None))
    if version and snapshots.canonical(in_force) == snapshots.canonical(document):
        return held
    await snapshots_sql.add_terms(tx, shop_id, offer_id, part, version + 1, document, now)
    return await recompose(tx, shop_id, offer_id, now)


async def recompose(tx: Tx, shop_id: UUID, offer_id: UUID, now: datetime) -> OfferView:
    """The offer's document as things stand now; the caller holds its pools."""
    held = await offer(tx, shop_id, offer_id)
    goods = await _pack(tx, shop_id, held.pack_id)
    hash_ = await snapshots.compose(
        tx, goods, offer_id, held.kind, held.price_fen, held.base, held.per_buyer, held.ship_on, now
    )
    await sql.set_offer(tx, shop_id, offer_id, snapshot=hash_)
    return await offer(tx, shop_id, offer_id)


async def offer(tx: Tx, shop_id: UUID, offer_id: UUID) -> OfferView:
    """An offer of the shop. Raises NotFound."""
    found = (await sql.offers(tx, shop_id, [offer_id], clock.now())).get(offer_id)
    if found is None:
        raise NotFound()
    return found


async def offers(tx: Tx, shop_id: UUID, offer_ids: Sequence[UUID]) -> dict[UUID, OfferView]:
    """Those of the shop's offers that exist, by id."""
    return await sql.offers(tx, shop_id, offer_ids, clock.now())


async def offers_of_packs(tx: Tx, shop_id: UUID, pack_ids: Sequence[UUID]) -> list[OfferView]:
    """The offers of packs that are not closed, standing ones first."""
    return await sql.offers_of_packs(tx, shop_id, pack_ids, clock.now())


async def _held(tx: Tx, shop_id: UUID, offer_id: UUID) -> OfferView:
    """The offer behind its locked pools."""
    await sql.hold(tx, shop_id, [offer_id])
    return await offer(tx, shop_id, offer_id)


async def _pack(tx: Tx, shop_id: UUID, pack_id: UUID) -> PackView:
    goods = await pack(tx, pack_id)
    if goods is None or goods.org_id != shop_id:
        raise NotFound()
    return goods


async def _admitted(tx: Tx, shop_id: UUID) -> None:
    seller = await org(tx, shop_id)
    if seller is None or seller.state != "admitted":
        raise SellerNotAdmitted(state=seller.state if seller else "unknown")


async def _floor(tx: Tx, shop_id: UUID, pack_id: UUID, price_fen: int) -> int:
    floor_fen = await sql.floor_of(tx, shop_id, pack_id)
    if price_fen < floor_fen:
        raise BelowFloor(floor_fen=floor_fen)
    return floor_fen


async def _into_own_pool(
    tx: Tx, shop_id: UUID, pack_id: UUID, offer_id: UUID, units: int, now: datetime
) -> None:
    ref = str(ids.uuid7())
    await sql.ensure_pool(tx, shop_id, offer_id, "units")
    await sql.move(tx, shop_id, pack_id, -units, "flash_out", ref, now)
    await sql.move(tx, shop_id, offer_id, units, "flash_in", ref, now)


async def _base(
    tx: Tx,
    shop_id: UUID,
    pack_id: UUID,
    price_fen: int,
    open_now: list[OfferView],
    now: datetime,
) -> BaseView | None:
    """What a lower price may be compared with; None if there is nothing above it."""
    lowest = await sql.lowest_deal(tx, shop_id, pack_id, now)
    if lowest is not None:
        return BaseView(kind="lowest_7d", price_fen=lowest) if lowest > price_fen else None
    usual = next((one.price_fen for one in open_now if one.kind == "standing"), 0)
    return BaseView(kind="usual", price_fen=usual) if usual > price_fen else None


def _check(
    kind: str,
    price_fen: int,
    units: int | None,
    per_buyer: int | None,
    opens_at: datetime,
    closes_at: datetime | None,
) -> None:
    """Raises InvalidFields."""
    if not 1 <= price_fen <= PRICE_FEN_MAX:
        raise InvalidFields.one("price_fen", "range", min=1, max=PRICE_FEN_MAX)
    if kind == "flash" and (units is None or not 1 <= units <= UNITS_MAX):
        raise InvalidFields.one("units", "range", min=1, max=UNITS_MAX)
    if kind == "standing" and units is not None:
        raise InvalidFields.one("units", "not-for-standing")
    if per_buyer is not None and not 1 <= per_buyer <= PER_BUYER_MAX:
        raise InvalidFields.one("per_buyer", "range", min=1, max=PER_BUYER_MAX)
    if closes_at is not None and closes_at <= opens_at:
        raise InvalidFields.one("closes_at", "before-opening")
    if kind == "flash" and closes_at is None:
        raise InvalidFields.one("closes_at", "missing")
