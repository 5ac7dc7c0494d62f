"""At most one connection for a ticket: spent ones are remembered until they would be expired."""

from collections import deque

from tiantou.core.join_ticket import TTL_S_MAX, Ticket, read
from tiantou.core.keys import BadToken, Keys

REMEMBER_S = TTL_S_MAX + 5


class TooManyTickets(Exception):
    """More tickets were spent lately than can be remembered."""


class Tickets:
    """Opens tickets for one process. `now` is monotonic seconds, `began_ms` Unix time."""

    def __init__(self, keys: Keys, remembered_max: int, began_ms: int) -> None:
        self._keys, self._most = keys, remembered_max
        self._began_ms = began_ms
        self._spent: set[str] = set()
        self._queue: deque[tuple[float, str]] = deque()

    def open(self, token: str, topic: str, now: float) -> Ticket:
        """Spends a ticket.

        Raises BadToken (malformed, forged, expired, foreign, replayed) and TooManyTickets. One
        minted before this process began counts as replayed: its predecessor may have opened it.
        """
        ticket = read(self._keys, token)
        if ticket.topic != topic:
            raise BadToken("foreign")
        while self._queue and self._queue[0][0] <= now:
            self._spent.discard(self._queue.popleft()[1])
        if ticket.minted_ms < self._began_ms or ticket.nonce in self._spent:
            raise BadToken("replayed")
        if len(self._spent) >= self._most:
            raise TooManyTickets()
        self._spent.add(ticket.nonce)
        self._queue.append((now + REMEMBER_S, ticket.nonce))
        return ticket
