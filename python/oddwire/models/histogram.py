"""The histogram: how rare each value is among those of training, feature by feature; fast and plain."""

from typing import TYPE_CHECKING

from oddwire.learning.by_feature import ByFeature
from oddwire.learning.density import Density

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = ["Histogram"]


class Histogram(ByFeature):
    """Scores a row by the sum over its features of the logarithm of how rare their bin is."""

    type = "histogram"
    about = "how rare the bin of each value is, summed over features; fits and scores in a blink"

    def learn(self, matrix: "np.ndarray") -> Density:
        """Return what the columns of training teach."""
        return Density.of(matrix)

    def learned_of(self, arrays: "Mapping[str, np.ndarray]", features: int) -> Density:
        """Return what was learned, from its arrays."""
        return Density.load(arrays, features=features)
