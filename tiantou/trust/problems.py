"""What trust refuses, by name."""

from tiantou.core.problems import Problem


class RecallTooWide(Problem):
    """The recall would reach more than one can work off. Members: `lots`, `lines`, `max_lines`."""

    status, title = 409, "The recall reaches too far"


class NoticesLeft(Problem):
    """Buyers are still to be told. Members: `queued`."""

    status, title = 409, "Not everybody has been told yet"


class TraceTooWide(Problem):
    """A lot's trace has more lots or events than one document takes. Members: `lots`, `limit`."""

    status, title = 409, "The trace is too wide for one document"
