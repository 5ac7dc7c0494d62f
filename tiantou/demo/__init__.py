"""The fair that `up --demo` shows: three rooms with drawn pictures and films made here.

Invariant: everything is marked as demo, and no viewer, order or figure is invented.
"""
