"""What a learned model judges: hosts in windows, pairs of hosts in hours, or single flows."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["IDENTITY", "Feature", "Scale", "Unit"]

# Columns of a table of units that say whose row it is; every other column is a feature.
IDENTITY: tuple[str, ...] = ("window", "host", "peer", "port", "protocol", "flow", "end")


class Unit(StrEnum):
    """The thing that one row of a table is about."""

    HOSTS = "hosts"
    PAIRS = "pairs"
    FLOWS = "flows"


class Scale(StrEnum):
    """How the values of a feature are laid out: sizes and counts by their logarithm, shares as they are."""

    LOG = "log"
    PLAIN = "plain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """One figure of a unit: what it counts, in which unit of measure, and how a sentence calls it."""

    name: str
    meaning: str
    words: str
    unit: str = ""
    formula: str = ""
    scale: Scale = Scale.LOG
