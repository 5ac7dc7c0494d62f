"""Realtime connections: moves the bytes of topics and knows no domain. An answered event is never
lost to a viewer who stays or comes back.
"""
