"""Lots are bound at packing: first expired first, or as scanned; growers are owed from then on."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from tiantou.core.db import Tx
from tiantou.kit import clock
from tiantou.kit.money import value_of
from tiantou.supply import face as supply
from tiantou.trade import orders_sql as sql
from tiantou.trade.money import ledger
from tiantou.trade.money.ledger import Share
from tiantou.trade.problems import WrongPicks
from tiantou.trade.steps import key_of
from tiantou.trade.views import LineView, OrderView


class Scanned(Struct, frozen=True, kw_only=True):
    """Boxes of a packed lot that a packer scanned."""

    lot_id: UUID
    boxes: int


def line_ref(order: OrderView, line: LineView) -> str:
    """The reference under which supply knows an order line."""
    return f"order:{key_of(order.shop_id, order.order_id)}/{line.line_no}"


async def take(tx: Tx, order: OrderView, scanned: Sequence[Scanned] | None) -> None:
    """Binds boxes to every line and owes their growers the slip price of their grams.

    With `scanned` None those that expire first are taken. Raises WrongPicks and what supply
    raises (LotShort, LotNotOpen, NotFound).
    """
    if scanned is not None and len(order.lines) != 1:
        raise WrongPicks(boxes_needed=sum(line.units for line in order.lines))
    await _write(
        tx, order, [(line, await _picked(tx, order, line, scanned)) for line in order.lines]
    )


async def take_boxes(tx: Tx, order: OrderView, codes: Sequence[str]) -> None:
    """Binds the very boxes whose labels were scanned, so that each label knows its order.

    Raises WrongPicks and what supply raises (BoxTaken, LotShort, LotNotOpen, NotFound).
    """
    left = await supply.scanned_boxes(tx, order.shop_id, codes)
    lots = await supply.lots(tx, list({box.lot_id for box in left}))
    taken: list[tuple[LineView, list[supply.Picked]]] = []
    for line in sorted(order.lines, key=lambda one: one.line_no):
        fit = [box for box in left if lots[box.lot_id].pack_id == line.pack_id][: line.units]
        if len(fit) < line.units:
            raise WrongPicks(boxes_needed=sum(one.units for one in order.lines))
        mine = {box.code for box in fit}
        left = [box for box in left if box.code not in mine]
        by_lot = Counter(box.lot_id for box in fit)
        ref = line_ref(order, line)
        picked = [
            await supply.pick(tx, order.shop_id, lot_id, count, ref)
            for lot_id, count in sorted(by_lot.items())
        ]
        await supply.bind_boxes(tx, order.shop_id, sorted(mine), ref)
        taken.append((line, picked))
    if left:
        raise WrongPicks(boxes_needed=sum(one.units for one in order.lines))
    await _write(tx, order, taken)


async def take_counted(
    tx: Tx, order: OrderView, boxes: Sequence[tuple[LineView, UUID, int]]
) -> None:
    """Binds so many boxes of each lot to each line, as they were scanned one by one.

    Raises what supply raises (LotShort, LotNotOpen, NotFound).
    """
    taken: dict[int, tuple[LineView, list[supply.Picked]]] = {}
    for line, lot_id, count in sorted(boxes, key=lambda one: (one[1], one[0].line_no)):
        picked = await supply.pick(tx, order.shop_id, lot_id, count, line_ref(order, line))
        taken.setdefault(line.line_no, (line, []))[1].append(picked)
    await _write(tx, order, [taken[line_no] for line_no in sorted(taken)])


async def _write(
    tx: Tx, order: OrderView, taken: Sequence[tuple[LineView, Sequence[supply.Picked]]]
) -> None:
    """The picks of each line, and what their growers are owed for."""
    shares: list[Share] = []
    for line, some in taken:
        for picked in some:
            await sql.add_pick(
                tx,
                order.shop_id,
                order.order_id,
                line.line_no,
                picked.lot_id,
                picked.lot_code,
                picked.boxes,
                clock.now(),
            )
            roots = await supply.roots(tx, picked.lot_id, picked.grams)
            shares.extend(_share(root) for root in roots)
    await ledger.owe(tx, order.shop_id, order.order_id, shares)


def _share(root: supply.RootShare) -> Share:
    return Share(
        household_id=root.household_id,
        slip_id=root.slip_id,
        grams=root.grams,
        price_fen_per_jin=root.price_fen_per_jin,
        amount_fen=value_of(root.grams, root.price_fen_per_jin),
    )


async def _picked(
    tx: Tx, order: OrderView, line: LineView, scanned: Sequence[Scanned] | None
) -> list[supply.Picked]:
    ref = line_ref(order, line)
    if scanned is None:
        return await supply.pick_first_expired(tx, order.shop_id, line.pack_id, line.units, ref)
    boxes: dict[UUID, int] = {}
    for one in scanned:
        boxes[one.lot_id] = boxes.get(one.lot_id, 0) + one.boxes
    if sum(boxes.values()) != line.units or min(boxes.values()) < 1:
        raise WrongPicks(boxes_needed=line.units)
    lots = await supply.lots(tx, list(boxes))
    if any(lot.pack_id != line.pack_id for lot in lots.values()):
        raise WrongPicks(boxes_needed=line.units)
    return [
        await supply.pick(tx, order.shop_id, lot_id, count, ref)
        for lot_id, count in sorted(boxes.items())
    ]


async def put_back(tx: Tx, order: OrderView) -> dict[int, int]:
    """The boxes of an order that will not be sent go back into their lots; nothing is owed.

    Says how many of each line went into lots that are not open: nobody may sell them.
    """
    lines = {line.line_no: line for line in order.lines}
    picks = await sql.picks(tx, order.shop_id, order.order_id)
    lots = await supply.lots(tx, [pick.lot_id for pick in picks])
    kept: dict[int, int] = {}
    for pick in sorted(picks, key=lambda one: one.lot_id):
        ref = line_ref(order, lines[pick.line_no])
        await supply.unpick(tx, order.shop_id, pick.lot_id, pick.boxes, ref)
        if lots[pick.lot_id].state != "open":
            kept[pick.line_no] = kept.get(pick.line_no, 0) + pick.boxes
    for line in order.lines:
        await supply.free_boxes(tx, order.shop_id, line_ref(order, line))
    if picks:
        await sql.drop_picks(tx, order.shop_id, order.order_id)
        await ledger.take_back(tx, order.shop_id, order.order_id)
    return kept
