"""Benchmarks: each by one make target, each with a peer or a ceiling measured in the same run."""
