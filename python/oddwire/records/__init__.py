"""Frozen values that the other floors share."""
