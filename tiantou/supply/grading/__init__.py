"""Grade standards as data, measured samples, and the runs that turn harvest into graded lots.

A graded lot whose sample passes the limits of its grade by more than the tolerance is not made.
"""
