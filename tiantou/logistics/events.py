"""What logistics announces. `ref` is the sender's own reference; facts are keyed by it."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tiantou.core.outbox import Fact


class ParcelHandedOver(Fact, frozen=True, kw_only=True):
    """A parcel was given to its carrier."""

    keyed_by: ClassVar[str] = "ref"
    ref: str
    org_id: UUID
    parcel_id: UUID
    carrier: str
    waybill: str
    at: datetime


class ParcelDelivered(Fact, frozen=True, kw_only=True):
    """The recipient has the parcel."""

    keyed_by: ClassVar[str] = "ref"
    ref: str
    org_id: UUID
    parcel_id: UUID
    at: datetime


class ParcelTroubled(Fact, frozen=True, kw_only=True):
    """Something is wrong on the way. `what` is trouble, return or lost."""

    keyed_by: ClassVar[str] = "ref"
    ref: str
    org_id: UUID
    parcel_id: UUID
    what: str
    at: datetime
