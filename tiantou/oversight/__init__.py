"""The platform's operator: reviews, sanctions and their record.

Invariant: every decision has a person, a reason and a place in the audit chain.
"""
