"""Rooms and sessions: announce, review, go live, pin, speak, ask, end, replay.

Invariant: what a viewer sees is written before it is sent; the seller's identity is always there.
"""
