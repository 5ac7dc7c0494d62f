"""The bus port: ephemeral delivery between processes. At most once; what must not be lost is asked
for by `request` and counts only when answered.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

PAYLOAD_BYTES_MAX = 1_000_000

Handler = Callable[[str, bytes], Awaitable[bytes | None]]


class NoAnswer(Exception):
    """Nobody listens on the subject, or nobody answered in time."""


class Subscription(Protocol):
    """A running subscription."""

    async def close(self) -> None:
        """Ends it; messages under way may still be handled."""
        ...


class Bus(Protocol):
    """Subjects are dotted words; a subscription may use `*` for one word and `>` for the rest."""

    async def publish(self, subject: str, payload: bytes) -> None:
        """Sends to whoever listens now. Raises ValueError over PAYLOAD_BYTES_MAX."""
        ...

    async def request(self, subject: str, payload: bytes, timeout_s: float = 2.0) -> bytes:
        """One answer. Raises NoAnswer."""
        ...

    async def subscribe(self, subject: str, handler: Handler, group: str = "") -> Subscription:
        """Calls `handler(subject, payload)`; its bytes answer a request, None answers nothing.

        Of the members of a `group` one gets each message.
        """
        ...

    def on_reconnect(self, call: Callable[[], Awaitable[None]]) -> None:
        """`call` runs after every lost and regained connection."""
        ...

    async def close(self) -> None:
        """Sends what is pending and leaves."""
        ...
