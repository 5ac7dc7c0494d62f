"""How much a box may weigh less than it says: the table of JJF 1070 (as OIML R 87 has it)."""

from typing import NamedTuple

PERMILLE = 1000


class _Step(NamedTuple):
    """Up to so many grams: a share of the net weight, or grams."""

    up_to_g: int
    permille: int
    grams: int


_STEPS = (
    _Step(50, 90, 0),
    _Step(100, 0, 4),
    _Step(200, 45, 0),
    _Step(300, 0, 9),
    _Step(500, 30, 0),
    _Step(1_000, 0, 15),
    _Step(10_000, 15, 0),
    _Step(15_000, 0, 150),
)
_BEYOND = _Step(0, 10, 0)


def tolerated_g(net_g: int) -> int:
    """The grams that may be missing of a stated net weight, rounded down."""
    step = next((one for one in _STEPS if net_g <= one.up_to_g), _BEYOND)
    return step.grams or net_g * step.permille // PERMILLE


def owed_fen(price_fen: int, net_g: int, weighed_g: int) -> int:
    """What a buyer gets back of a box's price: the missing share, once more is missing than is
    tolerated; rounded up, in his favour. 0 if nothing is owed.
    """
    missing = net_g - weighed_g
    if missing <= tolerated_g(net_g):
        return 0
    return -(-price_fen * missing // net_g)
