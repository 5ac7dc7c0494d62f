"""From lots forward to order lines, from boxes and orders back to plots: two walks, one join."""

from collections.abc import Sequence
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.supply import face as supply
from tiantou.trade import face as trade
from tiantou.trust.views import Backward, Forward

LINES_MAX = 50_000


async def forward(tx: Tx, lots: Sequence[UUID], limit: int = LINES_MAX) -> Forward:
    """Every lot that was made of these, and the order lines that their boxes went to."""
    below = await supply.descendants(tx, lots)
    lines = await trade.lines_of_lots(tx, below, limit + 1)
    return Forward(lots=below, lines=lines[:limit], cut=len(lines) > limit)


async def backward(tx: Tx, lots: Sequence[UUID]) -> Backward:
    """The roots of packed lots: households and plots, as far as they are known."""
    return Backward(lots=sorted(set(lots)), roots=await supply.root_lots(tx, lots))


async def of_order(tx: Tx, shop_id: UUID, order_id: UUID) -> Backward:
    """Where an order's boxes come from; nothing before it is packed. Raises NotFound."""
    picks = await trade.lots_of_order(tx, shop_id, order_id)
    if picks is None:
        raise NotFound()
    return await backward(tx, sorted({pick.lot_id for pick in picks}))


async def passport(tx: Tx, code: str) -> supply.Story | None:
    """What a box's passport says of supply, by the code on its label; None if there is none."""
    return await supply.story_of(tx, code.strip().upper())


async def of_box(tx: Tx, org_id: UUID, code: str) -> Backward:
    """Where a box comes from, by the code on its label in any case. Raises NotFound."""
    box = await supply.box(tx, code.strip().upper())
    if box is None or box.org_id != org_id:
        raise NotFound()
    return await backward(tx, [box.lot_id])
