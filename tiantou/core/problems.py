"""Errors a caller can act on, rendered as RFC 9457 problem details.

The `type` of a problem is `/problems/<kind>`, which is also its documentation page
(`docs/reference/problems/<kind>.md`). The server sends type and members; the client words them.
"""

import re
from typing import Any, ClassVar

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Problem(Exception):
    """A subclass is one kind of problem; its keyword arguments become members of the body."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Bad request"

    def __init__(self, **members: Any) -> None:
        super().__init__(self.title)
        self.members = members

    @classmethod
    def kind(cls) -> str:
        """`SoldOut` -> `sold-out`, `NotAPicture` -> `not-a-picture`."""
        return _HUMP.sub("-", cls.__name__).lower()

    def body(self) -> dict[str, Any]:
        """The problem document."""
        return {
            "type": f"/problems/{self.kind()}",
            "title": self.title,
            "status": self.status,
            **self.members,
        }

    def headers(self) -> dict[str, str]:
        """`Retry-After` where the problem says when to come back."""
        wait = self.members.get("retry_after_s")
        return {} if wait is None else {"Retry-After": str(max(1, int(wait)))}


class InvalidFields(Problem):
    """Members: `fields`, a list of {name, code, limit?}; `name` is a dotted path of the body."""

    status, title = 422, "Some fields cannot be accepted"

    @classmethod
    def one(cls, name: str, code: str, **more: Any) -> "InvalidFields":
        """A problem of one field."""
        return cls(fields=[{"name": name, "code": code, **more}])


class NotFound(Problem):
    """Nothing here, or nothing of yours."""

    status, title = 404, "Not found"


class SignInRequired(Problem):
    """Nobody is signed in, or the sign-in has ended."""

    status, title = 401, "Sign in first"


class NotAllowed(Problem):
    """Your role does not allow it. Members: `needs`, the roles that may."""

    status, title = 403, "Your role does not allow this"


class ForeignOrigin(Problem):
    """The request came from another site, or names another host."""

    status, title = 403, "This request came from another site"


class WrongStep(Problem):
    """The thing's state does not take this act. Members: `machine`, `state`, `event`."""

    status, title = 409, "This is not possible in the present state"


class AlreadyThere(Problem):
    """Such a thing exists. Members: `field`."""

    status, title = 409, "This already exists"


class KeyReused(Problem):
    """An Idempotency-Key was used for another request."""

    status, title = 422, "This Idempotency-Key belongs to another request"


class TooManyRequests(Problem):
    """A limit was reached. Members: `limit`, `retry_after_s`."""

    status, title = 429, "Too many requests"


class TooLarge(Problem):
    """The body is larger than allowed. Members: `limit_bytes`."""

    status, title = 413, "The body is too large"


class Busy(Problem):
    """Try again shortly with the same key. Members: `retry_after_s`."""

    status, title = 503, "Busy: try again with the same key"


class Unexpected(Problem):
    """Our fault. Members: `trace_id`, under which the log has the reason."""

    status, title = 500, "Something went wrong on our side"
