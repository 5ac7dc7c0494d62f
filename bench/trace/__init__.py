"""Traces over a million order lines: forward, backward, the passport's data, recalls, the bench."""
