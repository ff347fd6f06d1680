"""A place or service that nobody used before, and that is used again and again now.

Ordinary traffic goes to new places every day, so new ones alone are no news. What is compared is how much of
all rows goes to the one new place that is used most: in training, for every week of it, to a place that no
other week has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from oddwire.learning.novelty import MOST_KNOWN, numbers_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]

__all__ = ["Newcomer", "Places", "newcomers_of", "place_columns", "places_of"]

WEEK = 7
# On so many days at least, so many times the most of training, and so much of all rows.
LEAST_DAYS, TIMES, LEAST_SHARE = 3, 3.0, 0.002


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Places that were there, as sorted numbers, and the largest share of a week's rows to one of its own."""

    values: "NDArray[np.uint64]"
    largest: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Newcomer:
    """A new place: what it is called, its share of rows, on how many days, and since when."""

    name: str
    share: float
    days: int
    first_day: int


def place_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Return what tells a place: its key, which outlives a change of address, else host and port."""
    for wanted in (("place_port",), ("peer", "protocol", "port")):
        if set(wanted) <= set(columns):
            return wanted
    return ()


def places_of(table: "pl.DataFrame", day: "Ints", days: "Ints") -> Places:
    """Return the places of training rows."""
    import numpy as np

    columns = place_columns(table.columns)
    counted = _counted(table, day, columns)
    length = max(min(WEEK, len(days) // 2), 1)
    largest = 0.0
    for start in range(len(days) - length + 1):
        block = days[start : start + length]
        inside = counted.filter(np.isin(counted["_day"].to_numpy(), block))
        own = inside.join(counted.filter(~np.isin(counted["_day"].to_numpy(), block)), on=columns, how="anti")
        most = own.group_by(columns).agg(_days=_day_count(), _rows=_row_sum()).filter(_often())["_rows"].max()
        largest = max(largest, float(most or 0) / max(int(inside["len"].sum()), 1))  # type: ignore[arg-type]  # a number
    total = counted.group_by(columns).agg(_rows=_row_sum())
    kept = total.sort("_rows", *columns, descending=True).head(MOST_KNOWN).select(columns)
    return Places(values=np.unique(numbers_of(kept)), largest=largest)


def newcomers_of(table: "pl.DataFrame", day: "Ints", days: "Ints", known: Places) -> list[Newcomer]:
    """Return the new places of some days that are used more than any of training was, the most used first."""
    import numpy as np
    import polars as pl

    columns = place_columns(table.columns)
    inside = np.isin(day, days)
    table, day = table.filter(inside), day[inside]
    counted = _counted(table, day, columns)
    named = [name for name in ("peer", "port") if name in table.columns]
    names = table.group_by(columns).agg(pl.col(named).sort().first().name.prefix("_name_"))
    told = counted.group_by(columns).agg(_days=_day_count(), _rows=_row_sum(), _first=pl.col("_day").min())
    new = told.filter(
        _often() & ~pl.Series(np.isin(numbers_of(told.select(columns)), known.values), dtype=pl.Boolean)
    )
    least = max(TIMES * known.largest, LEAST_SHARE) * max(table.height, 1)
    odd = new.filter(pl.col("_rows") >= least).join(names, on=columns, nulls_equal=True)
    return [
        Newcomer(
            name=" ".join(str(row[f"_name_{name}"]) for name in named),
            share=row["_rows"] / table.height,
            days=row["_days"],
            first_day=row["_first"],
        )
        for row in odd.sort("_rows", *columns, descending=True).iter_rows(named=True)
    ]


def _counted(table: "pl.DataFrame", day: "Ints", columns: Sequence[str]) -> "pl.DataFrame":
    """Return the rows of each place and day."""
    return table.select(columns).with_columns(_day=day).group_by([*columns, "_day"]).len()


def _day_count() -> "pl.Expr":
    import polars as pl

    return pl.col("_day").n_unique()


def _row_sum() -> "pl.Expr":
    import polars as pl

    return pl.col("len").sum()


def _often() -> "pl.Expr":
    import polars as pl

    return pl.col("_days") >= LEAST_DAYS
