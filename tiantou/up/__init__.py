"""Starts everything in one command: whatever `up` starts it also restarts, reaps and stops."""
