"""The shelf of a session: the shop's own goods, and guests: goods of sellers who agreed to it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.catalog import face as catalog
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields
from tiantou.kit import clock, ids
from tiantou.live import gate, on_camera_sql, sessions_sql, views, wire
from tiantou.live import steps as machine
from tiantou.live.lifecycle import ON_AIR, SEGMENT
from tiantou.live.problems import ItemUnavailable
from tiantou.live.room_events import ItemEvent, LotEvent, PinEvent
from tiantou.live.tables import ItemRow, SessionRow
from tiantou.trade import face as trade

ORIGIN = "live:"
FREE_KIND = "public_service"


def origin_of(row: SessionRow) -> str:
    """What trade calls the orders of a session."""
    return f"{ORIGIN}{row.id}"


async def put(tx: Tx, row: SessionRow, shelf: Sequence[wire.ShelfIn]) -> bool:
    """Makes the shelf so; says whether products were added or taken off.

    Raises InvalidFields for a pack that cannot be had, ItemUnavailable for one taken off on air.
    """
    wanted = list(dict.fromkeys(one.pack_id for one in shelf))
    held = {one.pack_id: one for one in await sessions_sql.items(tx, [row.id])}
    packs = await catalog.packs(tx, wanted)
    new = [pack_id for pack_id in wanted if pack_id not in held]
    granted = await _granted(tx, row, [packs[one] for one in new if one in packs])
    for place, pack_id in enumerate(wanted, 1):
        fault = _fault(row, packs.get(pack_id), held.get(pack_id), granted)
        if fault:
            raise InvalidFields.one(f"shelf.{place - 1}.pack_id", fault)
        if pack_id in held:
            held[pack_id].position = place
    gone = [one for pack_id, one in held.items() if pack_id not in set(wanted)]
    if gone and row.state in ON_AIR:
        raise ItemUnavailable(why="withdraw-instead")
    await sessions_sql.drop_items(tx, [one.id for one in gone])
    added = [
        ItemRow(
            id=ids.uuid7(),
            session_id=row.id,
            host_kind=row.host_kind,
            position=wanted.index(pack_id) + 1,
            pack_id=pack_id,
            org_id=packs[pack_id].org_id,
            granted_permille=granted.get(pack_id),
            state="queued",
        )
        for pack_id in new
    ]
    await sessions_sql.add(tx, *added)
    if row.state in ON_AIR:
        await _show(tx, row, added)
    return bool(new or gone)


async def _show(tx: Tx, row: SessionRow, added: Sequence[ItemRow]) -> None:
    """Goods added on air pass their gate, owe what was granted, and are seen at once."""
    for one in added:
        await gate.item_may_be_shown(tx, one)
    await charge(tx, row, added)
    for one in added:
        await machine.tell_room(tx, row.id, ItemEvent(item=await views.item(tx, one)))


async def _granted(tx: Tx, row: SessionRow, packs: Sequence[catalog.PackView]) -> dict[UUID, int]:
    """What the sellers of others' packs agreed to, by pack; public service takes nothing."""
    guests = [one for one in packs if one.org_id != row.org_id]
    open_now = await catalog.hold_open(tx, {one.product_id for one in guests})
    orgs = await accounts.orgs(tx, {one.org_id for one in guests})
    return {
        one.pack_id: 0 if row.host_kind == FREE_KIND else open_now[one.product_id]
        for one in guests
        if one.product_id in open_now and not gate.identity_fault(orgs[one.org_id])
    }


def _fault(
    row: SessionRow,
    pack: catalog.PackView | None,
    held: ItemRow | None,
    granted: Mapping[UUID, int],
) -> str:
    if held is not None and held.granted_permille is not None:
        return ""  # the gate says what is wrong with it; its room may plan on meanwhile
    if pack is None or not pack.on:
        return "no-such-pack"
    if pack.org_id != row.org_id and pack.pack_id not in granted:
        return "not-open-to-rooms"
    return ""


async def make_free(tx: Tx, row: SessionRow) -> None:
    """The session becomes one of public service: no seller owes it anything."""
    for one in await sessions_sql.items(tx, [row.id]):
        if one.granted_permille is not None:
            one.granted_permille = 0
    await tx.flush()


async def agree_anew(tx: Tx, row: SessionRow) -> None:
    """The session is not one of public service any more: what sellers grant now holds."""
    await tx.flush()  # first the session, then what its kind allows
    guests = [
        one
        for one in await sessions_sql.items(tx, [row.id])
        if one.granted_permille is not None and one.state != "withdrawn"
    ]
    packs = await catalog.packs(tx, [one.pack_id for one in guests])
    granted = await _granted(tx, row, list(packs.values()))
    for one in guests:
        one.granted_permille = granted.get(one.pack_id, 0)


async def charge(tx: Tx, row: SessionRow, items: Sequence[ItemRow]) -> None:
    """Orders of guests' goods owe from now on what their sellers agreed to."""
    for one in items:
        if one.granted_permille is not None and one.state != "withdrawn":
            await trade.set_goods_fee(
                tx, one.org_id, origin_of(row), one.pack_id, one.granted_permille
            )


async def take_off(tx: Tx, row: SessionRow, item: ItemRow) -> None:
    """Withdraws a product: its pin and its flash price end, and a guest owes no more from now on.

    Raises WrongState.
    """
    item.state = SEGMENT.after(item.state, "withdraw")
    if row.pinned_item_id == item.id:
        row.pinned_item_id = None
        await sessions_sql.close_segment(tx, row.id, clock.now())
        await machine.tell_room(tx, row.id, PinEvent(item=None))
        if await on_camera_sql.end(tx, row.id, clock.now()):
            await machine.tell_room(tx, row.id, LotEvent(lot=None))
    if item.flash_offer_id is not None:
        await trade.close_offer(tx, item.org_id, item.flash_offer_id)
    if item.granted_permille is not None:
        await trade.end_goods_fee(tx, item.org_id, origin_of(row), item.pack_id)


async def put_back(tx: Tx, row: SessionRow, item: ItemRow) -> None:
    """Restores a withdrawn product; a guest only as its seller agrees now.

    Raises WrongState, ItemUnavailable.
    """
    item.state = SEGMENT.after(item.state, "restore")
    if item.granted_permille is None:
        return
    packs = await catalog.packs(tx, [item.pack_id])
    granted = await _granted(tx, row, list(packs.values()))
    if item.pack_id not in granted:
        raise ItemUnavailable(why="not-open-to-rooms")
    await gate.item_may_be_shown(tx, item)
    item.granted_permille = granted[item.pack_id]
    await charge(tx, row, [item])
