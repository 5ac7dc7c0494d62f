"""What travels: frames to viewers, payloads of the bus. Keys are short: a frame goes to thousands.

A frame's members are all optional; `docs/reference/realtime.md` shows each with an example.
"""

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

PROTOCOL = "v1"


class ChatLine(Struct, forbid_unknown_fields=False):
    """A line of chat: `i` number in the room, `u` nickname, `x` text, `b` badge, `p` person.

    A paid order is one with the badge `sale`: `t` is then the thing of the shelf.
    """

    i: int
    u: str
    x: str
    b: str = ""
    p: int | None = None
    t: str | UnsetType = UNSET


class Snapshot(Struct):
    """A room as it is: `state` is the domain's own document, `ev` are events to apply to it without
    showing them (they came after it was read), `chat` the last lines.
    """

    state: Raw
    chat: list[Raw] = []
    ev: list[Raw] = []


class Frame(Struct, omit_defaults=True):
    """One message to a viewer.

    `o` is the offset of the last numbered event at or before this frame; `e` the epoch in which
    offsets count; `snap` replaces everything known; `ev` are numbered events, the last of them has
    offset `o`; `c` chat; `d` chat lines left out; `s` latest values by key; `n` viewers, likes,
    orders; `j` the last nickname that entered and how many did.
    """

    o: int
    e: str | UnsetType = UNSET
    snap: Snapshot | UnsetType = UNSET
    ev: list[Raw] | UnsetType = UNSET
    c: list[ChatLine] | UnsetType = UNSET
    d: int | UnsetType = UNSET
    s: dict[str, Raw] | UnsetType = UNSET
    n: tuple[int, int, int] | UnsetType = UNSET
    j: tuple[str, int] | UnsetType = UNSET


class Bye(Struct):
    """The last event of an SSE stream; `code` as a WebSocket close code."""

    code: int
    reason: str = ""


class EventIn(Struct):
    """Bus request on `room.{topic}.ev`: `id` names the fact, `ev` goes to viewers as it is."""

    id: str
    ev: Raw


class EventAnswer(Struct):
    """The owner's answer: the event is `o` in epoch `e`; the same id always gets the same."""

    e: str
    o: int


class EventRefused(Struct):
    """The owner's answer to an event that it will never take; asking again is in vain."""

    error: str


class EventHead(Struct):
    """The few members of an event that the gateway itself acts on."""

    t: str = ""
    person_no: int | None = None
    viewer_key: str | None = None
    no: int | None = None


class EntryIn(Struct):
    """Bus message on `room.{topic}.entry`: somebody came in."""

    u: str


class LikesIn(Struct):
    """Bus message on `room.{topic}.likes`."""

    n: int


class SnapshotIn(Struct):
    """The answer to `rooms.snapshot`: `seq` are ids of facts that `state` already shows; the
    banned are kept from joining and not sent on."""

    state: Raw
    chat: list[Raw] = []
    seq: list[str] = []
    banned: list[int] = []


class Viewers(Struct):
    """Bus message on `room.{topic}.n`, at most once a second."""

    viewers: int
    peak: int


class Seen(Struct):
    """Bus message on `room.{topic}.seen`: viewer keys that were in the room for 3 s; may repeat."""

    keys: list[str]


class _Numbered(Struct):
    i: int = 0


_numbered = msgspec.json.Decoder(_Numbered)


def line_number(raw: Raw) -> int:
    """The number of a chat line as JSON."""
    return _numbered.decode(raw).i


encode = msgspec.json.Encoder().encode
event_in = msgspec.json.Decoder(EventIn)
event_head = msgspec.json.Decoder(EventHead)
values_in = msgspec.json.Decoder(dict[str, Raw])
chat_in = msgspec.json.Decoder(ChatLine)
entry_in = msgspec.json.Decoder(EntryIn)
likes_in = msgspec.json.Decoder(LikesIn)
snapshot_in = msgspec.json.Decoder(SnapshotIn)
