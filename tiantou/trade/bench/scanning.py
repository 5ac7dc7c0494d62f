"""A scan: a box goes into an order; with the last one the order is packed."""

import contextlib
from collections import Counter
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import AlreadyThere, NotFound
from tiantou.kit import clock
from tiantou.kit.machine import WrongState
from tiantou.logistics import face as logistics
from tiantou.supply import face as supply
from tiantou.trade import picks, refunds, shipping, steps
from tiantou.trade import scans_sql as sql
from tiantou.trade.admission import OURS
from tiantou.trade.bench.short_weight import owed_fen
from tiantou.trade.events import OrderPacked
from tiantou.trade.scans import Scan, ScanView, Verdict
from tiantou.trade.views import LineView, OrderView

SHORT_WEIGHT = "short_weight"


class _Refused(Exception):
    """A scan comes to nothing."""

    def __init__(self, verdict: Verdict, other: str | None = None) -> None:
        super().__init__(verdict)
        self.verdict, self.other = verdict, other


async def scan(tx: Tx, shop_id: UUID, packer_id: UUID, one: Scan) -> ScanView:
    """What came of the scan; sent again, it is what came of it the first time."""
    if not await sql.begin(tx, shop_id, packer_id, one, clock.now()):
        return await _seen(tx, shop_id, one.id)
    order_id = await sql.order_of(tx, shop_id, one.order)
    if order_id is not None:
        order = await steps.held(tx, shop_id, order_id)
        try:
            # what is refused at the last step leaves nothing of the steps before it
            async with tx.begin_nested():
                await _put_in(tx, order, packer_id, one)
        except _Refused as refused:
            about = {"order_id": order_id, "other": refused.other}
            await sql.end(tx, shop_id, one.id, refused.verdict, **about)
    return await _seen(tx, shop_id, one.id)


async def undo(tx: Tx, shop_id: UUID, scan_id: UUID) -> ScanView:
    """The box is out of its order again, while that is being packed.

    Raises NotFound, WrongState (the order is packed, or money went back for the box).
    """
    before = await _seen(tx, shop_id, scan_id)
    if before.order_id is None:
        raise NotFound()
    order = await steps.held(tx, shop_id, before.order_id)
    now = await _seen(tx, shop_id, scan_id)
    if now.verdict is Verdict.UNDONE:
        return now
    if now.verdict is not Verdict.IN or order.state != "packing" or now.short_fen:
        raise WrongState("order", order.state, "undo_scan")
    if now.box_code:
        await supply.free_box(tx, shop_id, now.box_code)
    await sql.end(tx, shop_id, scan_id, Verdict.UNDONE)
    return await _seen(tx, shop_id, scan_id)


async def settle(tx: Tx, shop_id: UUID, scan_id: UUID, by: UUID) -> None:
    """A person has dealt with a scan that was refused. Raises NotFound."""
    if not await sql.settle(tx, shop_id, scan_id, by, clock.now()):
        raise NotFound()


async def _seen(tx: Tx, shop_id: UUID, scan_id: UUID) -> ScanView:
    found = await sql.scan(tx, shop_id, scan_id)
    if found is None:
        raise NotFound()
    return found


async def _put_in(tx: Tx, order: OrderView, packer_id: UUID, one: Scan) -> None:
    order = await _begun(tx, order, packer_id)
    lot, code = await _found(tx, order, one.box)
    inside = await sql.scanned_in(tx, order.shop_id, order.order_id)
    line = _line(order, lot, Counter(line_no for line_no, _, _ in inside))
    if code is not None:
        await supply.bind_boxes(tx, order.shop_id, [code], picks.line_ref(order, line))
    short_fen = await _refunded(tx, order, line, packer_id, one)
    await sql.end(
        tx,
        order.shop_id,
        one.id,
        Verdict.IN,
        order_id=order.order_id,
        line_no=line.line_no,
        box_code=code,
        lot_id=lot.id,
        short_fen=short_fen or None,
        earlier_lot=await _earlier(tx, order, lot),
    )
    if len(inside) + 1 == sum(each.units for each in order.lines):
        await _packed(tx, order, packer_id)


async def _begun(tx: Tx, order: OrderView, packer_id: UUID) -> OrderView:
    ref = shipping.ref_of(order.shop_id, order.order_id)
    if (why := await logistics.stopped_why(tx, order.shop_id, ref)) is not None:
        raise _Refused(Verdict.ORDER_STOPPED, why)
    if order.state == "pending_payment":
        raise _Refused(Verdict.NOT_PAID)
    if order.state == "paid":
        return await steps.go(tx, order, "start_packing", "seller", packer_id)
    if order.state == "packed":
        raise _Refused(Verdict.ORDER_FULL)
    if order.state != "packing":
        raise _Refused(Verdict.ORDER_OVER)
    return order


async def _found(tx: Tx, order: OrderView, said: str) -> tuple[supply.LotView, str | None]:
    """The lot of what was scanned, and the box's code if it is a box's."""
    held = await supply.lock_boxes(tx, order.shop_id, [said])
    if held:
        [box] = held
        if box.ref is not None:
            raise _Refused(Verdict.BOX_TAKEN, await _holder(tx, order.shop_id, box.ref))
        lot = (await supply.lots(tx, [box.lot_id]))[box.lot_id]
    else:
        found = await supply.packed_lot(tx, order.shop_id, said)
        if found is None:
            raise _Refused(Verdict.UNKNOWN_BOX)
        lot = found
    if lot.state != "open":
        raise _Refused(Verdict.LOT_NOT_OPEN, lot.code)
    if lot.best_before <= clock.now():
        raise _Refused(Verdict.LOT_EXPIRED, lot.code)
    return lot, held[0].code if held else None


async def _holder(tx: Tx, shop_id: UUID, ref: str) -> str:
    """The number of the order that has a box, as far as it is one of this shop."""
    parts = ref.removeprefix("order:").split("/")
    if len(parts) != 3 or parts[0] != str(shop_id):
        return ref
    found = await sql.numbers_of(tx, shop_id, [UUID(parts[1])])
    return found.get(UUID(parts[1]), ref)


def _line(order: OrderView, lot: supply.LotView, inside: Counter[int]) -> LineView:
    """The line that the box is for."""
    fit = [line for line in order.lines if line.pack_id == lot.pack_id]
    if not fit:
        raise _Refused(Verdict.OTHER_GOODS, lot.code)
    free = [line for line in fit if inside[line.line_no] < line.units]
    if not free:
        raise _Refused(Verdict.ORDER_FULL)
    return min(free, key=lambda line: line.line_no)


async def _earlier(tx: Tx, order: OrderView, lot: supply.LotView) -> str | None:
    """The lot of the same pack that should have gone first, if one has boxes left."""
    first = await supply.first_to_expire(tx, order.shop_id, lot.pack_id) if lot.pack_id else None
    return first.code if first and first.best_before < lot.best_before else None


async def _refunded(tx: Tx, order: OrderView, line: LineView, packer_id: UUID, one: Scan) -> int:
    """What goes back at once for weight that is missing; elsewhere it is only written down."""
    if one.net_g is None:
        return 0
    owed = owed_fen(line.price_fen, line.net_g, one.net_g)
    if order.channel != OURS:
        return owed
    owed = min(owed, refunds.left_of(order))
    if owed:
        key = f"short:{one.id}"
        await refunds.ask(tx, order, owed, SHORT_WEIGHT, key, "seller", packer_id)
    return owed


async def _packed(tx: Tx, order: OrderView, packer_id: UUID) -> None:
    packed = await steps.go(tx, order, "pack_scan", "seller", packer_id)
    lines = {line.line_no: line for line in order.lines}
    inside = await sql.scanned_in(tx, order.shop_id, order.order_id)
    boxes = Counter((line_no, lot_id) for line_no, lot_id, _ in inside)
    try:
        await picks.take_counted(
            tx, order, [(lines[line], lot, n) for (line, lot), n in sorted(boxes.items())]
        )
    except supply.LotShort as short:
        raise _Refused(Verdict.LOT_SHORT) from short
    except supply.LotNotOpen as shut:
        raise _Refused(Verdict.LOT_NOT_OPEN) from shut
    await announce(tx, OrderPacked(**steps.fact_of(packed)))
    label = await sql.waybill_of(tx, order.shop_id, order.order_id)
    if label is not None:
        # a waybill that another parcel bears is told when it leaves: packed it is all the same
        with contextlib.suppress(AlreadyThere):
            await shipping.make_ready(tx, order.shop_id, order.order_id, *label)
