"""Features computed from tables: pure functions, no state on disk, no packets."""
