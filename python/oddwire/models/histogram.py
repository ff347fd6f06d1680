"""The histogram: how rare each value is among those of training, feature by feature; fast and plain."""

from typing import TYPE_CHECKING

from oddwire.base.model import Model, Saved
from oddwire.learning.density import Density
from oddwire.learning.matrices import learned_names, matrix_of, trainable_names
from oddwire.learning.saved_arrays import names_in

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Histogram"]


class Histogram(Model):
    """Scores a row by the sum over its features of the logarithm of how rare their bin is."""

    type = "histogram"
    about = "how rare the bin of each value is, summed over features; fits and scores in a blink"
    # Known once it has learned something.
    names: list[str] | None = None

    def fit(self, table: "pl.DataFrame") -> None:
        """Learn what is usual of each feature."""
        names = trainable_names(table)
        self.learned = Density.of(matrix_of(table, names, self.scales))
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
        self.learned = Density.load(saved.arrays, features=len(names))
        self.names = names
