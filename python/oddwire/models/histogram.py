"""The histogram: how rare each value is among those of training, feature by feature; fast and plain."""

from typing import TYPE_CHECKING

from oddwire.base.model import Model, Saved
from oddwire.learning.matrices import feature_names, matrix_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["Histogram"]

BINS = 64
# Beyond the outermost bins a value grows odder by this many powers of ten a bin, up to a few.
STEP, MOST_BEYOND = 0.1, 3.0


class Histogram(Model):
    """Scores a row by the sum over its features of the logarithm of how rare their bin is."""

    type = "histogram"
    about = "how rare each value's bin is, summed over features; fits and scores in a blink"

    def fit(self, table: "pl.DataFrame") -> None:
        """Learn how often each bin is met; the outermost hundredth of a percent shapes no bin."""
        import numpy as np

        self.names = feature_names(table)
        matrix = matrix_of(table, self.names, self.scales)
        self.low = np.nanquantile(matrix, 0.0001, axis=0).astype(np.float64)
        high = np.nanquantile(matrix, 0.9999, axis=0).astype(np.float64)
        self.width = np.where(high > self.low, (high - self.low) / BINS, 1.0)
        self.rarity = np.zeros((len(self.names), BINS))
        for feature in range(len(self.names)):
            column = matrix[:, feature]
            place = self._places(column[~np.isnan(column)], feature).clip(0, BINS - 1)
            count = np.bincount(place, minlength=BINS) + 1.0
            # The commonest bin is no surprise at all, so that features with many values do not outweigh.
            self.rarity[feature] = np.log10(count.max() / count)

    def score(self, table: "pl.DataFrame") -> "pl.Series":
        """Return the sum of rarities; an unknown value is no surprise."""
        import numpy as np
        import polars as pl

        matrix = matrix_of(table, self.names, self.scales)
        total = np.zeros(table.height)
        for feature in range(len(self.names)):
            column = matrix[:, feature]
            known = ~np.isnan(column)
            place = self._places(column[known], feature)
            inside = place.clip(0, BINS - 1)
            beyond = np.minimum(np.abs(place - inside) * STEP, MOST_BEYOND)
            total[known] += self.rarity[feature][inside] + beyond
        return pl.Series("score", total, dtype=pl.Float64)

    def _places(self, column: "np.ndarray", feature: int) -> "np.ndarray":
        import numpy as np

        place = np.floor((column - self.low[feature]) / self.width[feature])
        places: np.ndarray = place.clip(-10 * BINS, 11 * BINS).astype(np.int64)
        return places

    def save(self) -> Saved:
        """Return the bins."""
        arrays = {"low": self.low, "width": self.width, "rarity": self.rarity}
        return Saved(values={"features": self.names}, arrays=arrays)

    def load(self, saved: Saved) -> None:
        """Take the bins."""
        self.names = list(saved.values["features"])
        self.low, self.width, self.rarity = (saved.arrays[name] for name in ("low", "width", "rarity"))
