"""The divisions of the country with their history, and the 832 listed counties.

Invariant: of a code at most one division is in force; a code out of force is never given away by
us, only followed to what it became. Other modules name divisions by code, without a key.
"""
