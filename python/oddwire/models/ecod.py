"""ECOD: how far out each feature lies in its own distribution, tail by tail, summed."""

from typing import TYPE_CHECKING

from oddwire.learning.by_feature import ByFeature
from oddwire.learning.cumulative import Cumulative

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = ["Ecod"]


class Ecod(ByFeature):
    """Outlier detection by empirical cumulative distributions (Li et al., 2022), those of training."""

    type = "ecod"
    about = "how far out in its own distribution each feature lies, summed over the tails"

    def learn(self, matrix: "np.ndarray") -> Cumulative:
        """Return what the columns of training teach."""
        return Cumulative.of(matrix)

    def learned_of(self, arrays: "Mapping[str, np.ndarray]", features: int) -> Cumulative:
        """Return what was learned, from its arrays."""
        return Cumulative.load(arrays, features=features)
