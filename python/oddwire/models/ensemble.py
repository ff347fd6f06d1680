"""The ensemble: each value beside the host's own past, its port's, and everybody's; the oddest few count."""

from typing import TYPE_CHECKING

from oddwire.base.model import Model, Saved
from oddwire.learning.contexts import Context, context_of, contexts_in
from oddwire.learning.matrices import feature_names, matrix_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["Ensemble"]

# How many of a row's oddest features make its score, and how little the rest count.
OUTSTANDING = 3
REST = 0.1


class Ensemble(Model):
    """Scores a row by how far out its features lie in their contexts, the few oddest of them counting most."""

    type = "ensemble"
    about = "each host beside its own past, each port beside its own, and everybody together; the default"

    def fit(self, table: "pl.DataFrame") -> None:
        """Learn what is usual in each context."""
        import numpy as np

        self.names = feature_names(table)
        matrix = matrix_of(table, self.names, self.scales)
        self.contexts = [context_of(table, matrix, column) for column in ("", *contexts_in(table))]
        # Features whose tails are met together, such as packets and bytes, count once: by their typical sum.
        surprise = self.surprise(table)
        self.weights = 1.0 / np.maximum(surprise.mean(axis=0), 0.05)
        self.weights /= self.weights.mean()

    def surprise(self, table: "pl.DataFrame") -> "np.ndarray":
        """Return how odd each value is, in powers of ten, a row a unit and a column a feature."""
        matrix = matrix_of(table, self.names, self.scales)
        everybody, *own = self.contexts
        total = everybody.surprise(matrix, everybody.places(table), matrix * 0.0)
        told = total
        for context in own:
            told = context.surprise(matrix, context.places(table), told)
        mixed: np.ndarray = 0.75 * told + 0.25 * total
        return mixed

    def score(self, table: "pl.DataFrame") -> "pl.Series":
        """Return the sum of the few largest surprises, and a little of the rest."""
        import numpy as np
        import polars as pl

        surprise = self.surprise(table)
        most = min(OUTSTANDING, surprise.shape[1])
        top = np.partition(surprise, -most, axis=1)[:, -most:].sum(axis=1) if most else np.zeros(table.height)
        total = (1.0 - REST) * top + REST * surprise.sum(axis=1)
        return pl.Series("score", total, dtype=pl.Float64)

    def save(self) -> Saved:
        """Return the contexts."""
        arrays = {name: array for context in self.contexts for name, array in context.arrays().items()}
        values = {"features": self.names, "contexts": [context.column for context in self.contexts]}
        return Saved(values=values, arrays=arrays)

    def load(self, saved: Saved) -> None:
        """Take the contexts."""
        self.names = list(saved.values["features"])
        self.contexts = [Context.of(saved.arrays, column) for column in saved.values["contexts"]]
