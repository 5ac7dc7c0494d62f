"""What other modules may use of logistics."""

from tiantou.logistics.carriers import CARRIERS
from tiantou.logistics.freight import freight_of, freights, quote, quote_by, set_freight
from tiantou.logistics.parcels import deliver, hand_over, record_event
from tiantou.logistics.parcels_sql import parcel, parcels
from tiantou.logistics.problems import NotServed
from tiantou.logistics.views import FreightView, ParcelView, Quote, ScanView

__all__ = [
    "CARRIERS",
    "FreightView",
    "NotServed",
    "ParcelView",
    "Quote",
    "ScanView",
    "deliver",
    "freight_of",
    "freights",
    "hand_over",
    "parcel",
    "parcels",
    "quote",
    "quote_by",
    "record_event",
    "set_freight",
]
