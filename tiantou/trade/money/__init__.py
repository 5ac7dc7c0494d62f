"""The ledger, payouts, and what households are told.

Invariant: each entry sums to 0 fen and is never changed.
"""
