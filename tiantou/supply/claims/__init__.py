"""What may be said of a pack: organic, of an origin, a geographical indication, a listed county.

A pack that bears a claim is packed only of lots whose every root is covered by it.
"""
