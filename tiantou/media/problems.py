"""What callers of media may have to be told."""

from tiantou.core.problems import Problem


class KeptByLaw(Problem):
    """Members: `keep_until`."""

    status, title = 409, "The law keeps this recording for now"


class BroadcastOver(Problem):
    """No key is given out for, and nothing published to, a broadcast that has ended."""

    status, title = 409, "This broadcast has ended"


class BroadcastBlocked(Problem):
    """The broadcast is held by the platform."""

    status, title = 409, "This broadcast is stopped for now"
