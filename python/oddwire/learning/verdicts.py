"""What is said of drift: a verdict, and what one measure says of one feature."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Moved", "Verdict"]


class Verdict(StrEnum):
    """What is said of a feature and of the whole, from the least to the most."""

    UNKNOWN = "too little to say"
    STEADY = "steady"
    DRIFTING = "drifting"
    CHANGED = "changed"

    @property
    def rank(self) -> int:
        """Return how grave it is; nothing is said to fail on what is not known."""
        return list(Verdict).index(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """What one measure says of one feature; the feature is empty where the whole table is measured."""

    feature: str
    measure: str
    verdict: Verdict
    effect: float
    # None where a bound decides, and no test.
    p_value: float | None
    # The day from which on it holds, and the hosts that show it most; only of what is not steady.
    since_ns: int | None = None
    hosts: tuple[str, ...] = ()
    # Quartiles before and now.
    before: tuple[float, float, float] | None = None
    now: tuple[float, float, float] | None = None
    # New values, those of most rows first.
    values: tuple[str, ...] = ()
