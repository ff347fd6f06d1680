"""The tail of a model's scores on ordinary traffic: how odd a score is, in rows a day that are as odd."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = ["Tail"]

# So many of the highest calibration scores are kept one by one; below them so many steps, evenly in the
# logarithm of the rank: one step is about 1 % of a p-value.
EXACT = 5_000
STEPS = 1_000
# The part of the scores whose decline is continued beyond the highest of them.
END_SHARE = 0.01
LEAST_END = 20
# Beyond it scores are one: differences of larger numbers are no numbers any more.
LARGEST = 1e300
# So many powers of ten beyond the calibration data the continuation goes on by the logarithm only.
STRAIGHT = 10.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Tail:
    """What is kept of calibration scores: the highest exactly, the rest as steps, in bounded space.

    `values` ascend and differ; `at_least` and `above` say how many calibration scores are not below, and are
    above, each of them. `scale` is the distance over which the scores decline by a factor of e at their end.
    """

    rows: int
    rows_per_day: float
    scale: float
    values: "np.ndarray"
    at_least: "np.ndarray"
    above: "np.ndarray"

    @classmethod
    def of(cls, scores: "np.ndarray", *, days: float) -> "Tail":
        """Summarise the scores of a member on so many days of ordinary traffic; unknown ones are left out."""
        import numpy as np

        known = _bounded(np.asarray(scores, dtype=np.float64))
        known = np.sort(known[~np.isnan(known)])
        if not known.size or not days > 0:
            raise UsageError("there is no score to calibrate with", hint="calibrate with more traffic")
        values = np.unique(known[_ranks(known.size)])
        return cls(
            rows=int(known.size),
            rows_per_day=known.size / days,
            scale=_scale(known),
            values=values,
            at_least=known.size - np.searchsorted(known, values, side="left"),
            above=known.size - np.searchsorted(known, values, side="right"),
        )

    def p_values(self, scores: "np.ndarray") -> "np.ndarray":
        """Return the conformal p-value of each score, never too small; 1 where the score is unknown.

        It is (1 + calibration scores not below it) / (1 + calibration scores), exact among the highest 5,000,
        and rounded up by at most about 1 % of itself below them.
        """
        import numpy as np

        asked = _bounded(np.asarray(scores, dtype=np.float64))
        place = np.searchsorted(self.values, asked, side="left")
        count = np.concatenate(([self.rows], self.above))[place]
        met = np.minimum(place, self.values.size - 1)
        count = np.where(self.values[met] == asked, self.at_least[met], count)
        return np.where(np.isnan(asked), 1.0, (1.0 + count) / (1.0 + self.rows))

    def surprise(self, scores: "np.ndarray") -> "np.ndarray":
        """Return how many powers of ten rarer than once a day a row as odd as this is expected.

        0 is once a day, 1 once in ten days, -2 a hundred times a day. At each kept calibration score it is
        what the p-value says and straight lines lie between, so it is continuous; among the highest 5,000 it
        never says more than the p-value, below them they part by 1 % at most.
        Beyond the highest calibration score it goes on as an exponential decline fitted to the top 1 %, which
        keeps scores apart and in order, and proves nothing: no calibration row was ever there.
        """
        import numpy as np

        asked = _bounded(np.asarray(scores, dtype=np.float64))
        known = np.log10((1.0 + self.rows) / (1.0 + self.at_least))
        least = -math.log10(self.rows_per_day)
        inside = np.interp(asked, self.values, known)
        beyond = np.maximum(asked - self.values[-1], 0.0) / (self.scale * math.log(10.0))
        far = STRAIGHT + np.log10(1.0 + np.maximum(beyond - STRAIGHT, 0.0))
        more = np.where(beyond > STRAIGHT, far, beyond)
        return least + np.where(np.isnan(asked), 0.0, inside + more)

    def save(self) -> "dict[str, np.ndarray]":
        """Return everything as arrays of numbers."""
        import numpy as np

        return {
            "values": self.values,
            "at_least": self.at_least.astype(np.int64),
            "above": self.above.astype(np.int64),
            "figures": np.array([self.rows, self.rows_per_day, self.scale], dtype=np.float64),
        }

    @classmethod
    def load(cls, arrays: "Mapping[str, np.ndarray]") -> "Tail":
        """Return what was saved; refuse arrays that are no tail."""
        import numpy as np

        try:
            rows, per_day, scale = (float(one) for one in np.asarray(arrays["figures"], dtype=np.float64))
            values = np.asarray(arrays["values"], dtype=np.float64)
            at_least = np.asarray(arrays["at_least"], dtype=np.int64)
            above = np.asarray(arrays["above"], dtype=np.int64)
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError("the calibration of the model is damaged") from error
        shapes = {values.shape, at_least.shape, above.shape}
        if len(shapes) != 1 or values.ndim != 1 or not values.size:
            raise UsageError("the calibration of the model is damaged", hint="its arrays differ in length")
        ordered = bool(np.all(np.diff(values) > 0) and np.all(above < at_least) and np.all(above >= 0))
        sound = ordered and bool(np.all(np.diff(at_least) < 0) and at_least[0] <= rows)
        if not (sound and all(math.isfinite(one) and one > 0 for one in (rows, per_day, scale))):
            raise UsageError("the calibration of the model is damaged", hint="its numbers are in no order")
        return cls(
            rows=int(rows), rows_per_day=per_day, scale=scale, values=values, at_least=at_least, above=above
        )


def _bounded(scores: "np.ndarray") -> "np.ndarray":
    import numpy as np

    bounded: np.ndarray = np.clip(scores, -LARGEST, LARGEST)
    return bounded


def _ranks(count: int) -> "np.ndarray":
    """Return which of so many sorted scores are kept: the lowest, some between, and all of the top."""
    import numpy as np

    top = np.arange(max(count - EXACT, 0), count)
    if count <= EXACT:
        return top
    below = count - np.geomspace(EXACT, count, STEPS).round().astype(np.int64)
    return np.unique(np.concatenate((below, top)))


def _scale(ordered: "np.ndarray") -> float:
    """Return the scale of an exponential decline at the end, by the median: wild scores move it little."""
    import numpy as np

    count = min(max(math.ceil(ordered.size * END_SHARE), LEAST_END), ordered.size)
    excess = ordered[-count:] - ordered[-count]
    for guess in (float(np.median(excess)) / math.log(2.0), float(np.mean(excess))):
        if guess > 0:
            return guess
    # All of the end is one value: any scale keeps the order.
    return max(abs(float(ordered[-1])) * END_SHARE, END_SHARE)
