"""What logistics shows: frozen values, never rows."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct


class Rate(Struct, frozen=True, kw_only=True):
    """What a division prefix costs in one cold mode: the first grams, then each further step."""

    prefix: str
    cold: str
    first_g: int
    first_fen: int
    next_g: int
    next_fen: int


class FreightView(Struct, frozen=True, kw_only=True):
    """An organization's freight setting. `not_served`: prefixes of division codes.

    `cold`: how it sends unless said otherwise (ambient, chilled, frozen). `cut_off`: minutes of
    the day in China by weekday, Monday first, None for no pick-up; empty: every day until its end.
    """

    flat_fen: int
    free_from_fen: int | None
    not_served: list[str]
    days_promised: int
    cold: str = "ambient"
    rates: list[Rate] = []
    cut_off: list[int | None] = []


class Quote(Struct, frozen=True, kw_only=True):
    """What carrying costs, and in how many days of being sent it is there."""

    fen: int
    days: int


class ScanView(Struct, frozen=True, kw_only=True):
    """One event of a parcel. `kind` is an event of the parcel's machine, or what came with no state
    (handed_over, picked_up, noted); `code` is the carrier's own word.
    """

    at: datetime
    kind: str
    text: str
    code: str = ""


class About(Struct, frozen=True, kw_only=True):
    """What is known of a parcel beside its waybill."""

    boxes: int = 1
    division_code: str | None = None
    promised_on: date | None = None
    cold: str = "ambient"


class ParcelView(Struct, frozen=True, kw_only=True):
    """A parcel with its events, oldest first. `ref` is the sender's own reference."""

    id: UUID
    org_id: UUID
    ref: str
    carrier: str
    carrier_name: str
    waybill: str
    state: str
    ready_at: datetime
    handed_over_at: datetime | None
    last_event_at: datetime
    delivered_at: datetime | None
    promised_on: date | None
    division_code: str | None
    cold: str
    boxes: int
    events: list[ScanView]


class StopView(Struct, frozen=True, kw_only=True):
    """Why what was sent for a reference must not leave."""

    org_id: UUID
    ref: str
    why: str
    at: datetime


class Reading(Struct, frozen=True, kw_only=True):
    """A temperature in tenths of a degree Celsius."""

    at: datetime
    tenths: int


class DisruptionView(Struct, frozen=True, kw_only=True):
    """Nothing is picked up in `pick_up` for `deliver` (prefixes of division codes; empty: all)
    from `from_at` to `until_at`, or to `ended_at` if it is over before. `org_id` None: everybody's.
    """

    id: UUID
    org_id: UUID | None
    pick_up: list[str]
    deliver: list[str]
    from_at: datetime
    until_at: datetime
    reason: str
    stated_at: datetime
    ended_at: datetime | None


class Closure(Struct, frozen=True, kw_only=True):
    """What is said of a disruption: prefixes of division codes, from when (None: now) to when."""

    pick_up: list[str]
    deliver: list[str]
    from_at: datetime | None
    until_at: datetime
    reason: str


class Closed(Struct, frozen=True, kw_only=True):
    """A disruption in the way of a seller's parcels, and what its places are called."""

    disruption: DisruptionView
    names: dict[str, str]


class TransitView(Struct, frozen=True, kw_only=True):
    """Days on the way by division prefix, and the most hours on the way by variety."""

    days: dict[str, int]
    limits: dict[UUID, int]
