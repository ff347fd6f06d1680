"""How far out values lie in the distributions of training, tail by tail, as ECOD counts it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.errors import ModelError
from oddwire.learning.saved_arrays import ascending, taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = ["Cumulative"]

# So many quantiles stand for the whole distribution: finer is no more than noise.
POINTS = 1_001


@dataclass(frozen=True, kw_only=True, slots=True)
class Cumulative:
    """The distribution of each feature, how many values it has, and whether it leans to the left."""

    points: "np.ndarray"
    rows: "np.ndarray"
    leans_left: "np.ndarray"

    @classmethod
    def of(cls, matrix: "np.ndarray") -> "Cumulative":
        """Learn the distributions."""
        import numpy as np

        points = np.nanquantile(matrix, np.linspace(0, 1, POINTS), axis=0)
        middle = np.nanmean(matrix, axis=0, dtype=np.float64)
        return cls(
            # Quantiles between two values are rounded: in no case may that put them out of order.
            points=np.maximum.accumulate(points.T.astype(np.float32), axis=1),
            rows=(~np.isnan(matrix)).sum(axis=0),
            leans_left=np.nanmean((matrix - middle) ** 3, axis=0) < 0,
        )

    def score(self, matrix: "np.ndarray") -> "np.ndarray":
        """Return the largest of three sums: of left tails, of right ones, of those to which features lean."""
        import numpy as np

        left, right, leaning = (np.zeros(matrix.shape[0]) for _ in range(3))
        for feature, points in enumerate(self.points):
            column = matrix[:, feature]
            known = ~np.isnan(column)
            values, back = np.unique(column[known], return_inverse=True)
            least = 1.0 / (self.rows[feature] + 1)
            below = np.searchsorted(points, values, side="right") / POINTS
            above = 1.0 - np.searchsorted(points, values, side="left") / POINTS
            lower = -np.log(np.maximum(below, least))[back]
            upper = -np.log(np.maximum(above, least))[back]
            left[known] += lower
            right[known] += upper
            leaning[known] += lower if self.leans_left[feature] else upper
        largest: np.ndarray = np.maximum(np.maximum(left, right), leaning)
        return largest

    def arrays(self, prefix: str = "") -> "Mapping[str, np.ndarray]":
        """Return the distributions as arrays."""
        return {f"{prefix}{name}": getattr(self, name) for name in ("points", "rows", "leans_left")}

    @classmethod
    def load(cls, arrays: "Mapping[str, np.ndarray]", prefix: str = "", *, features: int) -> "Cumulative":
        """Return the distributions that `arrays` gave, of so many features; refuse what is none of these."""
        name = f"{prefix}points"
        points = ascending(taken(arrays, name, kind="f", shape=(features, POINTS)), name, strictly=False)
        rows = taken(arrays, f"{prefix}rows", kind="i", shape=(features,))
        leans_left = taken(arrays, f"{prefix}leans_left", kind="b", shape=(features,))
        if not (rows > 0).all():
            raise ModelError("the distributions of the model are of no rows")
        return cls(points=points, rows=rows, leans_left=leans_left)
