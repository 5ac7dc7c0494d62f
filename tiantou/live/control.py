"""The control room: pin, price, flash price, more boxes, withdraw."""

from datetime import timedelta
from uuid import UUID

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import NotFound
from tiantou.core.subject import MANAGER, OWNER, Subject
from tiantou.kit import clock, ids
from tiantou.live import gate, on_camera, shelf, views, wire
from tiantou.live import sessions_sql as sql
from tiantou.live import steps as machine
from tiantou.live.events import Pinned
from tiantou.live.lifecycle import ON_AIR, SEGMENT
from tiantou.live.problems import ItemUnavailable, NotOnAir, NotYourGoods
from tiantou.live.room_events import DealEvent, ItemEvent, PinEvent
from tiantou.live.sessions import CREW, mine
from tiantou.live.tables import ItemRow, SegmentRow, SessionRow
from tiantou.supply import face as supply
from tiantou.trade import face as trade


async def _on_air(tx: Tx, caller: Subject, session_id: UUID, *roles: str) -> SessionRow:
    row = await mine(tx, caller, session_id, *(roles or CREW))
    if row.state not in ON_AIR:
        raise NotOnAir()
    return row


async def _item(tx: Tx, row: SessionRow, item_id: UUID) -> ItemRow:
    item = await sql.item(tx, row.id, item_id)
    if item is None:
        raise NotFound()
    return item


async def _to_sell(tx: Tx, caller: Subject, row: SessionRow, item_id: UUID) -> ItemRow:
    """A product whose price and boxes the caller may change: a guest's only with a role there."""
    item = await _item(tx, row, item_id)
    if item.org_id != row.org_id and not caller.roles_in(item.org_id) & {OWNER, *CREW}:
        raise NotYourGoods(seller_id=str(item.org_id))
    return item


async def show(tx: Tx, row: SessionRow, item: ItemRow) -> wire.Item:
    """Tells the room how a product now stands; gives it."""
    shown = await views.item(tx, item)
    await machine.tell_room(tx, row.id, ItemEvent(item=shown))
    return shown


async def pin(tx: Tx, caller: Subject, session_id: UUID, item_id: UUID | None) -> wire.Item | None:
    """Explains a product from now on, or none. Raises ItemUnavailable, NotOnAir, NotFound."""
    row = await _on_air(tx, caller, session_id)
    at = clock.now()
    if row.pinned_item_id == item_id:
        return None if item_id is None else await views.item(tx, await _item(tx, row, item_id))
    if row.pinned_item_id is not None:
        last = await _item(tx, row, row.pinned_item_id)
        last.state = SEGMENT.after(last.state, "unpin")
        if await _units_left(tx, last) == 0:
            last.state = SEGMENT.after(last.state, "sell_out")
        await sql.close_segment(tx, row.id, at)
    row.pinned_item_id = item_id
    if item_id is None:
        await on_camera.follow_pin(tx, row.id, None, at)
        await machine.tell_room(tx, row.id, PinEvent(item=None))
        none = Pinned(session_id=row.id, item_id=None, pack_id=None, price_fen=None, at=at)
        await announce(tx, none)
        return None
    item = await _item(tx, row, item_id)
    if item.state == "withdrawn":
        raise ItemUnavailable(why="withdrawn")
    await gate.item_may_be_shown(tx, item)
    item.state = SEGMENT.after(item.state, "pin")
    await on_camera.follow_pin(tx, row.id, item.pack_id, at)
    shown = await views.item(tx, item)
    await machine.tell_room(tx, row.id, PinEvent(item=shown))
    price = shown.flash or shown.offer
    assert price is not None
    segment = SegmentRow(
        id=ids.uuid7(),
        session_id=row.id,
        item_id=item.id,
        title=shown.product.title,
        price_fen=price.price_fen,
        begins_at=at,
    )
    await sql.add(tx, segment)
    fact = Pinned(
        session_id=row.id, item_id=item.id, pack_id=item.pack_id, price_fen=price.price_fen, at=at
    )
    await announce(tx, fact)
    return shown


async def _units_left(tx: Tx, item: ItemRow) -> int:
    standing = await views.standing(tx, item.org_id, [item.pack_id])
    offer = standing.get(item.pack_id)
    return offer.units_left if offer else 0


async def set_price(
    tx: Tx, caller: Subject, session_id: UUID, item_id: UUID, price_fen: int
) -> wire.Item:
    """Another standing price; trade announces it and the room is told. Raises BelowFloor,
    NotYourGoods.
    """
    row = await _on_air(tx, caller, session_id)
    item = await _to_sell(tx, caller, row, item_id)
    standing = (await views.standing(tx, item.org_id, [item.pack_id])).get(item.pack_id)
    if standing is None:
        raise ItemUnavailable(why="never-stocked")
    await trade.change_price(tx, item.org_id, standing.id, price_fen)
    before = {"price_fen": standing.price_fen}
    await audit.write(tx, caller, "live.price", f"item:{item.id}", before, {"price_fen": price_fen})
    return await views.item(tx, item)


async def flash(
    tx: Tx,
    caller: Subject,
    session_id: UUID,
    item_id: UUID,
    price_fen: int,
    units: int,
    per_buyer: int | None,
    minutes: int,
) -> wire.Item:
    """Opens a flash price.

    Raises BelowFloor, NotEnoughStock, ItemUnavailable, NotOnAir, NotYourGoods.
    """
    row = await _on_air(tx, caller, session_id)
    item = await _to_sell(tx, caller, row, item_id)
    if item.state == "withdrawn":
        raise ItemUnavailable(why="withdrawn")
    if item.flash_offer_id is not None:
        held = await trade.offers(tx, item.org_id, [item.flash_offer_id])
        if held and held[item.flash_offer_id].state == "open":
            raise ItemUnavailable(why="flash-is-open")
    opens_at = clock.now()
    offer = await trade.open_offer(
        tx,
        item.org_id,
        item.pack_id,
        kind="flash",
        price_fen=price_fen,
        units=units,
        per_buyer=per_buyer,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(minutes=minutes),
    )
    item.flash_offer_id = offer.id
    shown = await views.item(tx, item)
    assert shown.flash is not None
    await machine.tell_room(tx, row.id, DealEvent(item_id=item.id, offer=shown.flash))
    after = {"price_fen": price_fen, "units": units, "per_buyer": per_buyer, "minutes": minutes}
    await audit.write(tx, caller, "live.flash", f"item:{item.id}", None, after)
    return shown


async def end_flash(tx: Tx, caller: Subject, session_id: UUID, item_id: UUID) -> wire.Item:
    """Closes the flash price before its time; the room is told when trade announces it."""
    row = await _on_air(tx, caller, session_id)
    item = await _to_sell(tx, caller, row, item_id)
    if item.flash_offer_id is None:
        raise ItemUnavailable(why="no-flash")
    await trade.close_offer(tx, item.org_id, item.flash_offer_id)
    return await views.item(tx, item)


async def add_boxes(
    tx: Tx, caller: Subject, session_id: UUID, item_id: UUID, *, lot_id: UUID, boxes: int
) -> wire.Item:
    """Packs more boxes from a lot; they are for sale when the stock's fact has been taken."""
    row = await _on_air(tx, caller, session_id)
    item = await _to_sell(tx, caller, row, item_id)
    await supply.pack_lot(tx, caller, item.org_id, lot_id, item.pack_id, boxes)
    return await views.item(tx, item)


async def withdraw(
    tx: Tx, caller: Subject, session_id: UUID, item_id: UUID, back: bool
) -> wire.Item:
    """Takes a product off the shelf that viewers see, its flash price too, or puts it back.

    Raises WrongState, ItemUnavailable if its seller does not agree any more.
    """
    row = await _on_air(tx, caller, session_id, MANAGER, *CREW)
    item = await _item(tx, row, item_id)
    await (shelf.put_back if back else shelf.take_off)(tx, row, item)
    return await show(tx, row, item)
