"""What can go wrong in accounts that a caller can act on."""

from tiantou.core.problems import Problem


class WrongCode(Problem):
    """The code is not the one that was sent. Members: `tries_left`."""

    status, title = 403, "This is not the code that was sent"


class CodeExpired(Problem):
    """No code is waiting: too old, used, tried too often, or never sent. Ask for a new one."""

    status, title = 410, "This code is no longer good"


class SmsNotSent(Problem):
    """The message could not be handed over. Members: `retry_after_s`."""

    status, title = 503, "The message could not be sent"


class LinkSpent(Problem):
    """The sign-in link was used, is too old, or never was."""

    status, title = 410, "This link is no longer good"


class LastOwner(Problem):
    """An organization keeps at least one owner."""

    status, title = 409, "The last owner stays"


class TooMany(Problem):
    """So many of these one may have. Members: `limit`."""

    status, title = 409, "There are as many as there may be"
