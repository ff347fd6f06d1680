"""The boxplot: how far outside its box the farthest feature lies. Every model is compared with it."""

from typing import TYPE_CHECKING

from oddwire.base.model import Model, Saved
from oddwire.learning.matrices import learned_names, matrix_of, trainable_names
from oddwire.learning.saved_arrays import names_in, taken

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["Boxplot"]

# In logarithms: a box of less than this is none, and a factor of 1.28 is not a whole box out.
LEAST_BOX = 0.25


class Boxplot(Model):
    """Scores a row by its farthest feature: the distance beyond the box of quartiles, in boxes."""

    type = "boxplot"
    about = "distance of the farthest feature from its box of quartiles; the plainest baseline"
    # Known once it has learned something.
    names: list[str] | None = None

    def fit(self, table: "pl.DataFrame") -> None:
        """Learn the quartiles of each feature."""
        import numpy as np

        self.names = trainable_names(table)
        matrix = matrix_of(table, self.names, self.scales)
        self.low, self.high = (np.nanquantile(matrix, share, axis=0) for share in (0.25, 0.75))

    def score(self, table: "pl.DataFrame") -> "pl.Series":
        """Return the distance of the farthest feature, in boxes; 0 inside all boxes."""
        import polars as pl

        matrix = matrix_of(table, self.names, self.scales)
        return pl.Series("score", self._distances(matrix).max(axis=1, initial=0.0), dtype=pl.Float64)

    def _distances(self, matrix: "np.ndarray") -> "np.ndarray":
        import numpy as np

        box = np.maximum(self.high - self.low, LEAST_BOX)
        out: np.ndarray = np.nan_to_num(np.maximum(matrix - self.high, self.low - matrix) / box, nan=0.0)
        return out

    def save(self) -> Saved:
        """Return the boxes."""
        return Saved(
            values={"features": learned_names(self.names)}, arrays={"low": self.low, "high": self.high}
        )

    def load(self, saved: Saved) -> None:
        """Take the boxes."""
        names = names_in(saved.values)
        self.low, self.high = (
            taken(saved.arrays, name, kind="f", shape=(len(names),)) for name in ("low", "high")
        )
        self.names = names
