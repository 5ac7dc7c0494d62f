"""What logistics asks of carriers."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct


class Scan(Struct, frozen=True, kw_only=True):
    """Something a carrier says about a parcel.

    `kind` is an event of the parcel's machine (move, go_out, deliver, trouble, return, come_back),
    or picked_up or noted, which move nothing; `code` is the carrier's own word for it. `mark` is
    the carrier's own sign of the scan: the same mark is the same event.
    """

    at: datetime
    kind: str
    text: str
    mark: str
    code: str = ""


class CarrierSilent(Exception):
    """The carrier's service did not answer, or not sensibly; asked again later."""


class Carrier(Protocol):
    """Knows where parcels are."""

    name: str

    async def scans(self, carrier: str, waybill: str) -> list[Scan]:
        """All it knows of a parcel, oldest first; may repeat. Raises CarrierSilent."""
        ...
