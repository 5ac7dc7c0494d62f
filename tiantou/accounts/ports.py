"""What accounts asks of engines."""

from typing import Any, Protocol


class SmsFailed(Exception):
    """The message could not be handed over; it may be tried again."""


class Sms(Protocol):
    """Short messages to mainland mobile numbers."""

    async def send(self, phone: str, template: str, members: dict[str, Any], ref: str) -> None:
        """Hands a message over: `phone` 11 digits, `template` a word such as `sign-in-code`.

        `ref` names the message: one sent again under the same ref reaches the phone once.
        Raises SmsFailed.
        """
        ...
