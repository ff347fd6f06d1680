"""When a row was and whose it is: only to divide rows by, never to learn from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oddwire.errors import UsageError
from oddwire.learning.classification.left_out import as_numbers, normalised

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["hosts_of", "times_of"]

TIMES = (
    "start",
    "time",
    "timestamp",
    "ts",
    "start_time",
    "stime",
    "first_seen",
    "flow_start_milliseconds",
    "window",
)
HOSTS = ("src_ip", "srcip", "source_ip", "saddr", "ipv4_src_addr", "id_orig_h", "src_mac", "host", "src_host")
NOT_SAID = "(none)"


def times_of(table: "pl.DataFrame", said: str | None) -> "np.ndarray":
    """Return when each row was, as numbers that grow with time."""
    import polars as pl

    column = _column(table, said, TIMES, "when a row was", "--time-column")
    numbers = _moments(column)
    if numbers is None or numbers.null_count() or not numbers.cast(pl.Float64).is_finite().all():
        raise UsageError(
            f"column '{column.name}' does not say of every row when it was",
            hint="write times as seconds since 1970 or as 2024-03-10T09:30:00",
        )
    return numbers.to_numpy()


def hosts_of(table: "pl.DataFrame", said: str | None) -> "np.ndarray":
    """Return whose each row is; rows of nobody are one host's."""
    import polars as pl

    column = _column(table, said, HOSTS, "whose a row is", "--host-column")
    return column.cast(pl.String).fill_null(NOT_SAID).to_numpy().astype(str)


def _column(
    table: "pl.DataFrame", said: str | None, usual: Sequence[str], what: str, option: str
) -> "pl.Series":
    """Return the column that was named, or the first that is usually called so."""
    if said is not None:
        if said not in table.columns:
            raise UsageError(f"no column named '{said}'", hint=f"check {option}")
        return table[said]
    names = {normalised(name): name for name in reversed(table.columns)}
    found = next((names[one] for one in usual if one in names), None)
    if found is None:
        raise UsageError(f"no column says {what}", hint=f"name it with {option}")
    return table[found]


def _moments(column: "pl.Series") -> "pl.Series | None":
    """Return times as numbers, or None where they cannot be read."""
    import polars as pl

    if column.dtype.is_temporal():
        return column.to_physical()
    if column.dtype.is_numeric():
        return column
    if column.dtype != pl.String:
        return None
    numbers = as_numbers(column)
    if numbers is not None:
        return numbers
    try:
        return column.str.to_datetime(time_unit="ns", strict=False).to_physical()
    except pl.exceptions.PolarsError:
        return None
