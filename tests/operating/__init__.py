"""The examples of docs/operating, run against the real programs."""
