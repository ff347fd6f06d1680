"""Rows judged beside their own kind: a host by its own past, a pair by its host's and by its port's."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.learning.grids import Grids, grids_of, upper_tails
from oddwire.learning.saved_arrays import ascending, taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import polars as pl

__all__ = ["Context", "context_of"]

# So many groups are known by themselves, the ones with most rows; the others by what all do.
MOST_GROUPS = 2_000
LEAST_ROWS = 30
# A group's own past counts as much as this many rows of everybody's.
SHRINK = 200.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What is usual in each group of rows that share a column such as `host`; the empty name is everybody."""

    column: str
    keys: "np.ndarray"
    grids: Grids

    def places(self, table: "pl.DataFrame") -> "np.ndarray":
        """Return the group of each row; -1 where the group is not known."""
        import numpy as np

        if not self.column:
            return np.zeros(table.height, dtype=np.int64)
        keys = _keys(table, self.column)
        if not self.keys.size:
            return np.full(table.height, -1, dtype=np.int64)
        place = np.searchsorted(self.keys, keys).clip(max=self.keys.size - 1)
        return np.where(self.keys[place] == keys, place, -1)

    def surprise(self, matrix: "np.ndarray", places: "np.ndarray", everybody: "np.ndarray") -> "np.ndarray":
        """Return how far out each value lies in its own group, pulled towards what it is among everybody."""
        import numpy as np

        told = everybody.copy()
        order = np.argsort(places, kind="stable")
        bounds = np.searchsorted(places[order], np.arange(self.grids.rows.shape[0] + 1))
        for group in np.unique(places[places >= 0]):
            rows = order[bounds[group] : bounds[group + 1]]
            for feature in range(matrix.shape[1]):
                known = int(self.grids.rows[group, feature])
                own = upper_tails(matrix[rows, feature], self.grids.values[group, feature], known)
                weight = known / (known + SHRINK)
                told[rows, feature] = weight * own + (1.0 - weight) * everybody[rows, feature]
        return told

    def arrays(self) -> "Mapping[str, np.ndarray]":
        """Return it as arrays of a model's part."""
        name = self.column or "all"
        return {f"{name}_keys": self.keys, **self.grids.arrays(name)}

    @classmethod
    def of(cls, arrays: "Mapping[str, np.ndarray]", column: str, *, features: int) -> "Context":
        """Return what `arrays` gave, for so many features; refuse what is no context of these."""
        name = f"{column or 'all'}_keys"
        keys = ascending(taken(arrays, name, kind="u", shape=(None if column else 0,)), name, strictly=True)
        groups = int(keys.size) if column else 1
        return cls(
            column=column,
            keys=keys,
            grids=Grids.of(arrays, column or "all", groups=groups, features=features),
        )


def context_of(table: "pl.DataFrame", matrix: "np.ndarray", column: str) -> Context:
    """Learn what is usual in each group of a column, of which the largest are kept."""
    import numpy as np

    if not column:
        none = np.zeros(0, dtype=np.uint64)
        return Context(column="", keys=none, grids=grids_of(matrix, np.zeros(table.height, np.int64), 1))
    keys = _keys(table, column)
    each, count = np.unique(keys, return_counts=True)
    large = np.lexsort((each, -count))[:MOST_GROUPS]
    kept = np.sort(each[large[count[large] >= LEAST_ROWS]])
    made = Context(column=column, keys=kept, grids=grids_of(matrix[:0], np.zeros(0, np.int64), 0))
    places = made.places(table)
    known = places >= 0
    return Context(column=column, keys=kept, grids=grids_of(matrix[known], places[known], kept.size))


def _keys(table: "pl.DataFrame", column: str) -> "np.ndarray":
    """Return a number for each row's group: of names a hash that is the same in every run."""
    import numpy as np
    import polars as pl

    values = table[column]
    if values.dtype.is_numeric():
        numbers: np.ndarray = values.to_numpy().astype(np.uint64)
        return numbers
    each = values.unique()
    hashes = pl.Series([_hash(one) for one in each.to_list()], dtype=pl.UInt64)
    found: np.ndarray = values.replace_strict(each, hashes).to_numpy()
    return found


def _hash(text: str) -> int:
    from hashlib import blake2b

    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
