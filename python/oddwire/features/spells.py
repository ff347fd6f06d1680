"""Spells: how long something odd goes on, so that a later one does not seem to have begun with the first."""

from oddwire.features.memory import Track

__all__ = ["PAUSE_NS", "began"]

# After so long a pause it is another spell.
PAUSE_NS = 900_000_000_000


def began(track: Track, first_ns: int, last_ns: int) -> int:
    """Return when the present spell began, given what is odd now; remember it."""
    start_ns = min(track.sums.get("began", first_ns), first_ns)
    if track.sums.get("alarmed", 0) < first_ns - PAUSE_NS:
        start_ns = first_ns
    track.sums["began"], track.sums["alarmed"] = start_ns, last_ns
    return start_ns
