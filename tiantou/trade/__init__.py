"""Offers, pools, orders, payments, refunds, picks, the ledger.

Invariant: what orders took from a pool and what it still has add up to what was put in.
"""
