"""How far out a value lies among those of training: by quantile grids, feature by feature, group by group."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.errors import ModelError
from oddwire.learning.saved_arrays import ascending, taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = ["Grids", "grids_of", "upper_tails"]

# Places of the grid: dense where the tail is.
LEVELS = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 1.0)
# In the layout of matrices one is a factor of e, or a whole share: less than a quarter is no distance.
LEAST_SPREAD = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class Grids:
    """Quantiles of features: `values[g, f, q]` of group g, feature f, level q; `rows[g, f]` known values."""

    values: "np.ndarray"
    rows: "np.ndarray"

    def arrays(self, prefix: str) -> "Mapping[str, np.ndarray]":
        """Return them as arrays of a model's part."""
        return {f"{prefix}_values": self.values, f"{prefix}_rows": self.rows}

    @classmethod
    def of(cls, arrays: "Mapping[str, np.ndarray]", prefix: str, *, groups: int, features: int) -> "Grids":
        """Return what `arrays` gave, for so many groups and features; refuse what is no grid of these."""
        import numpy as np

        rows = taken(arrays, f"{prefix}_rows", kind="i", shape=(groups, features))
        name = f"{prefix}_values"
        shape = (groups, features, len(LEVELS))
        values = ascending(taken(arrays, name, kind="f", shape=shape, finite=False), name, strictly=False)
        # A feature that nobody knew has no quantiles, and only such a one.
        if (rows < 0).any() or not (np.isfinite(values) == (rows > 0)[:, :, None]).all():
            raise ModelError(f"the array '{name}' of the model holds what is no number")
        return cls(values=values, rows=rows)


def grids_of(matrix: "np.ndarray", groups: "np.ndarray", count: int) -> Grids:
    """Return the grids of each of `count` groups; a group without a known value has NaN."""
    import numpy as np

    features = matrix.shape[1]
    values = np.full((count, features, len(LEVELS)), np.nan, dtype=np.float32)
    rows = np.zeros((count, features), dtype=np.int64)
    order = np.argsort(groups, kind="stable")
    bounds = np.searchsorted(groups[order], np.arange(count + 1))
    for group in range(count):
        mine = matrix[order[bounds[group] : bounds[group + 1]]]
        for feature in range(features):
            column = mine[:, feature]
            known = column[~np.isnan(column)]
            rows[group, feature] = known.size
            if known.size:
                values[group, feature] = np.quantile(known, LEVELS, method="higher")
    return Grids(values=values, rows=rows)


def upper_tails(column: "np.ndarray", grid: "np.ndarray", rows: int) -> "np.ndarray":
    """Return -log10 of the share of training that was at least as large; unknown values are ordinary (0).

    Beyond the largest value of training it goes on as an exponential tail of the grid's own spread.
    """
    import numpy as np

    if rows == 0:
        return np.zeros(column.shape)
    levels = np.asarray(LEVELS)
    share = 1.0 - levels
    floor = 1.0 / (rows + 1.0)
    surprise = -np.log10(np.maximum(share, floor))
    # Equal quantiles: a value that is common is as ordinary as its commonest level.
    each, first = np.unique(grid, return_index=True)
    told = np.interp(column, each, surprise[first])
    top = float(grid[-1])
    spread = max(float(grid[-1] - grid[5]) / max(-np.log(floor), 1.0), LEAST_SPREAD)
    beyond = np.maximum(column - top, 0.0) / spread / np.log(10.0)
    return np.where(np.isnan(column), 0.0, np.where(column > top, -np.log10(floor), told) + beyond)
