"""Boxes taken out of packed lots for a reference of whoever sells them, and given back."""

from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.kit import clock
from tiantou.supply import moves_sql
from tiantou.supply.problems import LotNotOpen, LotShort
from tiantou.supply.views import LotView, Picked


async def pick(tx: Tx, org_id: UUID, packed_lot_id: UUID, boxes: int, ref: str) -> Picked:
    """Takes boxes of one packed lot. Raises NotFound, LotNotOpen, LotShort(grams_left, boxes_left).

    `ref` is the caller's own (an order line); the caller sees to it that he picks once.
    """
    lot = (await moves_sql.lock_lots(tx, org_id, [packed_lot_id])).get(packed_lot_id)
    if lot is None or lot.net_g is None:
        raise NotFound()
    if lot.state != "open":
        raise LotNotOpen(state=lot.state)
    if lot.grams_left < boxes * lot.net_g:
        raise LotShort(grams_left=lot.grams_left, boxes_left=lot.grams_left // lot.net_g)
    return await _take(tx, lot, lot.net_g, boxes, ref)


async def pick_first_expired(
    tx: Tx, org_id: UUID, pack_id: UUID, boxes: int, ref: str
) -> list[Picked]:
    """Takes boxes of a pack, those that expire first first; all or nothing.

    What has expired is never taken. Raises LotShort(grams_left, boxes_left), of what is still good.
    """
    now = clock.now()
    packed = await moves_sql.lock_packed(tx, org_id, pack_id)
    lots = [lot for lot in packed if lot.best_before > now]
    plan: list[tuple[LotView, int, int]] = []
    wanted = boxes
    for lot in lots:
        net_g = lot.net_g or 1
        taken = min(wanted, lot.grams_left // net_g)
        if taken:
            plan.append((lot, net_g, taken))
            wanted -= taken
    if wanted:
        left = sum(lot.grams_left for lot in lots)
        raise LotShort(grams_left=left, boxes_left=boxes - wanted)
    return [await _take(tx, lot, net_g, taken, ref) for lot, net_g, taken in plan]


async def unpick(tx: Tx, org_id: UUID, packed_lot_id: UUID, boxes: int, ref: str) -> Picked:
    """Gives boxes back that the same reference took. Raises NotFound.

    Raises ValueError if the reference did not take so many of the lot.
    """
    lot = (await moves_sql.lock_lots(tx, org_id, [packed_lot_id])).get(packed_lot_id)
    if lot is None or lot.net_g is None:
        raise NotFound()
    grams = boxes * lot.net_g
    if not 0 < grams <= await moves_sql.moved_for(tx, lot.id, ref):
        raise ValueError(f"{ref} did not take {boxes} boxes of lot {lot.code}")
    await moves_sql.move(tx, org_id, lot.id, grams, "return", ref, None, clock.now())
    return Picked(lot_id=lot.id, lot_code=lot.code, boxes=boxes, grams=grams)


async def _take(tx: Tx, lot: LotView, net_g: int, boxes: int, ref: str) -> Picked:
    if boxes < 1:
        raise ValueError("at least one box is taken")
    grams = boxes * net_g
    await moves_sql.move(tx, lot.org_id, lot.id, -grams, "pick", ref, None, clock.now())
    return Picked(lot_id=lot.id, lot_code=lot.code, boxes=boxes, grams=grams)
