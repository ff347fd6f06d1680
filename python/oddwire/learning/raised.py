"""How many alarms marks raise at a threshold, counted as findings are: once an episode, not once a row."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from oddwire.learning.marks import Marks

__all__ = ["LEAST_QUIET_NS", "Raised", "quiet_after", "raised"]

# As in the engine: an episode ends after two windows of quiet, and never before five minutes of it.
LEAST_QUIET_NS = 300 * 1_000_000_000


def quiet_after(window_ns: int) -> int:
    """Return how long a subject must be quiet before the next alarm about it is a new one."""
    return max(2 * window_ns, LEAST_QUIET_NS)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Raised:
    """The alarms, one an episode: whose, begun when, ended when, and how odd its oddest row was."""

    members: "np.ndarray"
    subjects: "np.ndarray"
    start_ns: "np.ndarray"
    end_ns: "np.ndarray"
    surprise: "np.ndarray"

    @property
    def count(self) -> int:
        """Return how many there are."""
        return int(self.start_ns.size)


def raised(marks: "Marks", *, threshold: float, quiet_ns: int = LEAST_QUIET_NS) -> Raised:
    """Return the alarms that the marks raise at a threshold, by member, subject and time."""
    import numpy as np

    chosen = np.flatnonzero(marks.surprise >= threshold)
    member, subject = marks.members[chosen], marks.subjects[chosen]
    start, surprise = marks.start_ns[chosen], marks.surprise[chosen]
    changed = np.ones(chosen.size, dtype=bool)
    changed[1:] = (np.diff(member) != 0) | (np.diff(subject) != 0)
    until = _latest(marks.end_ns[chosen], changed)
    begins = changed.copy()
    begins[1:] |= start[1:] > until[:-1] + quiet_ns
    first = np.flatnonzero(begins)
    return Raised(
        members=member[first],
        subjects=subject[first],
        start_ns=start[first],
        end_ns=until[np.concatenate((first[1:], [chosen.size])) - 1] if first.size else until,
        surprise=np.maximum.reduceat(surprise, first) if first.size else surprise,
    )


def _latest(end_ns: "np.ndarray", changed: "np.ndarray") -> "np.ndarray":
    """Return the latest end so far, anew for each member and subject.

    Ends are compared by their rank, so that a number of the group can stand before it in one running maximum.
    """
    import numpy as np

    ranked, rank = np.unique(end_ns, return_inverse=True)
    ahead = np.cumsum(changed) * max(ranked.size, 1)
    return ranked[np.maximum.accumulate(ahead + rank) - ahead] if end_ns.size else end_ns
