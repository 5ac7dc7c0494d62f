"""The door: what is checked before a connection costs anything. The same for WebSocket and SSE.

Everything is refused here by a status before the upgrade; nothing of a request is ever logged, for
its query holds the ticket.
"""

import ipaddress
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from tiantou.core.join_ticket import Ticket
from tiantou.core.keys import BadToken
from tiantou.gateway.frames import PROTOCOL
from tiantou.gateway.hall import Hall
from tiantou.gateway.limits import Bucket, Limits
from tiantou.gateway.tickets import Tickets, TooManyTickets

PATH = re.compile(r"/rt/(v[0-9]{1,3})/([A-Za-z0-9_-]{1,64})(/sse)?")
PORT = re.compile(r":[0-9]{1,5}$")
TARGET_CHARS_MAX = 4_096
RETRY_AFTER_S = 2


@dataclass(frozen=True)
class Admitted:
    """A connection that may be made, as a stream or a WebSocket; `epoch` and `offset` are where
    the viewer left off.
    """

    topic: str
    ticket: Ticket
    epoch: str
    offset: int
    streams: bool


@dataclass(frozen=True)
class Refused:
    """A status and a word for it."""

    status: int
    reason: str

    @property
    def headers(self) -> dict[str, str]:
        """When to come again, or how."""
        if self.status == 426:
            return {"Upgrade": "websocket"}
        return {"Retry-After": str(RETRY_AFTER_S)} if self.status == 503 else {}


BUSY = Refused(503, "busy")


class Door:
    """Checks requests against lists, limits and tickets."""

    def __init__(
        self,
        hall: Hall,
        tickets: Tickets,
        limits: Limits,
        clock: Callable[[], float],
        *,
        hosts: Collection[str],
        origins: Collection[str],
        edges: Collection[str],
    ) -> None:
        self.hall, self._tickets, self._limits, self._clock = hall, tickets, limits, clock
        self._hosts = frozenset(host.lower() for host in hosts)
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)
        self._edges = frozenset(edges)
        self._joins = Bucket(limits.joins_per_s_max, limits.joins_per_s_max, clock())

    def knows_host(self, host: str) -> bool:
        """Whether a Host header names us, with the port or without."""
        host = host.lower()
        name = PORT.sub("", host)
        return host in self._hosts or name.strip("[]") in self._hosts

    def knows_origin(self, origin: str | None) -> bool:
        """Whether a page may connect; programs other than browsers send no Origin."""
        return origin is None or origin.lower() in self._origins

    def admit(self, target: str, headers: Mapping[str, str]) -> Admitted | Refused:
        """Spends a request's ticket, if everything before it is in order."""
        if not self.knows_host(headers.get("host", "")):
            return Refused(421, "unknown host")
        if not self.knows_origin(headers.get("origin")):
            return Refused(403, "foreign origin")
        path, _, query = target.partition("?")
        match = PATH.fullmatch(path)
        if match is None or len(target) > TARGET_CHARS_MAX:
            return Refused(404, "not found")
        if match[1] != PROTOCOL:
            return Refused(410, "another protocol version")
        if not match[3] and headers.get("upgrade", "").lower() != "websocket":
            return Refused(426, "WebSocket only")
        if not self._joins.take(1, self._clock()):
            return BUSY
        return self._with_ticket(match[2], query, bool(match[3]))

    def _with_ticket(self, topic: str, text: str, streams: bool) -> Admitted | Refused:
        try:
            query = dict(parse_qsl(text, max_num_fields=8))
            ticket = self._tickets.open(query.get("t", ""), topic, self._clock())
        except BadToken as bad:
            return Refused(401, bad.reason)
        except ValueError:
            return Refused(400, "malformed query")
        except TooManyTickets:
            return BUSY
        why = self.hall.room_for(topic, ticket)
        if why:
            return Refused(403, why) if why == "banned" else Refused(503, why)
        offset = query.get("o", "")
        at = int(offset) if offset.isdecimal() and len(offset) < 16 else -1
        return Admitted(topic, ticket, query.get("e", "")[:16], at, streams)

    def address(self, peer: str, forwarded: str | None) -> str:
        """Whom a connection counts for; Forwarded-For is believed only from the edge."""
        if forwarded and peer in self._edges:
            last = forwarded.rsplit(",", 1)[-1].strip()
            try:
                return str(ipaddress.ip_address(last))
            except ValueError:
                return peer
        return peer

    def enter(self, address: str) -> bool:
        """Counts a connection for an address; False if it has too many."""
        count = self.hall.addresses.get(address, 0)
        if count >= self._limits.viewers_per_address_max:
            return False
        self.hall.addresses[address] = count + 1
        return True

    def exit(self, address: str) -> None:
        """Counts it out."""
        count = self.hall.addresses.get(address, 0) - 1
        if count > 0:
            self.hall.addresses[address] = count
        else:
            self.hall.addresses.pop(address, None)
