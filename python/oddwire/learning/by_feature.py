"""Models that learn each feature by itself, and differ only in what they learn of it."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Protocol

from oddwire.base.model import Model, Saved
from oddwire.learning.matrices import learned_names, matrix_of, trainable_names
from oddwire.learning.saved_arrays import names_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import polars as pl

__all__ = ["ByFeature"]


class _Learned(Protocol):
    def score(self, matrix: "np.ndarray") -> "np.ndarray": ...
    def arrays(self, prefix: str = "") -> "Mapping[str, np.ndarray]": ...


class ByFeature(Model):
    """Scores rows by what was learned of each feature; subclasses say what that is."""

    # Known once it has learned something.
    names: list[str] | None = None
    learned: _Learned

    @abstractmethod
    def learn(self, matrix: "np.ndarray") -> _Learned:
        """Return what the columns of training teach."""

    @abstractmethod
    def learned_of(self, arrays: "Mapping[str, np.ndarray]", features: int) -> _Learned:
        """Return what was learned, from its arrays."""

    def fit(self, table: "pl.DataFrame") -> None:
        """Learn what is usual of each feature."""
        names = trainable_names(table)
        self.learned = self.learn(matrix_of(table, names, self.scales))
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
        self.learned = self.learned_of(saved.arrays, len(names))
        self.names = names
