"""From the scale to the box: households, plots, weigh-in slips, lots, certificates, packing, picks.

The one invariant: mass is conserved. A balance is the sum of its append-only moves and is never
negative; what leaves one lot for another is an edge of as many grams.
"""
