"""Whole stories over HTTP, against a running instance."""
