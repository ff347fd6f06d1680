"""ECOD: how far out each feature lies in its own distribution, tail by tail, summed."""

from typing import TYPE_CHECKING

from oddwire.base.model import Model, Saved
from oddwire.learning.matrices import feature_names, matrix_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Ecod"]

# So many quantiles stand for the whole distribution: finer is no more than noise.
POINTS = 2_001


class Ecod(Model):
    """Outlier detection by empirical cumulative distributions (Li et al., 2022), those of training.

    Of the sums of left tails, of right tails, and of the tail on the side of each feature's skew, the largest
    is the score.
    """

    type = "ecod"
    about = "how far out in its own distribution each feature lies, summed over the tails"

    def fit(self, table: "pl.DataFrame") -> None:
        """Learn the distribution of each feature, and to which side it leans."""
        import numpy as np

        self.names = feature_names(table)
        matrix = matrix_of(table, self.names, self.scales)
        self.points = np.nanquantile(matrix, np.linspace(0, 1, POINTS), axis=0).T.astype(np.float32)
        self.rows = (~np.isnan(matrix)).sum(axis=0)
        middle = np.nanmean(matrix, axis=0, dtype=np.float64)
        self.leans_left = np.nanmean((matrix - middle) ** 3, axis=0) < 0

    def score(self, table: "pl.DataFrame") -> "pl.Series":
        """Return the largest of the three sums; an unknown value adds nothing."""
        import numpy as np
        import polars as pl

        matrix = matrix_of(table, self.names, self.scales)
        left, right, leaning = (np.zeros(table.height) for _ in range(3))
        for feature, points in enumerate(self.points):
            column = matrix[:, feature]
            known = ~np.isnan(column)
            least = 1.0 / (self.rows[feature] + 1)
            below = np.searchsorted(points, column, side="right") / POINTS
            above = 1.0 - np.searchsorted(points, column, side="left") / POINTS
            lower = np.where(known, -np.log(np.maximum(below, least)), 0.0)
            upper = np.where(known, -np.log(np.maximum(above, least)), 0.0)
            left += lower
            right += upper
            leaning += lower if self.leans_left[feature] else upper
        return pl.Series("score", np.maximum(np.maximum(left, right), leaning), dtype=pl.Float64)

    def save(self) -> Saved:
        """Return the distributions."""
        arrays = {"points": self.points, "rows": self.rows, "leans_left": self.leans_left}
        return Saved(values={"features": self.names}, arrays=arrays)

    def load(self, saved: Saved) -> None:
        """Take the distributions."""
        self.names = list(saved.values["features"])
        self.points, self.rows = saved.arrays["points"], saved.arrays["rows"]
        self.leans_left = saved.arrays["leans_left"]
