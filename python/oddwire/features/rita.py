"""The beacon score of RITA, version 5, exactly: a baseline to compare with, which raises nothing.

The score is the mean of four parts, each from 0 to 1: how regular the times are, how regular the sizes, how
long it lasts, and how evenly it fills 24 bars of the whole time. Written after its published formula
(github.com/activecm/rita, commit a3c5150, its default settings), rounded where it rounds.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import ceil, floor, sqrt
from statistics import median

__all__ = ["THRESHOLDS", "RitaScore", "rita_score"]

# Its own words for scores, from here on.
THRESHOLDS = {"low": 0.5, "medium": 0.7, "high": 0.9}
LEAST_CONTACTS, LEAST_INTERVALS = 4, 3
# Where the quartiles lie closer, there is no skewness.
LEAST_SPREAD = 10
BARS = 24
LEAST_BARS, IDEAL_RUN = 6, 12
# So many bars have to be filled before two modes are looked for; one bar may be of neither.
LEAST_MODAL_BARS, STRAY_BARS = 11, 1
BUCKET = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class RitaScore:
    """The four parts."""

    times: float
    sizes: float
    duration: float
    histogram: float

    @property
    def score(self) -> float:
        """Return their mean."""
        return _rounded((self.times + self.sizes + self.duration + self.histogram) / 4)


def rita_score(
    starts_s: Iterable[float], sizes: Sequence[int], span_s: tuple[float, float]
) -> RitaScore | None:
    """Return the score of contacts by their times and bytes; None of fewer than it looks at.

    `span_s` is from when to when there was any traffic at all.

    >>> score = rita_score([60 * n for n in range(1440)], [500] * 1440, (0, 86_400))
    >>> score and score.score
    1.0
    """
    starts = sorted(floor(start) for start in starts_s)
    intervals = [later - earlier for earlier, later in pairwise(starts) if later > earlier]
    if len(set(starts)) < LEAST_CONTACTS or len(intervals) < LEAST_INTERVALS:
        return None
    begin, end = (floor(time) for time in span_s)
    bars = _bars(starts, begin, max(end, begin + 1))
    return RitaScore(
        times=_regularity(intervals, default=1.0),
        sizes=_regularity(sizes, default=0.0),
        duration=_duration(bars, (starts[-1] - starts[0]) / max(end - begin, 1)),
        histogram=max(_evenness(bars), _two_modes(bars)),
    )


def _rounded(value: float) -> float:
    """Round to three places, halves away from zero."""
    return floor(value * 1000 + 0.5) / 1000


def _regularity(values: Sequence[float], *, default: float) -> float:
    """Return the mean of how symmetric values lie about their middle, and how close to it."""
    ordered = sorted(values)
    half = len(ordered) // 2
    # Quartiles are the medians of both halves, without the one in the middle.
    low, middle, high = median(ordered[:half]), median(ordered), median(ordered[-half:])
    spread = high - low
    skew = 0.0
    if spread >= LEAST_SPREAD and middle not in {low, high}:
        skew = (low + high - 2 * middle) / spread
    off = median(abs(value - middle) for value in ordered)
    closeness = (middle - off) / middle if middle >= 1 else default
    return _rounded((1 - abs(skew) + max(closeness, 0.0)) / 2)


def _bars(starts: Sequence[int], begin: int, end: int) -> list[int]:
    """Return how many contacts lie in each of 24 equal parts of the whole time."""
    counts = Counter(min(int(BARS * (start - begin) / (end - begin)), BARS - 1) for start in starts)
    return [counts[bar] for bar in range(BARS)]


def _duration(bars: Sequence[int], coverage: float) -> float:
    """Return how much of the whole time it covers, or how many bars on end are filled, of twelve.

    The last bar is followed by the first.
    """
    if sum(map(bool, bars)) < LEAST_BARS:
        return 0.0
    runs = [len(list(run)) for is_filled, run in groupby([*bars, *bars], key=bool) if is_filled]
    consistency = min(max(runs), BARS) / IDEAL_RUN
    return max(min(ceil(share * 1000) / 1000, 1.0) for share in (coverage, consistency))


def _evenness(bars: Sequence[int]) -> float:
    """Return one less the deviation of the bars in shares of their mean."""
    mean = sum(bars) / len(bars)
    variation = sqrt(sum((bar - mean) ** 2 for bar in bars) / len(bars)) / mean
    return _rounded(1 - variation) if variation <= 1 else 0.0


def _two_modes(bars: Sequence[int]) -> float:
    """Return how many bars are of the two most frequent heights: busy by day and quiet by night."""
    filled = [bar for bar in bars if bar]
    if len(filled) < LEAST_MODAL_BARS:
        return 0.0
    size = ceil(max(filled) * BUCKET)
    heights = Counter(bar // size for bar in filled)
    modes = sum(count for _, count in heights.most_common(2))
    return min(_rounded(modes / max(len(filled) - STRAY_BARS, 1)), 1.0)
