"""The chain of some counties, drawn from a seed: the same seed makes the same graph.

A county is a shop of 20 farms. Each farm's harvest lot is graded into three; each packed lot mixes
two graded lots of one grade, and each graded lot is in two packed lots. An order line is one box;
two of a hundred are two boxes of two lots. Orders are spread evenly over the packed lots.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

FARMS, GRADES, PACKS_OF_GRADED = 20, 3, 2
NET_G = 2_500
TWO_LOTS_OF_100 = 2
SCANS = 600


@dataclass
class Graph:
    """The lots of all shops, by place: shop number, parents with grams, grams in."""

    shop_of: list[int] = field(default_factory=list)
    kind_of: list[str] = field(default_factory=list)
    parents: list[list[tuple[int, int]]] = field(default_factory=list)
    boxes: dict[int, int] = field(default_factory=dict)

    def add(self, shop: int, kind: str, parents: list[tuple[int, int]]) -> int:
        """A lot; its number."""
        self.shop_of.append(shop)
        self.kind_of.append(kind)
        self.parents.append(parents)
        return len(self.shop_of) - 1

    def grams(self, lot: int) -> int:
        """What went into a lot; into a harvest lot, what three grades take."""
        whole = sum(grams for _, grams in self.parents[lot])
        return whole or GRADES * sum(grams for _, grams in self.parents[lot + FARMS])


def draw_graph(lines: int, dice: random.Random) -> Graph:
    """The lots, so many that each packed lot holds about 180 boxes."""
    graph = Graph()
    shops = max(1, lines // 10_000)
    per_lot = lines * 110 // 100 // (shops * FARMS * GRADES) + SCANS // shops + 2
    for shop in range(shops):
        harvest = [graph.add(shop, "harvest", []) for _ in range(FARMS)]
        half = per_lot * NET_G // 2
        for _ in range(GRADES):
            graded = [graph.add(shop, "graded", [(lot, PACKS_OF_GRADED * half)]) for lot in harvest]
            dice.shuffle(graded)
            for at, lot in enumerate(graded):
                mate = graded[(at + 1) % FARMS]
                packed = graph.add(shop, "packed", [(lot, half), (mate, half)])
                graph.boxes[packed] = 2 * half // NET_G
    return graph


@dataclass
class Sold:
    """One order: its shop, its number, which lots its boxes are of, its state."""

    number: int
    shop: int
    lots: list[int]
    state: str


def draw_orders(graph: Graph, lines: int, dice: random.Random) -> Iterator[Sold]:
    """The orders, and SCANS more that wait to be packed (no lot yet)."""
    packed = list(graph.boxes)
    left = dict(graph.boxes)
    states = ["completed"] * 80 + ["delivered"] * 8 + ["shipped"] * 10 + ["packed"] * 2
    for number in range(lines):
        lot = packed[number % len(packed)]
        lots = [lot]
        if dice.randrange(100) < TWO_LOTS_OF_100:
            lots.append(lot + 1 if lot + 1 in left and left[lot + 1] > 1 else lot - 1)
            lots = [one for one in lots if one in left]
        for one in lots:
            left[one] -= 1
        yield Sold(number, graph.shop_of[lot], lots, dice.choice(states))
    shops = max(graph.shop_of) + 1
    for number in range(lines, lines + SCANS):
        yield Sold(number, number % shops, [], "packing")
