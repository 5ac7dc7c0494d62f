"""Tiantou 田头: an open, self-hosted platform for live commerce of rural produce."""
