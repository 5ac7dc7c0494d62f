"""Whose harvest is in a lot, and how many grams of each: parts always sum to the whole."""

from collections import defaultdict
from fractions import Fraction
from math import lcm
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.kit.money import shares
from tiantou.supply import lots_sql
from tiantou.supply.views import Edge, RootShare


async def roots(tx: Tx, lot_id: UUID, grams: int | None = None) -> list[RootShare]:
    """The harvest lots in a lot with their shares of `grams` (default: all that went into it).

    Shares are by largest remainder, so they sum to `grams`. Raises NotFound.
    """
    lot = (await lots_sql.lots(tx, [lot_id])).get(lot_id)
    if lot is None:
        raise NotFound()
    total = lot.grams_in if grams is None else grams
    parts = root_parts(lot_id, await lots_sql.edges_up(tx, lot_id))
    order = sorted(parts)
    whole = lcm(*(parts[root].denominator for root in order))
    weights = [int(parts[root] * whole) for root in order]
    split = dict(zip(order, shares(total, weights), strict=True))
    return await lots_sql.root_rows(tx, {root: part for root, part in split.items() if part})


def root_parts(lot_id: UUID, edges: list[Edge]) -> dict[UUID, Fraction]:
    """The part that each lot without parents has in `lot_id`; the parts sum to one.

    Each lot is looked at once, after all its children: a part may come by many ways.
    """
    parents: dict[UUID, list[Edge]] = defaultdict(list)
    waiting: dict[UUID, int] = defaultdict(int)
    for edge in edges:
        parents[edge.child_id].append(edge)
        waiting[edge.parent_id] += 1
    parts: dict[UUID, Fraction] = defaultdict(Fraction, {lot_id: Fraction(1)})
    ready = [lot_id]
    while ready:
        lot = ready.pop()
        above = parents.get(lot)
        if not above:
            continue
        part, whole = parts.pop(lot), sum(edge.grams for edge in above)
        for edge in above:
            parts[edge.parent_id] += part * Fraction(edge.grams, whole)
            waiting[edge.parent_id] -= 1
            if not waiting[edge.parent_id]:
                ready.append(edge.parent_id)
    return dict(parts)
