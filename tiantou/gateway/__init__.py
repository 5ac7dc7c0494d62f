"""Realtime connections: it moves the bytes of topics and knows no domain; an answered event is never
lost to a viewer who stays or comes back.
"""
