"""What may go wrong between the scale and the box."""

from tiantou.core.problems import Problem


class LotShort(Problem):
    """The lot has less than was asked for. Members: `grams_left`, for packed lots `boxes_left`."""

    status, title = 409, "The lot has not enough left"


class GradeDiffers(Problem):
    """Lot and pack are of another variety or grade. Members: `lot`, `pack`: {variety_id, grade}."""

    status, title = 409, "The pack is of another grade or variety than the lot"


class LotNotOpen(Problem):
    """A held, recalled or closed lot gives nothing out. Members: `state`."""

    status, title = 409, "The lot is not open"


class LotInUse(Problem):
    """Something was already packed or picked of the lot. Members: `grams_used`."""

    status, title = 409, "Something was already taken from the lot"
