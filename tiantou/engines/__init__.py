"""Adapters for the outside world, one file each. No rule of the product lives here."""
