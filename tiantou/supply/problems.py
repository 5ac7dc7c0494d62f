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


class MassDiffers(Problem):
    """What came out of a run does not fit what went in.

    Members: `in_g`, `out_g`, `missing_g` (negative: more came out), `allowed_g`.
    """

    status, title = 409, "What came out does not fit what went in"


class GradeNotMet(Problem):
    """Too many pieces of a sample pass the limits of their grade.

    Members: `grade`, `pieces`, `outside`, `allowed`.
    """

    status, title = 409, "The sample does not meet the grade"


class ShortWeight(Problem):
    """A box, or the mean of all, is lighter than its label may say.

    Members: `box` (0: the mean), `net_g`, `least_g`.
    """

    status, title = 409, "A box is lighter than its label says"


class RootNotCovered(Problem):
    """The pack bears a claim that does not cover every root. Members: `claim`, `lots` (codes)."""

    status, title = 409, "The claim does not cover every root"


class CertificateNotInForce(Problem):
    """The certificate is not verified, or today is outside its term.

    Members: `state`, `valid_from`, `valid_until`.
    """

    status, title = 409, "The certificate is not in force"


class BoxTaken(Problem):
    """The box was scanned for somebody else already. Members: `code`."""

    status, title = 409, "This box is taken already"


class Withholding(Problem):
    """The harvest falls into the withholding period of something that was used.

    Members: `product`, `used_on`, `withhold_days`, `ends_on` (the first day that may be harvested),
    `harvested_on`, `plot`.
    """

    status, title = 409, "Harvested within a withholding period"


class WeighedTwice(Problem):
    """The same household, variety and weight came over a scale minutes ago: perhaps it is the same.

    Members: `slip_id`, `code`, `grams`, `weighed_at` of the slip that is there.
    """

    status, title = 409, "Perhaps weighed in already"


class AboveCeiling(Problem):
    """More is expected of a plot than it can bear. Members: `expected_g`, `bears_g`."""

    status, title = 409, "More than the plot can bear"


class StopsLeft(Problem):
    """The collection run still has stops to call at or to skip. Members: `stops`."""

    status, title = 409, "Some stops are still waiting"
