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
from tiantou.logistics.lifecycle import PARCEL
from tiantou.logistics.parcels import (
    deliver,
    hand_over,
    lift,
    make_ready,
    record_event,
    stop,
    withdraw,
)
from tiantou.logistics.parcels_sql import counts, page, parcel, parcels, ready_by_waybill
from tiantou.logistics.problems import Disrupted, NotServed, ParcelStopped, WouldRot
from tiantou.logistics.spoiling import life_used_hours
from tiantou.logistics.stops_sql import stopped
from tiantou.logistics.stops_sql import why as stopped_why
from tiantou.logistics.transit import rot, set_transit, transits
from tiantou.logistics.views import (
    About,
    Closed,
    Closure,
    DisruptionView,
    FreightView,
    ParcelView,
    Quote,
    Reading,
    ScanView,
    TransitView,
)

__all__ = [
    "CARRIERS",
    "PARCEL",
    "PLACES_MAX",
    "About",
    "Closed",
    "Closure",
    "Disrupted",
    "DisruptionView",
    "FreightView",
    "NotServed",
    "ParcelStopped",
    "ParcelView",
    "Quote",
    "Reading",
    "ScanView",
    "TransitView",
    "WouldRot",
    "bear_with",
    "carrier_code",
    "closed_for",
    "counts",
    "deliver",
    "disruption",
    "disruptions",
    "end_disruption",
    "first_day",
    "free_day",
    "freight_of",
    "freights",
    "hand_over",
    "life_used_hours",
    "lift",
    "make_ready",
    "page",
    "parcel",
    "parcels",
    "place_names",
    "quote",
    "quote_by",
    "ready_by_waybill",
    "record_event",
    "refusal",
    "rot",
    "set_freight",
    "set_transit",
    "state_disruption",
    "stop",
    "stopped",
    "stopped_why",
    "transits",
    "waybill_number",
    "withdraw",
]
