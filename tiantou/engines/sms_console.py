"""SMS on the terminal, for demo mode only: what would be sent is shown to who started the thing.

It writes to the stream that it is given and never to the log, so that codes stay out of files.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

REMEMBERED_MAX = 10_000


class ConsoleSms:
    """An adapter of `accounts.ports.Sms`; `write` takes a line of text, as `sys.stdout.write`."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._sent: OrderedDict[str, None] = OrderedDict()

    async def send(self, phone: str, template: str, members: dict[str, Any], ref: str) -> None:
        """Writes one line; a ref that was written before is written no more."""
        if ref in self._sent:
            return
        self._sent[ref] = None
        while len(self._sent) > REMEMBERED_MAX:
            self._sent.popitem(last=False)
        said = "  ".join(f"{name}={value}" for name, value in members.items())
        self._write(f"[SMS to {phone}] {template}  {said}\n")
