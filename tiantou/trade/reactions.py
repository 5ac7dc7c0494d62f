"""What trade does on facts of others and its own. Wiring binds them; each may be told twice."""

from contextlib import suppress

from tiantou.accounts.events import OrgAdmitted, OrgApplied
from tiantou.accounts.face import notify
from tiantou.catalog.events import ProductChanged
from tiantou.core.db import Tx
from tiantou.kit import clock
from tiantou.kit.machine import WrongState
from tiantou.logistics.events import ParcelDelivered, ParcelHandedOver, ParcelTroubled
from tiantou.supply import face as supply
from tiantou.supply.events import BoxesRestored, BoxesWithdrawn, LotPacked
from tiantou.trade import disruptions, shipping, stock
from tiantou.trade.events import (
    LateMoneyReturned,
    OrderDelivered,
    OrderExpired,
    OrderPacked,
    OrderRefunded,
    OrderShipped,
    PromisesMoved,
)
from tiantou.trade.money.ledger_sql import owed_of_order


async def on_lot_packed(tx: Tx, fact: LotPacked) -> None:
    """Packed boxes can be sold, at no less than their growers agreed to."""
    await stock.restock(
        tx, fact.org_id, fact.pack_id, fact.boxes, fact.floor_fen_per_box, str(fact.run_id)
    )


async def on_boxes_withdrawn(tx: Tx, fact: BoxesWithdrawn) -> None:
    """Boxes that spoilt or are held are not for sale."""
    await stock.withdraw(tx, fact.org_id, fact.pack_id, fact.boxes, fact.ref)


async def on_boxes_restored(tx: Tx, fact: BoxesRestored) -> None:
    """Boxes that are released are for sale again."""
    await stock.restore(tx, fact.org_id, fact.pack_id, fact.boxes, fact.held, fact.ref)


async def on_product_changed(tx: Tx, fact: ProductChanged) -> None:
    """Offers say what their product says."""
    await stock.follow_product(tx, fact.product_id, fact.state == "on", fact.retired, clock.now())


async def on_seller_changed(tx: Tx, fact: OrgAdmitted | OrgApplied) -> None:
    """Offers name the seller as he is now; an admitted one's stock is on offer."""
    await stock.follow_seller(tx, fact.org_id, clock.now())


async def on_parcel_handed_over(tx: Tx, fact: ParcelHandedOver) -> None:
    """The order of a parcel is on its way."""
    await shipping.handed_over(tx, fact.ref, fact.carrier, fact.waybill)


async def on_parcel_delivered(tx: Tx, fact: ParcelDelivered) -> None:
    """The order of a parcel has arrived."""
    await shipping.arrived(tx, fact.ref)


async def on_parcel_troubled(tx: Tx, fact: ParcelTroubled) -> None:
    """The order of a parcel has a problem."""
    await shipping.troubled(tx, fact.ref, fact.what)


async def on_promises_moved(tx: Tx, fact: PromisesMoved) -> None:
    """Buyers are told of the new day."""
    await disruptions.tell(tx, fact)


async def on_order_packed(tx: Tx, fact: OrderPacked) -> None:
    """The slips of the boxes' growers are owed from now on; a disputed one is read again first."""
    owed = await owed_of_order(tx, fact.shop_id, fact.order_id)
    for slip_id in sorted({row.slip_id for row in owed}):
        with suppress(WrongState):
            await supply.step(tx, None, fact.shop_id, slip_id, "owe")


Told = OrderShipped | OrderDelivered | OrderRefunded | OrderExpired | LateMoneyReturned


async def tell_buyer(tx: Tx, fact: Told) -> None:
    """The buyer finds in his inbox what happened to his order; once a fact."""
    if fact.buyer_id is None:
        return
    members: dict[str, object] = {
        "shop_id": str(fact.shop_id),
        "order_id": str(fact.order_id),
        "number": fact.number,
    }
    occasion = f"{fact.kind()}:{fact.order_id}"
    if isinstance(fact, OrderShipped):
        members |= {"carrier": fact.carrier, "waybill": fact.waybill}
    elif isinstance(fact, OrderRefunded):
        members["amount_fen"] = fact.refunded_fen
        occasion += f":{fact.refund_id}"
    elif isinstance(fact, LateMoneyReturned):
        members["amount_fen"] = fact.amount_fen
    kind = fact.kind().removeprefix("trade.")
    await notify(tx, fact.buyer_id, kind, members, dedupe=occasion)
