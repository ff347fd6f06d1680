"""Intervals for counts: of a rate that was counted, and of what will be counted after that."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["exact_interval", "likely_means", "predicted_counts", "quantiles"]

LEVEL = 0.95
STEPS = 100


def exact_interval(count: int, *, level: float = LEVEL) -> tuple[float, float]:
    """Return the exact interval of Garwood for the mean of a Poisson count.

    >>> [round(one, 2) for one in exact_interval(5)]
    [1.62, 11.67]
    """
    tail = (1 - level) / 2
    upper = _solve(lambda mean: _at_most(count, mean), tail, count)
    lower = _solve(lambda mean: _at_most(count - 1, mean), 1 - tail, count) if count else 0.0
    return lower, upper


def predicted_counts(
    count: int, *, share: float, spread: float, draws: int = 20_000, seed: int = 0
) -> "np.ndarray":
    """Return draws of the count in new traffic, `share` times as long as that of `count`.

    `spread` is the variance of counts over their mean: 1 where alarms are independent. Both the calibration's
    own chance (its mean is only known from `count` alarms) and that of the new traffic are in it.
    """
    import numpy as np

    chance = np.random.default_rng(seed)
    spread = max(spread, 1.0)
    # Half an alarm more is the customary even-handed prior; it keeps a count of zero from saying "never".
    means = chance.gamma((count + 0.5) / spread, spread, draws) * share
    if spread > 1.0:
        means = chance.gamma(np.maximum(means, 1e-12) / (spread - 1.0), spread - 1.0)
    return chance.poisson(np.minimum(means, 1e15))


def likely_means(count: int, *, spread: float, draws: int = 20_000, seed: int = 0) -> tuple[float, float]:
    """Return the interval of the mean behind a count whose variance is `spread` times its mean."""
    import numpy as np

    spread = max(spread, 1.0)
    return quantiles(np.random.default_rng(seed).gamma((count + 0.5) / spread, spread, draws))


def quantiles(draws: "np.ndarray", *, level: float = LEVEL) -> tuple[float, float]:
    """Return the interval in which the given part of draws lies, ends belonging to it."""
    import numpy as np

    tail = (1 - level) / 2
    low, high = np.quantile(draws, (tail, 1 - tail), method="inverted_cdf")
    return float(low), float(high)


def _at_most(count: int, mean: float) -> float:
    """Return the probability that a Poisson count of this mean is at most `count`."""
    import numpy as np

    if count < 0 or mean <= 0:
        return float(count >= 0)
    # The mean is within ten deviations of the count: what lies far below both adds nothing.
    first = max(0, count - 50 - math.ceil(25 * math.sqrt(count + 1)))
    at = np.arange(first, count + 1)
    steps = np.log(mean) - np.log(np.maximum(at[1:], 1))
    begin = first * math.log(mean) - mean - math.lgamma(first + 1)
    return float(np.exp(np.concatenate(([begin], begin + np.cumsum(steps)))).sum())


def _solve(falling: Callable[[float], float], wanted: float, count: int) -> float:
    """Return where a falling function takes a value, by halving."""
    reach = 20.0 + 10 * math.sqrt(count + 1)
    low, high = max(0.0, count - reach), count + reach
    for _ in range(STEPS):
        middle = (low + high) / 2
        if falling(middle) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2
