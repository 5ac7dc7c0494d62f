"""One command: what `up` starts it restarts, reaps and stops."""
