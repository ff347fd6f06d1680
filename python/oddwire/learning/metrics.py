"""How good a ranking is, and how sure that is: areas under curves, means with their intervals, differences.

Scores are numbers, higher is odder; truth is 1 for what should be found and 0 for the rest. Equal scores are
counted as what they are: an order of rows with one score is never made up.
"""

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Interval", "auroc", "average_precision", "bootstrap", "difference", "mean_interval"]

LEVEL = 0.95
ROUNDS = 10_000
# Points of the half circle on which Student's distribution is summed up: good to seven places.
STEPS = 100_001


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A mean, and between which values it lies with a probability of 95 %; `count` values were seen."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def excludes_zero(self) -> bool:
        """Say whether all of it lies on one side of zero."""
        return self.low > 0 or self.high < 0


def auroc(scores: "np.ndarray", truth: "np.ndarray") -> float:
    """Return the chance that what should be found scores higher than the rest, equal ones counting half.

    NaN where there is nothing to find, or nothing else.

    >>> import numpy as np
    >>> auroc(np.array([1.0, 2.0, 2.0, 3.0]), np.array([0, 0, 1, 1]))
    0.875
    """
    import numpy as np

    found = np.asarray(truth, dtype=bool)
    wanted = int(found.sum())
    others = len(found) - wanted
    if not wanted or not others:
        return nan
    _, place, counts = np.unique(_plain(scores), return_inverse=True, return_counts=True)
    # The mean rank of a group of equal scores: all before it, and half of itself.
    ranks = np.cumsum(counts) - (counts - 1) / 2
    total = float(ranks[place][found].sum())
    return (total - wanted * (wanted + 1) / 2) / (wanted * others)


def average_precision(scores: "np.ndarray", truth: "np.ndarray") -> float:
    """Return the area under precision over recall, as steps; chance is the share of what should be found.

    NaN where there is nothing to find.

    >>> import numpy as np
    >>> average_precision(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 1, 0, 1]))
    0.8333333333333333
    """
    import numpy as np

    found = np.asarray(truth, dtype=bool)
    wanted = int(found.sum())
    if not wanted:
        return nan
    plain = _plain(scores)
    order = np.argsort(-plain, kind="stable")
    falling = plain[order]
    # A threshold lies only between different scores.
    ends = np.append(np.flatnonzero(falling[1:] != falling[:-1]), len(falling) - 1)
    hits = np.cumsum(found[order])[ends]
    gained = np.diff(hits, prepend=0) / wanted
    return float((gained * hits / (ends + 1)).sum())


def _plain(scores: "np.ndarray") -> "np.ndarray":
    """Return scores that can be ordered: what has none is the most ordinary."""
    import numpy as np

    values = np.asarray(scores, dtype=np.float64)
    return np.where(np.isnan(values), -np.inf, values)


def mean_interval(values: "np.ndarray") -> Interval:
    """Return the mean of independent runs and its interval by Student's distribution; NaN are left out.

    >>> import numpy as np
    >>> found = mean_interval(np.array([1.0, 2.0, 3.0]))
    >>> round(found.low, 2), found.mean, round(found.high, 2)
    (-0.48, 2.0, 4.48)
    """
    kept = _known(values)
    if len(kept) == 0:
        return Interval(mean=nan, low=nan, high=nan, count=0)
    mean = float(kept.mean())
    if len(kept) == 1:
        return Interval(mean=mean, low=nan, high=nan, count=1)
    reach = _student(len(kept) - 1) * float(kept.std(ddof=1)) / len(kept) ** 0.5
    return Interval(mean=mean, low=mean - reach, high=mean + reach, count=len(kept))


def bootstrap(values: "np.ndarray", *, seed: int = 0) -> Interval:
    """Return the mean and its interval by drawing the runs again and again; NaN are left out.

    With few runs it is too narrow; it needs no bell curve, and never leaves the range of what was seen.
    """
    import numpy as np

    kept = _known(values)
    if len(kept) < 2:  # noqa: PLR2004  # one run says nothing of another
        return mean_interval(kept)
    drawn = np.random.default_rng(seed).integers(0, len(kept), size=(ROUNDS, len(kept)))
    low, high = np.quantile(kept[drawn].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(mean=float(kept.mean()), low=float(low), high=float(high), count=len(kept))


def difference(ours: "np.ndarray", theirs: "np.ndarray") -> Interval:
    """Return by how much one is higher than the other on the same runs, with its interval.

    Runs are compared one by one, so what makes a run hard for both takes no part.
    """
    import numpy as np

    return mean_interval(np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64))


def _known(values: "np.ndarray") -> "np.ndarray":
    import numpy as np

    given = np.asarray(values, dtype=np.float64)
    return given[~np.isnan(given)]


def _student(degrees: int) -> float:
    """Return how many standard errors lie on either side of the mean.

    With t = sqrt(degrees) * tan(angle) the density is a power of the cosine: smooth, and on a finite range.
    """
    import numpy as np

    angles = np.linspace(0, np.pi / 2, STEPS)
    heights = np.cos(angles) ** (degrees - 1)
    summed = np.concatenate(([0.0], np.cumsum((heights[1:] + heights[:-1]) / 2)))
    angle = float(np.interp(LEVEL * summed[-1], summed, angles))
    value = float(np.sqrt(degrees) * np.tan(angle))
    return nan if isnan(value) else value
