"""How much of its life produce uses up at the temperatures that were measured."""

from collections.abc import Sequence
from itertools import pairwise

from tiantou.logistics.views import Reading


def life_used_hours(readings: Sequence[Reading], q10: float, ref_c: float) -> float:
    """The hours of life at `ref_c` degrees that the time between the readings took.

    The Q10 rule: ten degrees more make decay `q10` times as fast (two to three for most produce).
    Between two readings the mean of both holds. Readings may come in any order; none or one say
    nothing: 0. Raises ValueError for a q10 below 1.
    """
    if q10 < 1:
        raise ValueError("q10 is at least 1")
    used = 0.0
    for one, after in pairwise(sorted(readings, key=lambda each: each.at)):
        mean_c = (one.tenths + after.tenths) / 20
        used += (after.at - one.at).total_seconds() / 3600 * q10 ** ((mean_c - ref_c) / 10)
    return used
