"""Picture and sound: ingest, packaging, playback, recordings; a broadcast is an opaque id.

Invariant: every segment that a viewer could see is on disk, hash-chained, until `keep_until`.
"""
