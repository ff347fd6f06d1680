"""How rare values are by the bins that training filled, feature by feature."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.errors import ModelError
from oddwire.learning.saved_arrays import taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = ["Density"]

BINS = 64
# Beyond the outermost bins a value grows odder by this many powers of ten a bin, up to a few.
STEP, MOST_BEYOND = 0.1, 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Density:
    """The bins of each feature: where they begin, how wide they are, and how rare each is."""

    low: "np.ndarray"
    width: "np.ndarray"
    rarity: "np.ndarray"

    @classmethod
    def of(cls, matrix: "np.ndarray") -> "Density":
        """Learn how often each bin is met; the outermost hundredth of a percent shapes no bin."""
        import numpy as np

        features = matrix.shape[1]
        low = np.nanquantile(matrix, 0.0001, axis=0).astype(np.float64)
        high = np.nanquantile(matrix, 0.9999, axis=0).astype(np.float64)
        made = cls(
            low=low,
            width=np.where(high > low, (high - low) / BINS, 1.0),
            rarity=np.zeros((features, BINS)),
        )
        for feature in range(features):
            column = matrix[:, feature]
            place = made.places(column[~np.isnan(column)], feature).clip(0, BINS - 1)
            count = np.bincount(place, minlength=BINS) + 1.0
            # The commonest bin is no surprise at all, so that features with many values do not outweigh.
            made.rarity[feature] = np.log10(count.max() / count)
        return made

    def score(self, matrix: "np.ndarray") -> "np.ndarray":
        """Return the sum of rarities of each row; an unknown value is no surprise."""
        import numpy as np

        total = np.zeros(matrix.shape[0])
        for feature in range(matrix.shape[1]):
            column = matrix[:, feature]
            known = ~np.isnan(column)
            place = self.places(column[known], feature)
            inside = place.clip(0, BINS - 1)
            total[known] += self.rarity[feature][inside] + np.minimum(
                np.abs(place - inside) * STEP, MOST_BEYOND
            )
        return total

    def places(self, column: "np.ndarray", feature: int) -> "np.ndarray":
        """Return the bin of each value, which may lie beyond the outermost ones."""
        import numpy as np

        place = np.floor((column - self.low[feature]) / self.width[feature])
        places: np.ndarray = place.clip(-10 * BINS, 11 * BINS).astype(np.int64)
        return places

    def arrays(self, prefix: str = "") -> "Mapping[str, np.ndarray]":
        """Return the bins as arrays."""
        return {f"{prefix}{name}": getattr(self, name) for name in ("low", "width", "rarity")}

    @classmethod
    def load(cls, arrays: "Mapping[str, np.ndarray]", prefix: str = "", *, features: int) -> "Density":
        """Return the bins that `arrays` gave, of so many features; refuse what are no bins of these."""
        low, width = (
            taken(arrays, f"{prefix}{name}", kind="f", shape=(features,)) for name in ("low", "width")
        )
        rarity = taken(arrays, f"{prefix}rarity", kind="f", shape=(features, BINS))
        if not (width > 0).all() or not (rarity >= 0).all():
            raise ModelError("the bins of the model are none")
        return cls(low=low, width=width, rarity=rarity)
