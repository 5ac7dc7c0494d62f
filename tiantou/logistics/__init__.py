"""What carrying costs and where parcels are. A waybill of a carrier is one parcel's only; the same
scan told twice is one event.
"""
