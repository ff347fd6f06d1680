"""Tables of units as matrices: feature columns in a fixed order, sizes and counts by their logarithm."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from oddwire.errors import UsageError
from oddwire.records.unit import IDENTITY, Scale

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["feature_names", "matrix_of"]


def feature_names(table: "pl.DataFrame") -> list[str]:
    """Return the columns of a table that are features: numbers, known in at least one row."""
    return [
        name
        for name in table.columns
        if name not in IDENTITY and table[name].dtype.is_numeric() and table[name].null_count() < table.height
    ]


def matrix_of(
    table: "pl.DataFrame", names: Sequence[str], scales: Mapping[str, Scale] | None = None
) -> "np.ndarray":
    """Return the features as Float32, a row a unit, NaN where unknown; what has no scale is a size."""
    import numpy as np
    import polars as pl

    if lacking := [name for name in names if name not in table.columns]:
        raise UsageError(f"the table has no column '{lacking[0]}', which the model was trained on")
    logged = [(scales or {}).get(name, Scale.LOG) is Scale.LOG for name in names]
    columns = [
        pl.col(name).cast(pl.Float64).clip(0.0).log1p() if is_log else pl.col(name).cast(pl.Float64)
        for name, is_log in zip(names, logged, strict=True)
    ]
    made = table.select(*columns).fill_nan(None)
    matrix = np.empty((table.height, len(names)), dtype=np.float32)
    for place, name in enumerate(names):
        matrix[:, place] = made[name].cast(pl.Float32).to_numpy()
    return matrix
