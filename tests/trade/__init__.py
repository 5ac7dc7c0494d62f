"""Trade, on a real PostgreSQL."""
