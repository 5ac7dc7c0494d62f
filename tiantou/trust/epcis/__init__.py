"""Traces for the outside: EPCIS 2.0 events of lots, their hash ids, and the chain of them."""
