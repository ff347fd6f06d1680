"""What a reader should know of an analysis besides its findings."""

from oddwire.engine.analysis import Analysis
from oddwire.engine.inspection import quality_lines

__all__ = ["quality_remarks"]


def quality_remarks(found: Analysis) -> list[str]:
    """Return what was not as it should be with the capture, and which detectors failed."""
    failed = [f"detector {one.detector} failed and was left out: {one.message}" for one in found.failures]
    return [*quality_lines(found.seen), *failed]
