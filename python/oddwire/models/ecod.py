"""ECOD: how far out each feature lies in its own distribution, tail by tail, summed."""

from typing import TYPE_CHECKING

from oddwire.base.model import Model, Saved
from oddwire.learning.cumulative import Cumulative
from oddwire.learning.matrices import feature_names, matrix_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Ecod"]


class Ecod(Model):
    """Outlier detection by empirical cumulative distributions (Li et al., 2022), those of training."""

    type = "ecod"
    about = "how far out in its own distribution each feature lies, summed over the tails"

    def fit(self, table: "pl.DataFrame") -> None:
        """Learn what is usual of each feature."""
        self.names = feature_names(table)
        self.learned = Cumulative.of(matrix_of(table, self.names, self.scales))

    def score(self, table: "pl.DataFrame") -> "pl.Series":
        """Return how odd each row is; an unknown value adds nothing."""
        import polars as pl

        return pl.Series(
            "score", self.learned.score(matrix_of(table, self.names, self.scales)), dtype=pl.Float64
        )

    def save(self) -> Saved:
        """Return everything learned."""
        return Saved(values={"features": self.names}, arrays=self.learned.arrays())

    def load(self, saved: Saved) -> None:
        """Take what was saved, and nothing else."""
        self.names = list(saved.values["features"])
        self.learned = Cumulative.load(saved.arrays)
