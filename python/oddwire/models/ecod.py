"""ECOD: how far out each feature lies in its own distribution, tail by tail, summed."""

from typing import TYPE_CHECKING

from oddwire.base.model import Model, Saved
from oddwire.learning.cumulative import Cumulative
from oddwire.learning.matrices import learned_names, matrix_of, trainable_names
from oddwire.learning.saved_arrays import names_in

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Ecod"]


class Ecod(Model):
    """Outlier detection by empirical cumulative distributions (Li et al., 2022), those of training."""

    type = "ecod"
    about = "how far out in its own distribution each feature lies, summed over the tails"
    # Known once it has learned something.
    names: list[str] | None = None

    def fit(self, table: "pl.DataFrame") -> None:
        """Learn what is usual of each feature."""
        names = trainable_names(table)
        self.learned = Cumulative.of(matrix_of(table, names, self.scales))
        self.names = names

    def score(self, table: "pl.DataFrame") -> "pl.Series":
        """Return how odd each row is; an unknown value adds nothing."""
        import polars as pl

        matrix = matrix_of(table, self.names, self.scales)
        return pl.Series("score", self.learned.score(matrix), dtype=pl.Float64)

    def save(self) -> Saved:
        """Return everything learned."""
        return Saved(values={"features": learned_names(self.names)}, arrays=self.learned.arrays())

    def load(self, saved: Saved) -> None:
        """Take what was saved, and nothing else."""
        names = names_in(saved.values)
        self.learned = Cumulative.load(saved.arrays, features=len(names))
        self.names = names
