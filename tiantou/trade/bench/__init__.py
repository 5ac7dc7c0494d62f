"""The packing bench: scan the waybill, scan the box, done; for orders of any channel."""
