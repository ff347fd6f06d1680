"""Trained trees as arrays, and what they say of rows: the one place that knows how classifiers are stored."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oddwire.errors import ModelError
from oddwire.learning.forests import Trees, arrays_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = ["StoredTrees"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTrees:
    """Arrays that say how likely each class is; they were checked when they were taken in."""

    arrays: "Mapping[str, np.ndarray]" = field(repr=False)
    trees: Trees = field(repr=False)

    @classmethod
    def of(cls, arrays: "Mapping[str, np.ndarray]") -> "StoredTrees":
        """Take arrays, wherever they come from; refuses those that are no trees."""
        return cls(arrays=arrays, trees=Trees.load(arrays))

    @classmethod
    def of_estimator(cls, estimator: Any) -> "StoredTrees":  # noqa: ANN401  # scikit-learn has no types
        """Take over what scikit-learn has trained."""
        return cls.of(arrays_of(estimator))

    @property
    def features(self) -> int:
        """How many columns a matrix must have."""
        return self.trees.forest.features

    def probabilities(self, matrix: "np.ndarray", classes: int, jobs: int = 1) -> "np.ndarray":
        """Return the chance of each of so many classes, row by row."""
        chances = self.trees.score(matrix, jobs=jobs)
        if chances.shape != (len(matrix), classes):
            raise ModelError(f"the trees of the model do not tell {classes} classes apart")
        return chances
