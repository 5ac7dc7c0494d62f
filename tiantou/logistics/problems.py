"""What may go wrong on the way."""

from tiantou.core.problems import Problem


class NotServed(Problem):
    """The seller does not send there. Members: `division`, the code asked for."""

    status, title = 409, "The seller does not send to this place"


class Disrupted(Problem):
    """For now nothing is picked up or delivered there: a road is closed, a storm, a strike.

    Members: `what` (pick_up, delivery), `division` (a prefix), `place`, `until`, `reason`.
    """

    status, title = 409, "Nothing goes there for now"


class WouldRot(Problem):
    """The way takes longer than the variety bears. Members: `division`, `hours`, `max_hours`."""

    status, title = 409, "The goods would spoil on the way"


class ParcelStopped(Problem):
    """A recall's boxes are in it, so it must not leave. Members: `why`, the recall's code."""

    status, title = 409, "The parcel was stopped and must not leave"
