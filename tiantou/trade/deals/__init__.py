"""Coupons of shops and of the platform: issued, claimed, used by orders, given back.

Invariant: a coupon's pool has lost exactly as many as there are claims on it.
"""
