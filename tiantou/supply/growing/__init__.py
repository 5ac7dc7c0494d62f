"""Production before the gate: seasons with what was used in them, and the outlines of plots.

Of a harvest that falls into a withholding period nothing is weighed in, and nothing stays open.
"""
