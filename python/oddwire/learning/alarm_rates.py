"""What a stream of scores is worth in alarms: which incidents are found at so many false alarms a day.

Rows above a threshold that lie close together in time and are of one subject are one alarm, an episode, as
the engine counts findings: it ends after `QUIET_NS` of quiet.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["DAY_NS", "Planted", "Scores", "Sight", "episodes", "sights", "thresholds", "truth_of"]

SECOND = 1_000_000_000
DAY_NS = 86_400 * SECOND
QUIET_NS = 300 * SECOND
# A row may begin so long after an incident, or end so long before it: clocks of windows are coarse.
SLACK_NS = 60 * SECOND
# A row so much longer than an incident does not say when it happened.
LONGER_NS = 3_600 * SECOND
# Alarms on more of the benign time than this are no alarms, however few episodes they make.
MOST_ALARMED = 0.2

BENIGN, ATTACK, UNSCORED = 0, 1, 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """A stream of scored rows: whose row, from when to when, known when, and how odd.

    Subjects are numbers of a common list.
    """

    subject: "np.ndarray"
    start_ns: "np.ndarray"
    end_ns: "np.ndarray"
    at_ns: "np.ndarray"
    score: "np.ndarray"

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.score)

    def where(self, kept: "np.ndarray") -> "Scores":
        """Return some of the rows."""
        return Scores(
            subject=self.subject[kept],
            start_ns=self.start_ns[kept],
            end_ns=self.end_ns[kept],
            at_ns=self.at_ns[kept],
            score=self.score[kept],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """An incident: who does it, who else takes part, from when to when, of which kind.

    Where several do it, an alarm on any of them finds it.
    """

    name: str
    kind: str
    subjects: frozenset[int]
    others: frozenset[int]
    start_ns: int
    end_ns: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """How high the rows of an incident scored, and when each was known."""

    incident: Planted
    scores: "np.ndarray"
    at_ns: "np.ndarray"

    @property
    def best(self) -> float:
        """Return the highest score; minus infinity where no row is of the incident."""
        return float(self.scores.max()) if len(self.scores) else -inf

    def found(self, threshold: float) -> bool:
        """Say whether a row of it reaches a threshold."""
        return self.best >= threshold and self.best > -inf

    def delay_ns(self, threshold: float) -> int | None:
        """Return how long after the beginning the first row at a threshold was known."""
        known = self.at_ns[self.scores >= threshold]
        return max(0, int(known.min()) - self.incident.start_ns) if len(known) else None


def truth_of(rows: Scores, planted: Sequence[Planted]) -> "np.ndarray":
    """Return for each row whether it is benign, of an incident, or not to be scored.

    A row is of an incident if it is of one of its subjects and overlaps it. Rows of others who take part,
    and rows too long to say when, are neither a hit nor a false alarm.
    """
    import numpy as np

    truth = np.full(len(rows), BENIGN, dtype=np.int8)
    for one in planted:
        near = _overlapping(rows, one)
        truth[near & _of(rows, one.subjects | one.others) & (truth == BENIGN)] = UNSCORED
        truth[near & _of(rows, one.subjects) & _says_when(rows, one)] = ATTACK
    return truth


def sights(rows: Scores, planted: Sequence[Planted]) -> list[Sight]:
    """Return what is seen of each incident."""
    found = []
    for one in planted:
        mine = _of(rows, one.subjects) & _overlapping(rows, one) & _says_when(rows, one)
        found.append(Sight(incident=one, scores=rows.score[mine], at_ns=rows.at_ns[mine]))
    return found


def _of(rows: Scores, subjects: frozenset[int]) -> "np.ndarray":
    import numpy as np

    return np.isin(rows.subject, sorted(subjects))


def _overlapping(rows: Scores, one: Planted) -> "np.ndarray":
    found: np.ndarray = (rows.start_ns <= one.end_ns + SLACK_NS) & (rows.end_ns >= one.start_ns - SLACK_NS)
    return found


def _says_when(rows: Scores, one: Planted) -> "np.ndarray":
    found: np.ndarray = rows.end_ns - rows.start_ns <= one.end_ns - one.start_ns + LONGER_NS
    return found


def episodes(rows: Scores, threshold: float) -> int:
    """Return how many alarms the rows that reach a threshold make."""
    import numpy as np

    kept = rows.where(rows.score >= threshold)
    if not len(kept):
        return 0
    order = np.lexsort((kept.start_ns, kept.subject))
    subject, start, end = kept.subject[order], kept.start_ns[order], kept.end_ns[order]
    count = 1
    reached = int(end[0])
    # The latest end so far, a subject at a time.
    for at in range(1, len(order)):
        if subject[at] != subject[at - 1]:
            count, reached = count + 1, int(end[at])
            continue
        count += int(start[at]) > reached + QUIET_NS
        reached = max(reached, int(end[at]))
    return count


class _Union:
    """Intervals of one subject, those close together as one."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []

    def add(self, start: int, end: int) -> tuple[int, int]:
        """Take an interval; return how many more there are now, and how much longer they are."""
        first = bisect_left(self.ends, start - QUIET_NS)
        last = bisect_right(self.starts, end + QUIET_NS)
        if first == last:
            insort(self.starts, start)
            insort(self.ends, end)
            return 1, end - start
        before = sum(self.ends[at] - self.starts[at] for at in range(first, last))
        start, end = min(start, self.starts[first]), max(end, self.ends[last - 1])
        self.starts[first:last] = [start]
        self.ends[first:last] = [end]
        return 1 - (last - first), end - start - before


def thresholds(
    rows: Scores, budgets: Sequence[float], days: float, *, watched_ns: int, truth: "np.ndarray | None" = None
) -> list[float]:
    """Return for each budget the lowest threshold from which on upwards it is kept.

    `budgets` are false alarms a day; benign rows alone are counted, over `days` in which all subjects
    together were watched for `watched_ns`. A threshold
    that would alarm on more than a fifth of all benign time keeps no budget. It is a little more than the
    highest benign score where even one alarm is too many, and minus infinity where all rows together keep
    the budget.
    """
    import numpy as np

    benign = rows if truth is None else rows.where(truth == BENIGN)
    benign = benign.where(~np.isnan(benign.score) & (benign.score > -inf))
    found = [-inf] * len(budgets)
    open_ones = set(range(len(budgets)))
    most_ns = MOST_ALARMED * watched_ns
    above = inf
    for score, count, alarmed_ns in _walk(benign):
        for at in sorted(open_ones):
            if count > budgets[at] * days or alarmed_ns > most_ns:
                found[at] = above if above < inf else float(np.nextafter(score, inf))
                open_ones.discard(at)
        if not open_ones:
            break
        above = score
    return found


def _walk(rows: Scores) -> Iterator[tuple[float, int, int]]:
    """Yield each score from the highest down, with the number and length of alarms from there on upwards."""
    import numpy as np

    order = np.lexsort((rows.start_ns, rows.subject, -rows.score))
    unions: dict[int, _Union] = {}
    count = alarmed_ns = 0
    falling = rows.score[order].tolist()
    parts = (rows.subject[order].tolist(), rows.start_ns[order].tolist(), rows.end_ns[order].tolist())
    for at, (subject, start, end) in enumerate(zip(*parts, strict=True)):
        more, longer = unions.setdefault(subject, _Union()).add(start, end)
        count, alarmed_ns = count + more, alarmed_ns + longer
        if at + 1 == len(falling) or falling[at + 1] != falling[at]:
            yield falling[at], count, alarmed_ns
