"""Placing orders: over HTTP, in the process, and the ceiling that the disk and the tables set."""
