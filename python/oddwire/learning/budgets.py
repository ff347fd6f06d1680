"""Budgets of alarms a day: read, refused where data cannot carry them, promised, held against what came."""

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.errors import UsageError
from oddwire.learning.intervals import exact_interval, likely_means, predicted_counts, quantiles
from oddwire.learning.raised import LEAST_QUIET_NS, Raised, raised
from oddwire.learning.resampling import resampled_totals, spread_of

if TYPE_CHECKING:
    from oddwire.learning.marks import Marks

__all__ = [
    "LEAST_ALARMS",
    "LEAST_DAYS",
    "Measured",
    "Promise",
    "agrees",
    "measured",
    "parse_budget",
    "promise",
    "supported_budget",
]

# A budget stands on at least so many alarms in the calibration traffic (docs/budgets.md says why).
LEAST_ALARMS = 5
# Less than six hours say nothing about a day.
LEAST_DAYS = 0.25
# The cost of a threshold is this quantile of resampled totals (docs/budgets.md says why).
CAUTION = 0.7
STEP = 1.25
LEAST_A_DAY, MOST_A_DAY = 1e-4, 1e6
_BUDGET = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*/\s*([a-z]{1,5})\s*", re.ASCII | re.IGNORECASE)
_A_DAY = {"hour": 24.0, "h": 24.0, "day": 1.0, "d": 1.0, "week": 1 / 7, "w": 1 / 7}
_HINT = "write it as 5/day, 2/hour or 1/week"


def parse_budget(text: str) -> float:
    """Return a budget such as `5/day`, `50/d`, `2/hour` or `1/week` as alarms a day.

    >>> parse_budget("2/hour")
    48.0
    """
    match = _BUDGET.fullmatch(text)
    a_day = _A_DAY.get(match[2].lower()) if match else None
    if match is None or a_day is None:
        raise UsageError(f"'{text}' is no budget of alarms", hint=_HINT)
    budget = float(match[1]) * a_day
    if not LEAST_A_DAY <= budget <= MOST_A_DAY:
        raise UsageError(f"a budget of '{text}' has no meaning", hint="between 0.0001 and 1,000,000 a day")
    return budget


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """A threshold and what it will cost: alarms a day, how surely, and what that rests on.

    `expected` is the rate a day in the calibration traffic, `interval95` where the true rate lies,
    `supported` the strictest budget that this traffic can carry.
    """

    budget: float
    threshold: float
    expected: float
    interval95: tuple[float, float]
    supported: float
    alarms: int
    days: float
    spread: float

    def counts(self, days: float) -> tuple[float, float]:
        """Return between which numbers of alarms 95 % of new stretches of so many days lie."""
        return quantiles(predicted_counts(self.alarms, share=days / self.days, spread=self.spread))


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What came: alarms a day, an interval that clumping widens, and the exact one without clumps."""

    alarms: int
    days: float
    per_day: float
    interval95: tuple[float, float]
    exact95: tuple[float, float]


def supported_budget(marks: "Marks") -> float:
    """Return the strictest budget, in alarms a day, that calibration traffic of this length can carry."""
    if marks.days < LEAST_DAYS:
        message = f"{_days_text(marks.days)} of calibration support no budget at all"
        raise UsageError(message, hint="calibrate with at least 6 hours of traffic, better a week")
    return LEAST_ALARMS / marks.days


def promise(marks: "Marks", *, budget: float, quiet_ns: int = LEAST_QUIET_NS) -> Promise:
    """Return the lowest threshold that keeps a budget; refuse one that the traffic cannot carry."""
    supported = supported_budget(marks)
    # A budget given as a week's or read from a message is rounded: it is not refused for its last digit.
    if budget < supported * 0.995:
        length, least = _days_text(marks.days), _up(supported)
        longer = math.ceil(LEAST_ALARMS / budget)
        raise UsageError(
            f"{length} of calibration support at most a budget of {least} alarms a day",
            hint=f"ask for {least}/day, or calibrate with {longer} days for {budget:.3g}/day",
        )
    threshold = _threshold(marks, budget * marks.days, quiet_ns)
    alarms = raised(marks, threshold=threshold, quiet_ns=quiet_ns)
    spread = spread_of(alarms, marks.exposure)
    rates = likely_means(alarms.count, spread=spread)
    return Promise(
        budget=budget,
        threshold=threshold,
        expected=alarms.count / marks.days,
        interval95=(rates[0] / marks.days, rates[1] / marks.days),
        supported=supported,
        alarms=alarms.count,
        days=marks.days,
        spread=spread,
    )


def measured(
    marks: "Marks", *, threshold: float, days: float | None = None, quiet_ns: int = LEAST_QUIET_NS
) -> Measured:
    """Return the alarms that came at a threshold, in the days that were watched or in so many."""
    alarms = raised(marks, threshold=threshold, quiet_ns=quiet_ns)
    length = marks.days if days is None else days
    if not length > 0:
        raise UsageError("alarms a day need traffic that lasts")
    clumped = likely_means(alarms.count, spread=spread_of(alarms, marks.exposure))
    exact = exact_interval(alarms.count)
    return Measured(
        alarms=alarms.count,
        days=length,
        per_day=alarms.count / length,
        interval95=(clumped[0] / length, clumped[1] / length),
        exact95=(exact[0] / length, exact[1] / length),
    )


def agrees(promised: Promise, came: Measured) -> bool:
    """Say whether what came could be expected: it lies where 95 % of new traffic does."""
    low, high = promised.counts(came.days)
    return low <= came.alarms <= high


def _threshold(marks: "Marks", most: float, quiet_ns: int) -> float:
    """Return the lowest threshold whose cost is at most so many alarms.

    Lower thresholds raise more alarms, until episodes melt into each other and they grow fewer again. So the
    search comes from above in growing steps, and halves only the step in which the bound is first passed; where
    it never is, few hosts cannot raise so many, and the threshold is that at which they raise the most.
    """
    import numpy as np

    odd = np.sort(marks.surprise)[::-1]

    costs: dict[int, float] = {}

    def fits(rank: int) -> bool:
        costs[rank] = _cost(raised(marks, threshold=float(odd[rank]), quiet_ns=quiet_ns), marks)
        return costs[rank] <= most

    low, high = -1, 0
    while high < odd.size and fits(high):
        low, high = high, max(high + 1, int(high * STEP))
    if low == -1:
        return float(np.nextafter(odd[0], np.inf)) if odd.size else marks.floor
    if high >= odd.size and fits(odd.size - 1):
        return float(odd[max(costs, key=lambda rank: (costs[rank], -rank))])
    high = min(high, odd.size - 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return float(odd[low])


def _cost(alarms: Raised, marks: "Marks") -> float:
    """Return what so long a time would cost: a quantile of what resampled blocks give."""
    import numpy as np

    return float(np.quantile(resampled_totals(alarms, marks.exposure), CAUTION, method="inverted_cdf"))


def _days_text(days: float) -> str:
    return f"{days:.1f} days" if days >= 1 else f"{days * 24:.1f} hours"


def _up(budget: float) -> str:
    """Return a budget with two digits, rounded up, so that what is proposed is not refused."""
    digits = max(0, 1 - math.floor(math.log10(budget)))
    return f"{math.ceil(budget * 10**digits) / 10**digits:.{digits}f}".rstrip("0").rstrip(".")
