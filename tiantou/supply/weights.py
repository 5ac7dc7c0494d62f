"""What a box may weigh less than its label says, and how much a run may lose.

Tolerable shortage: JJF 1070, which takes over the table of OIML R 87: a share or a number of grams
by the nominal net weight; no box may fall short by more, and the mean of all by nothing.
"""

from collections.abc import Sequence

from tiantou.supply.problems import ShortWeight

# Grading and packing lose water, leaves and dust; more than so much is a mistake of the scale.
GRADE_TOLERANCE_PERMILLE = 20
# Packing also gives weight in excess, box by box.
PACK_TOLERANCE_PERMILLE = 50

# Up to this many grams: so many thousandths of the net weight, or so many grams.
_SHORT = (
    (50, 90, 0),
    (100, 0, 4),
    (200, 45, 0),
    (300, 0, 9),
    (500, 30, 0),
    (1_000, 0, 15),
    (10_000, 15, 0),
    (15_000, 0, 150),
)
_SHORT_ABOVE_PERMILLE = 10


def shortage_g(net_g: int) -> int:
    """The grams, whole, that one box of `net_g` may fall short."""
    for upto, permille, grams in _SHORT:
        if net_g <= upto:
            return net_g * permille // 1000 + grams
    return net_g * _SHORT_ABOVE_PERMILLE // 1000


def check(net_g: int, weights: Sequence[int]) -> None:
    """Every box and their mean weigh enough. Raises ShortWeight."""
    least = net_g - shortage_g(net_g)
    for no, grams in enumerate(weights, start=1):
        if grams < least:
            raise ShortWeight(box=no, net_g=grams, least_g=least)
    if sum(weights) < net_g * len(weights):
        raise ShortWeight(box=0, net_g=sum(weights) // len(weights), least_g=net_g)
