"""Simulated weeks of an office, with planted incidents: as tables for the judges, and as packets."""
