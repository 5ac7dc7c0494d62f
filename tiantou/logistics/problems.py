"""What may go wrong on the way."""

from tiantou.core.problems import Problem


class NotServed(Problem):
    """The seller does not send there. Members: `division`, the code asked for."""

    status, title = 409, "The seller does not send to this place"
