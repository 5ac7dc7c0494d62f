"""What a room refuses."""

from tiantou.core.problems import Problem


class GateClosed(Problem):
    """The session may not go live yet. Members: `checks`, those that failed, each with `why`."""

    status, title = 409, "The session may not go live yet"


class Muted(Problem):
    """You may read but not write here. Members: `until`."""

    status, title = 403, "You are muted in this room"


class Banned(Problem):
    """You may not enter this room."""

    status, title = 403, "You are banned from this room"


class SlowMode(Problem):
    """One line at a time. Members: `retry_after_s`."""

    status, title = 429, "Not so fast"


class NotOnAir(Problem):
    """The room takes no words now: it is not on air."""

    status, title = 409, "The room is not on air"


class NoLotOnCamera(Problem):
    """A test is of the lot on camera, and none is there."""

    status, title = 409, "No lot is on camera"


class NotYourGoods(Problem):
    """Another seller's goods: only its own people change price or stock. Members: `seller_id`."""

    status, title = 403, "Only its seller may do this"


class ItemUnavailable(Problem):
    """The product cannot be pinned or sold now. Members: `why`."""

    status, title = 409, "This product cannot be shown now"
