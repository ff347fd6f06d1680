"""Days of a table of units: what each day says of each feature, measured on what its hosts usually do.

Rows of one day depend on each other, so a day counts as one observation. A value is measured by its rank
among the earlier values of the same host: 0.5 is its median. That compares any feature with any other,
whatever its unit, and no day moves because other hosts than usual were there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from oddwire.errors import UsageError
from oddwire.records.unit import IDENTITY

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Small: TypeAlias = NDArray[np.float32]
    Ints: TypeAlias = NDArray[np.int64]

__all__ = ["BINS", "LEAST_ROWS", "Figures", "Rows", "features_of", "figures", "is_off", "ranks"]

NS = 1_000_000_000
DAY_NS = 86_400 * NS
HOUR_NS = 3_600 * NS
HOURS = 24
# Ranks are counted in so many equal bins: deciles, as the population stability index has them.
BINS = 10
# A host with fewer rows on a day says nothing about that day.
LEAST_ROWS = 5
# 1970-01-01 was a Thursday; Saturday and Sunday are days off.
THURSDAY, SATURDAY, WEEK = 3, 5, 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """A table's rows in the order of hosts and days, and what the columns of identity say of them."""

    table: "pl.DataFrame"
    # Of each row: the day since the epoch, and the number of its host; -1 is a host that is not asked for.
    day: "Ints"
    host: "Ints"
    time_ns: "Ints"

    @classmethod
    def of(cls, table: "pl.DataFrame", hosts: Sequence[str]) -> "Rows":
        """Return the rows of a table with the numbers of these hosts."""
        import numpy as np
        import polars as pl

        for name in ("window", "host"):
            if name not in table.columns:
                raise UsageError(f"a table of units has a column '{name}', and this one has none")
        book = pl.DataFrame({"host": list(hosts), "_host": range(len(hosts))}, schema=_book())
        window = pl.col("window")
        time = window.dt.timestamp("ns") if table.schema["window"].is_temporal() else window.cast(pl.Int64)
        ordered = (
            table.with_columns(time.alias("_time"), pl.col("host").cast(pl.String))
            .join(book, on="host", how="left", maintain_order="left")
            .with_columns(pl.col("_host").fill_null(-1))
            .sort("_host", "_time", maintain_order=True)
        )
        time_ns = ordered["_time"].to_numpy().astype(np.int64)
        return cls(
            table=ordered.drop("_time", "_host"),
            day=time_ns // DAY_NS,
            host=ordered["_host"].to_numpy().astype(np.int64),
            time_ns=time_ns,
        )

    def column(self, name: str) -> "Small":
        """Return the values of a feature; what is unknown is not a number."""
        import numpy as np
        import polars as pl

        values = self.table[name].cast(pl.Float32).fill_null(float("nan")).to_numpy()
        return np.where(np.isinf(values), np.nan, values).astype(np.float32)

    def hours(self, days: "Ints") -> "Ints":
        """Return for each day which hours were seen, a bit each."""
        import numpy as np

        seen = np.zeros(len(days), dtype=np.int64)
        at = np.searchsorted(days, self.day)
        inside = (at < len(days)) & (days[np.minimum(at, len(days) - 1)] == self.day)
        hour = (self.time_ns % DAY_NS) // HOUR_NS
        np.bitwise_or.at(seen, at[inside], np.left_shift(1, hour[inside]))
        return seen


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What days say: by host, day and feature the mean rank less 0.5; by day and feature the rest."""

    days: "Ints"
    # Nothing (not a number) where a host had too few rows.
    host_shift: "Small"
    host_rows: "Ints"
    shift: "Floats"
    shares: "Floats"
    missing: "Floats"


def _book() -> "pl.Schema":
    import polars as pl

    return pl.Schema({"host": pl.String, "_host": pl.Int64})


def features_of(table: "pl.DataFrame") -> tuple[str, ...]:
    """Return the features of a table of units: its numbers, without what says whose row it is."""
    return tuple(
        name
        for name, kind in table.schema.items()
        if name not in IDENTITY and (kind.is_numeric() or str(kind) == "Boolean")
    )


def is_off(days: "Ints") -> "NDArray[np.bool_]":
    """Say which days are a Saturday or a Sunday."""
    return (days + THURSDAY) % WEEK >= SATURDAY


def ranks(values: "Small", grid: "Small") -> "Floats":
    """Return where values lie among a grid of quantiles, 0 to 1; equal values share the middle of theirs."""
    import numpy as np

    below, above = np.searchsorted(grid, values, side="left"), np.searchsorted(grid, values, side="right")
    return (below + above) / (2.0 * len(grid))


def figures(rows: Rows, features: Sequence[str], grids: "Small", days: "Ints") -> Figures:
    """Return what some days say of hosts by their own grids (host, feature, quantile)."""
    import numpy as np

    hosts, count = len(grids), len(days)
    at = np.searchsorted(days, rows.day)
    judged = (at < count) & (days[np.minimum(at, count - 1)] == rows.day) if count else rows.day < 0
    kept = np.flatnonzero(judged & (rows.host >= 0))
    cell = rows.host[kept] * count + at[kept]
    host_rows = np.bincount(cell, minlength=hosts * count).reshape(hosts, count)
    shift = np.full((hosts, count, len(features)), np.nan, dtype=np.float32)
    shares = np.zeros((count, len(features), BINS))
    missing = np.zeros((count, len(features)))
    # Rows are in the order of hosts, so a host's rows are one piece.
    ends = np.searchsorted(rows.host[kept], np.arange(hosts + 1))
    for number, name in enumerate(features):
        values = rows.column(name)[kept]
        rank = np.full(len(kept), np.nan)
        for host in range(hosts):
            piece = slice(ends[host], ends[host + 1])
            rank[piece] = ranks(values[piece], grids[host, number])
        known = ~np.isnan(values)
        many = np.bincount(cell[known], minlength=hosts * count)
        total = np.bincount(cell[known], weights=rank[known], minlength=hosts * count)
        mean = np.where(many >= LEAST_ROWS, total / np.maximum(many, 1) - 0.5, np.nan)
        shift[:, :, number] = mean.reshape(hosts, count)
        day = cell % max(count, 1)
        slot = np.minimum((rank[known] * BINS).astype(np.int64), BINS - 1)
        counted = np.bincount(day[known] * BINS + slot, minlength=count * BINS).reshape(count, BINS)
        shares[:, number] = counted / np.maximum(counted.sum(axis=1, keepdims=True), 1)
        missing[:, number] = np.bincount(day[~known], minlength=count) / np.maximum(host_rows.sum(axis=0), 1)
    return Figures(
        days=days,
        host_shift=shift,
        host_rows=host_rows,
        shift=_mean(shift),
        shares=shares,
        missing=missing,
    )


def _mean(shift: "Small") -> "Floats":
    """Return the mean over the hosts of a day, each with the same weight."""
    import numpy as np

    there = ~np.isnan(shift)
    total = np.where(there, shift, 0.0).sum(axis=0, dtype=np.float64)
    many = there.sum(axis=0)
    return np.where(many > 0, total / np.maximum(many, 1), np.nan)
