"""The parcel of an order: handed over, arrived, troubled. Logistics knows it as `order:<key>`."""

from uuid import UUID

from tiantou.core import timers
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import NotFound
from tiantou.kit import clock
from tiantou.logistics import face as logistics
from tiantou.trade import steps
from tiantou.trade.events import OrderDelivered, OrderShipped
from tiantou.trade.lifecycle import ORDER
from tiantou.trade.views import OrderView

_PREFIX = "order:"


def ref_of(shop_id: UUID, order_id: UUID) -> str:
    """The reference that a parcel bears."""
    return _PREFIX + steps.key_of(shop_id, order_id)


async def make_ready(
    tx: Tx, shop_id: UUID, order_id: UUID, carrier: str, waybill: str
) -> logistics.ParcelView:
    """The packed order bears a waybill and stands on the hand-over list.

    Raises NotFound, WrongState, what logistics raises.
    """
    order = await steps.held(tx, shop_id, order_id)
    ORDER.after(order.state, "pickup_scan")
    ref = ref_of(shop_id, order_id)
    return await logistics.make_ready(tx, shop_id, ref, carrier, waybill, _about(order))


async def ship(
    tx: Tx, shop_id: UUID, order_id: UUID, by: UUID, carrier: str, waybill: str
) -> OrderView:
    """The parcel is handed over. Raises NotFound, WrongState, what logistics raises."""
    order = await steps.held(tx, shop_id, order_id)
    ORDER.after(order.state, "pickup_scan")
    ref = ref_of(shop_id, order_id)
    parcel = await logistics.hand_over(tx, shop_id, ref, carrier, waybill, _about(order))
    return await _shipped(tx, order, by, parcel.carrier, parcel.waybill)


async def scan_off(tx: Tx, shop_id: UUID, by: UUID, waybill: str) -> logistics.ParcelView:
    """The carrier took the parcel with this waybill; one that has left already is no change.

    Raises NotFound, WrongState (its order was closed), ParcelStopped.
    """
    number = "".join(waybill.split()).upper()
    parcel = await logistics.ready_by_waybill(tx, shop_id, number)
    if parcel is None or not parcel.ref.startswith(_PREFIX):
        raise NotFound()
    order = await steps.held(tx, *steps.of_key(parcel.ref.removeprefix(_PREFIX)))
    left = await logistics.ready_by_waybill(tx, shop_id, number)
    if left is not None and left.state not in {"ready", "stopped"}:
        return left
    await ship(tx, shop_id, order.order_id, by, parcel.carrier, parcel.waybill)
    gone = await logistics.ready_by_waybill(tx, shop_id, number)
    assert gone is not None
    return gone


def order_of(ref: str) -> UUID | None:
    """The order of a parcel's reference, if an order bears it."""
    return steps.of_key(ref.removeprefix(_PREFIX))[1] if ref.startswith(_PREFIX) else None


def _about(order: OrderView) -> logistics.About:
    boxes = sum(line.units for line in order.lines)
    return logistics.About(boxes=boxes, division_code=order.division_code)


async def _shipped(
    tx: Tx, order: OrderView, by: UUID | None, carrier: str, waybill: str
) -> OrderView:
    gone = await steps.go(tx, order, "pickup_scan", "seller" if by else "carrier", by)
    await announce(tx, OrderShipped(**steps.fact_of(gone), carrier=carrier, waybill=waybill))
    return gone


async def delivered(tx: Tx, shop_id: UUID, order_id: UUID, by: UUID) -> OrderView:
    """The seller says that the parcel arrived. Raises NotFound, WrongState."""
    order = await steps.held(tx, shop_id, order_id)
    parcel = await logistics.parcel(tx, shop_id, ref_of(shop_id, order_id))
    if parcel is None:
        raise NotFound()
    await logistics.deliver(tx, shop_id, parcel.id)
    return await _arrived(tx, order, by)


async def arrived(tx: Tx, ref: str) -> None:
    """The carrier says that a parcel arrived; not ours, or known already: nothing."""
    if not ref.startswith(_PREFIX):
        return
    order = await steps.held(tx, *steps.of_key(ref.removeprefix(_PREFIX)))
    if order.state == "exception" or ORDER.can(order.state, "delivered_scan"):
        await _arrived(tx, order, None)


async def _arrived(tx: Tx, order: OrderView, by: UUID | None) -> OrderView:
    who: steps.By = "seller" if by else "carrier"
    if ORDER.can(order.state, "found"):
        order = await steps.go(tx, order, "found", who, by)
    there = await steps.go(tx, order, "delivered_scan", who, by)
    await announce(tx, OrderDelivered(**steps.fact_of(there)))
    return there


async def handed_over(tx: Tx, ref: str, carrier: str, waybill: str) -> None:
    """A parcel of ours was picked up without our own doing."""
    if not ref.startswith(_PREFIX):
        return
    order = await steps.held(tx, *steps.of_key(ref.removeprefix(_PREFIX)))
    if ORDER.can(order.state, "pickup_scan"):
        await _shipped(tx, order, None, carrier, waybill)


async def troubled(tx: Tx, ref: str, what: str) -> None:
    """A parcel comes back: the order is an exception. A lost one has no scans: its time is now."""
    if not ref.startswith(_PREFIX):
        return
    order = await steps.held(tx, *steps.of_key(ref.removeprefix(_PREFIX)))
    if what == "return" and ORDER.can(order.state, "return_to_sender"):
        await steps.go(tx, order, "return_to_sender", "carrier")
    elif what == "lost" and ORDER.can(order.state, "no_scan_72h"):
        name = steps.key_of(order.shop_id, order.order_id)
        await timers.set(tx, steps.TIMER, name, clock.now(), {"event": "no_scan_72h"})


async def parcel_of(tx: Tx, order: OrderView) -> logistics.ParcelView | None:
    """The order's parcel with its events, once it has one."""
    return await logistics.parcel(tx, order.shop_id, ref_of(order.shop_id, order.order_id))
