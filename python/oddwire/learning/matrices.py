"""Tables of units as matrices: feature columns in a fixed order, sizes and counts by their logarithm."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from oddwire.errors import UsageError
from oddwire.records.unit import IDENTITY, Scale

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["feature_names", "learned_names", "matrix_of", "trainable_names"]

# Larger figures are not told apart: what a float32 can hold, and its cube too.
FAR = 1e12


def feature_names(table: "pl.DataFrame") -> list[str]:
    """Return the columns of a table that are features: numbers, known in at least one row."""
    return [
        name
        for name in table.columns
        if name not in IDENTITY and table[name].dtype.is_numeric() and _is_known(table[name])
    ]


def trainable_names(table: "pl.DataFrame") -> list[str]:
    """Return the features of a table to learn from; refuse one without a row or feature."""
    names = feature_names(table)
    if not names:
        raise UsageError("nothing to learn from", hint="give a table with rows and features")
    return names


def learned_names(names: Sequence[str] | None) -> list[str]:
    """Return the features that a model learned, if it has learned anything."""
    if names is None:
        raise UsageError("the model has learned nothing yet", hint="fit it or load it first")
    return list(names)


def matrix_of(
    table: "pl.DataFrame", names: Sequence[str] | None, scales: Mapping[str, Scale] | None = None
) -> "np.ndarray":
    """Return the features as Float32, a row a unit, NaN where unknown; what has no scale is a size."""
    import numpy as np
    import polars as pl

    names = learned_names(names)
    if lacking := [name for name in names if name not in table.columns]:
        raise UsageError(f"the table has no column '{lacking[0]}', which the model was trained on")
    if wrong := [name for name in names if not _can_be_known(table[name].dtype)]:
        raise UsageError(f"the column '{wrong[0]}' of the table is no number")
    logged = [(scales or {}).get(name, Scale.LOG) is Scale.LOG for name in names]
    columns = [
        _known(name).clip(0.0, FAR).log1p() if is_log else _known(name).clip(-FAR, FAR)
        for name, is_log in zip(names, logged, strict=True)
    ]
    made = table.select(*columns)
    matrix = np.empty((table.height, len(names)), dtype=np.float32)
    for place, name in enumerate(names):
        matrix[:, place] = made[name].cast(pl.Float32).to_numpy()
    return matrix


def _known(name: str) -> "pl.Expr":
    """Return a figure as Float64; what is not finite is not known."""
    import polars as pl

    value = pl.col(name).cast(pl.Float64)
    return pl.when(value.is_finite()).then(value).alias(name)


def _is_known(column: "pl.Series") -> bool:
    return bool(column.is_finite().any())


def _can_be_known(dtype: "pl.DataType") -> bool:
    import polars as pl

    return dtype.is_numeric() or dtype in {pl.Boolean, pl.Null}
