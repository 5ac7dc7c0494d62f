"""What other modules may use of logistics."""

from tiantou.logistics.carriers import CARRIERS, carrier_code, waybill_number
from tiantou.logistics.disruptions import (
    PLACES_MAX,
    closed_for,
    first_day,
    free_day,
    refusal,
)
from tiantou.logistics.disruptions import end as end_disruption
from tiantou.logistics.disruptions import names as place_names
from tiantou.logistics.disruptions import state as state_disruption
from tiantou.logistics.disruptions_sql import bear_with, disruption
from tiantou.logistics.disruptions_sql import stated as disruptions
from tiantou.logistics.freight import freight_of, freights, quote, quote_by, set_freight
from tiantou.logistics.parcels import deliver, hand_over, record_event
from tiantou.logistics.parcels_sql import parcel, parcels
from tiantou.logistics.problems import Disrupted, NotServed, WouldRot
from tiantou.logistics.transit import rot, set_transit, transits
from tiantou.logistics.views import (
    Closed,
    Closure,
    DisruptionView,
    FreightView,
    ParcelView,
    Quote,
    ScanView,
    TransitView,
)

__all__ = [
    "CARRIERS",
    "PLACES_MAX",
    "Closed",
    "Closure",
    "Disrupted",
    "DisruptionView",
    "FreightView",
    "NotServed",
    "ParcelView",
    "Quote",
    "ScanView",
    "TransitView",
    "WouldRot",
    "bear_with",
    "carrier_code",
    "closed_for",
    "deliver",
    "disruption",
    "disruptions",
    "end_disruption",
    "first_day",
    "free_day",
    "freight_of",
    "freights",
    "hand_over",
    "parcel",
    "parcels",
    "place_names",
    "quote",
    "quote_by",
    "record_event",
    "refusal",
    "rot",
    "set_freight",
    "set_transit",
    "state_disruption",
    "transits",
    "waybill_number",
]
