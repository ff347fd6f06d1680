"""How unlike the rows of each class a row is, column by column, whatever the trees ask.

Trees see only what tells the known classes apart, and are sure of a row of a new kind as well. So for
each class the spread of every column is kept as a few quantiles; a row is odd for a class by how far out
its values lie, summed over the columns as in ECOD (Li and others, 2022), but for each class apart.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Oddness"]

QUANTILES = 33


@dataclass(frozen=True, kw_only=True, slots=True)
class Oddness:
    """The quantiles of each column, class by class: an array of classes, columns and quantiles."""

    quantiles: "np.ndarray"

    @classmethod
    def learned(cls, matrix: "np.ndarray", places: "np.ndarray", classes: int) -> "Oddness":
        """Learn from the rows of each class; every class has at least one."""
        import numpy as np

        steps = np.linspace(0, 1, QUANTILES)
        spread = [
            np.quantile(matrix[places == at], steps, axis=0, method="nearest").T for at in range(classes)
        ]
        return cls(quantiles=np.ascontiguousarray(np.stack(spread), dtype=np.float32))

    def scores(self, matrix: "np.ndarray") -> "np.ndarray":
        """Return how odd each row would be in each class; higher is odder."""
        import numpy as np

        classes, columns, count = self.quantiles.shape
        scores = np.zeros((len(matrix), classes))
        for column in range(columns):
            values = np.ascontiguousarray(matrix[:, column])
            for at in range(classes):
                known = self.quantiles[at, column]
                below = np.searchsorted(known, values, side="right")
                above = count - np.searchsorted(known, values, side="left")
                share = np.minimum(1.0, 2 * np.minimum(below, above) / count)
                scores[:, at] -= np.log((share * count + 1) / (count + 1))
        return scores
