"""What an order takes besides stock, as tables; coupons: issued, claimed, used, given back.

Invariant: a coupon's pool has lost exactly as many as there are claims on it.
"""
