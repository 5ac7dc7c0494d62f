"""What logistics shows: frozen values, never rows."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class FreightView(Struct, frozen=True, kw_only=True):
    """An organization's freight setting. `not_served`: prefixes of division codes."""

    flat_fen: int
    free_from_fen: int | None
    not_served: list[str]
    days_promised: int


class Quote(Struct, frozen=True, kw_only=True):
    """What carrying costs, and in how many days of being sent it is there."""

    fen: int
    days: int


class ScanView(Struct, frozen=True, kw_only=True):
    """One event of a parcel. `kind` is an event of the parcel's machine, or handed_over."""

    at: datetime
    kind: str
    text: str


class ParcelView(Struct, frozen=True, kw_only=True):
    """A parcel with its events, oldest first. `ref` is the sender's own reference."""

    id: UUID
    org_id: UUID
    ref: str
    carrier: str
    carrier_name: str
    waybill: str
    state: str
    handed_over_at: datetime
    delivered_at: datetime | None
    events: list[ScanView]


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
