"""What every module stands on: database, outbox, problems, the edge. Knows no domain."""
