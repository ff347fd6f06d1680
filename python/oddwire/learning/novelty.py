"""What was never there before: hosts, services and peers, and how much of that is usual a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]

__all__ = ["KNOWN", "MOST_KNOWN", "Known", "known_of", "novel_shares", "novel_values", "numbers_of"]

# By the name of what may be new: the columns of identity that tell it.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "hosts": ("host",),
    "services": ("protocol", "port"),
    "peers": ("peer",),
}
# So many values are known of each; the rarest are dropped, and count as new in training as well.
MOST_KNOWN = 16_384


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Values that were there, as sorted numbers, and the share of each training day's rows that was new."""

    values: "NDArray[np.uint64]"
    novel: "NDArray[np.float64]"


def known_of(table: "pl.DataFrame", day: "Ints", days: "Ints") -> Known:
    """Return what is known after some days; a day's value is new to it when no other day has it."""
    import numpy as np
    import polars as pl

    columns = table.columns
    counted = table.with_columns(_day=day).group_by([*columns, "_day"]).len()
    totals = counted.group_by(columns).agg(_rows=pl.col("len").sum(), _days=pl.len())
    best = totals.sort([pl.col("_days").clip(upper_bound=2), "_rows", *columns], descending=True)
    kept = best.head(MOST_KNOWN).filter(pl.col("_days") > 1).select(columns)
    old = counted.join(kept, on=columns, how="semi", nulls_equal=True)
    values = np.unique(numbers_of(best.head(MOST_KNOWN).select(columns)))
    return Known(values=values, novel=1 - _rows(old, days) / np.maximum(_rows(counted, days), 1))


def novel_shares(table: "pl.DataFrame", day: "Ints", days: "Ints", known: Known) -> "NDArray[np.float64]":
    """Return which share of each day's rows has a value that is not known."""
    import numpy as np

    columns = table.columns
    counted = table.with_columns(_day=day).group_by([*columns, "_day"]).len()
    unique = counted.select(columns).unique(maintain_order=True)
    new = unique.filter(~np.isin(numbers_of(unique), known.values))
    strange = counted.join(new, on=columns, how="semi", nulls_equal=True)
    return _rows(strange, days) / np.maximum(_rows(counted, days), 1)


def novel_values(table: "pl.DataFrame", known: Known, most: int) -> list[str]:
    """Return the values that are not known, those of most rows first."""
    import numpy as np

    columns = table.columns
    counted = table.group_by(columns).len()
    new = counted.filter(~np.isin(numbers_of(counted.select(columns)), known.values))
    rows = new.sort(["len", *columns], descending=[True, *[False] * len(columns)]).head(most)
    return [" ".join(map(str, row)) for row in rows.select(columns).iter_rows()]


def _rows(counted: "pl.DataFrame", days: "Ints") -> "NDArray[np.float64]":
    """Return how many rows each day has."""
    import numpy as np

    at = np.searchsorted(days, counted["_day"].to_numpy())
    inside = np.isin(counted["_day"].to_numpy(), days)
    weights = counted["len"].to_numpy().astype(np.float64)
    return np.bincount(at[inside], weights=weights[inside], minlength=len(days)).astype(np.float64)


def numbers_of(table: "pl.DataFrame") -> "NDArray[np.uint64]":
    """Return a number for each row that is the same on every machine and in every version."""
    import numpy as np

    texts = (repr(row).encode() for row in table.iter_rows())
    numbers = [int.from_bytes(blake2b(text, digest_size=8).digest(), "big") for text in texts]
    return np.array(numbers, dtype=np.uint64)
