"""What training rows were like, in bounded room: quantiles a feature and host, and how ordinary days differ.

A model keeps this as its part "reference". Later rows are compared with it (`oddwire.learning.drift`), and an
update of the model is held against it (`oddwire.learning.updating`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeAlias

from oddwire.errors import ModelError
from oddwire.learning.days import BINS, LEAST_ROWS, Figures, Rows, features_of, figures, is_off
from oddwire.learning.newcomers import Places, place_columns, places_of
from oddwire.learning.novelty import KNOWN, Known, known_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Small: TypeAlias = NDArray[np.float32]
    Ints: TypeAlias = NDArray[np.int64]
    Array: TypeAlias = NDArray[np.generic]

__all__ = [
    "GRID",
    "HOST_GRID",
    "LEAST_TRAINED",
    "MOST_HOSTS",
    "Reference",
    "activity",
    "reference_of",
    "whole_days",
]

GRID = 64
HOST_GRID = 32
MOST_HOSTS = 1_000
# What is no array by itself.
LATER = ("known", "places")
# Of longer training the latest days are kept: a year and a day.
MOST_DAYS = 366
# A host that was there on fewer of the days is no measure for later ones.
MOSTLY = 0.5
# From so many days on a mean of days is one.
LEAST_DAYS = 2
# Fewer whole days do not tell how ordinary days differ.
LEAST_TRAINED = 5
# An hour belongs to a kind of day when half of those days have it; a day is whole with nine tenths of them.
USUAL, WHOLE = 0.5, 0.9


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """What training rows were like. First axes are days or hosts, then come features."""

    features: tuple[str, ...]
    rows: int
    # Of all rows: quantiles, and which share was unknown or zero.
    grid: "Small"
    missing: "Floats"
    zero: "Floats"
    hosts: tuple[str, ...]
    host_rows: "Ints"
    host_grid: "Small"
    host_missing: "Small"
    host_zero: "Small"
    # Whole days, with which hours they have (a bit each), and what they said.
    days: "Ints"
    hours: "Ints"
    day_shift: "Floats"
    day_shares: "Floats"
    day_missing: "Floats"
    day_active: "Floats"
    # Of each host: on how many whole days it was there, what its days said (working days, days off; not a
    # number where they were too few), and how far they spread.
    host_days: "Ints"
    host_shift: "Small"
    host_spread: "Small"
    known: Mapping[str, Known]
    # Where places are told: those that were there.
    places: Places | None = None

    def arrays(self) -> "dict[str, Array]":
        """Return everything as arrays, to be kept in a model."""
        import numpy as np

        made: dict[str, Array] = {}
        for one in fields(self):
            if one.name not in LATER:
                made[one.name] = np.asarray(getattr(self, one.name))
        for name, known in self.known.items():
            made |= {f"known_{name}": known.values, f"novel_{name}": known.novel}
        if self.places is not None:
            made |= {"places": self.places.values, "places_largest": np.asarray([self.places.largest])}
        made["rows"] = np.asarray([self.rows])
        # Texts without any would become numbers.
        for name in ("features", "hosts"):
            made[name] = made[name].astype(np.str_)
        return made

    @classmethod
    def load(cls, arrays: "Mapping[str, Array]") -> "Reference":
        """Return what `arrays` gave; what does not fit together is refused."""
        wanted = {one.name for one in fields(cls) if one.name not in LATER}
        if missing := sorted(wanted - set(arrays)):
            raise ModelError(f"this reference has no '{missing[0]}'", hint="train the model anew")
        plain: dict[str, Any] = {name: arrays[name] for name in wanted - {"features", "hosts", "rows"}}
        try:
            made = cls(
                **plain,
                features=tuple(map(str, arrays["features"].tolist())),
                hosts=tuple(map(str, arrays["hosts"].tolist())),
                rows=int(arrays["rows"].item()),
                known={
                    name: Known(
                        values=arrays[f"known_{name}"].astype("uint64"),
                        novel=arrays[f"novel_{name}"].astype("float64"),
                    )
                    for name in KNOWN
                    if f"known_{name}" in arrays
                },
                places=Places(
                    values=arrays["places"].astype("uint64"), largest=float(arrays["places_largest"].item())
                )
                if "places" in arrays
                else None,
            )
            _check(made)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"this reference does not fit together: {error}") from None
        return made


def reference_of(table: "pl.DataFrame", features: Sequence[str] | None = None) -> Reference:
    """Return what the rows of a table of units are like."""
    import numpy as np

    names = tuple(features_of(table) if features is None else features)
    days, hours = whole_days(Rows.of(table, ()))
    days, hours = days[-MOST_DAYS:], hours[-MOST_DAYS:]
    hosts, there = _hosts(table, days)
    rows = Rows.of(table, hosts)
    grid, missing, zero = _summary(rows, names, [slice(0, rows.table.height)], GRID)
    ends = np.searchsorted(rows.host, np.arange(len(hosts) + 1))
    pieces = [slice(ends[at], ends[at + 1]) for at in range(len(hosts))]
    host_grid, host_missing, host_zero = _summary(rows, names, pieces, HOST_GRID)
    seen = figures(rows, names, host_grid, days)
    middle, spread = _by_host(seen)
    return Reference(
        features=names,
        rows=table.height,
        grid=grid[0],
        missing=missing[0].astype(np.float64),
        zero=zero[0].astype(np.float64),
        hosts=tuple(hosts),
        host_rows=np.diff(ends).astype(np.int64),
        host_grid=host_grid,
        host_missing=host_missing,
        host_zero=host_zero,
        days=days,
        hours=hours,
        day_shift=seen.shift,
        day_shares=seen.shares,
        day_missing=seen.missing,
        day_active=activity(seen.host_rows),
        host_days=there,
        host_shift=middle,
        host_spread=spread,
        known={
            name: known_of(rows.table.select(columns), rows.day, days)
            for name, columns in KNOWN.items()
            if set(columns) <= set(rows.table.columns)
        },
        places=places_of(rows.table, rows.day, days) if place_columns(rows.table.columns) else None,
    )


def whole_days(rows: Rows, days: "Ints | None" = None, hours: "Ints | None" = None) -> "tuple[Ints, Ints]":
    """Return the days that were seen as a whole, with their hours.

    What whole means the table's own days say, or others that are given: an hour counts where half of the
    working days (or the days off) have it.
    """
    import numpy as np

    own = np.unique(rows.day).astype(np.int64)
    seen = rows.hours(own)
    days, hours = (own, seen) if days is None or hours is None else (days, hours)
    bits = np.left_shift(1, np.arange(24))
    kept = np.zeros(len(own), dtype=bool)
    for off in (False, True):
        those = hours[is_off(days) == off]
        mine = is_off(own) == off
        if not len(those):
            continue
        usual = ((those[:, None] & bits) != 0).mean(axis=0) >= USUAL
        have = ((seen[:, None] & bits) != 0)[:, usual].sum(axis=1)
        kept |= mine & (have >= WHOLE * usual.sum())
    return own[kept], seen[kept]


def _hosts(table: "pl.DataFrame", days: "Ints") -> "tuple[list[str], Ints]":
    """Return the hosts that are there on most days, most rows first cut, by name; and on how many days."""
    import numpy as np

    rows = Rows.of(table, ())
    counted = (
        rows.table.select("host")
        .with_columns(_day=rows.day)
        .drop_nulls("host")
        .group_by("host", "_day")
        .len()
        .sort("host", "_day")
    )
    names, at = np.unique(counted["host"].to_numpy(), return_inverse=True)
    many, day = counted["len"].to_numpy().astype(np.int64), counted["_day"].to_numpy()
    total = np.bincount(at, weights=many, minlength=len(names))
    there = np.bincount(at[np.isin(day, days) & (many >= LEAST_ROWS)], minlength=len(names))
    wanted = np.flatnonzero(there >= max(MOSTLY * len(days), 1)) if len(days) else np.arange(len(names))
    kept = np.sort(wanted[np.argsort(-total[wanted], kind="stable")][:MOST_HOSTS])
    return [str(one) for one in names[kept]], there[kept].astype(np.int64)


def _summary(
    rows: Rows, features: Sequence[str], pieces: "Sequence[slice]", points: int
) -> "tuple[Small, Small, Small]":
    """Return for each piece and feature the quantiles, and the shares of what is unknown and of zeros."""
    import numpy as np

    grid = np.zeros((len(pieces), len(features), points), dtype=np.float32)
    missing, zero = (np.zeros((len(pieces), len(features)), dtype=np.float32) for _ in range(2))
    steps = (np.arange(points) + 0.5) / points
    for number, name in enumerate(features):
        column = rows.column(name)
        for at, piece in enumerate(pieces):
            values = column[piece]
            known = np.sort(values[~np.isnan(values)])
            missing[at, number] = 1 - len(known) / max(len(values), 1)
            zero[at, number] = np.count_nonzero(known == 0) / max(len(values), 1)
            if len(known):
                # Values themselves, never means of two: equal values must stay equal.
                grid[at, number] = known[(steps * len(known)).astype(np.int64)]
    return grid, missing, zero


def activity(host_rows: "Ints") -> "Floats":
    """Return the logarithm of the rows that the known hosts have on each day."""
    import numpy as np

    return np.asarray(np.log(np.maximum(host_rows.sum(axis=0), 1)), dtype=np.float64)


def _by_host(seen: Figures) -> "tuple[Small, Small]":
    """Return for each host and feature the mean of its working days and of its others, and their spread."""
    import numpy as np

    there = ~np.isnan(seen.host_shift)
    values = np.where(there, seen.host_shift, 0.0).astype(np.float64)
    off = is_off(seen.days)
    middle = np.full((2, len(values), values.shape[2]), np.nan)
    squares, free = np.zeros(middle.shape[1:]), np.zeros(middle.shape[1:])
    for kind in (0, 1):
        mine = off == bool(kind)
        many = there[:, mine].sum(axis=1)
        mean = values[:, mine].sum(axis=1) / np.maximum(many, 1)
        middle[kind] = np.where(many >= LEAST_DAYS, mean, np.nan)
        rest = np.where(there[:, mine], values[:, mine] - mean[:, None], 0.0)
        squares += (rest**2).sum(axis=1)
        free += np.maximum(many - 1, 0)
    return middle.astype(np.float32), np.sqrt(squares / np.maximum(free, 1)).astype(np.float32)


def _check(made: Reference) -> None:
    """Refuse arrays whose lengths do not agree, and numbers that are none."""
    import numpy as np

    hosts, features, days = len(made.hosts), len(made.features), len(made.days)
    shapes = {
        "grid": (features, GRID),
        "missing": (features,),
        "zero": (features,),
        "host_rows": (hosts,),
        "host_grid": (hosts, features, HOST_GRID),
        "host_missing": (hosts, features),
        "host_zero": (hosts, features),
        "hours": (days,),
        "day_shift": (days, features),
        "day_shares": (days, features, BINS),
        "day_missing": (days, features),
        "day_active": (days,),
        "host_days": (hosts,),
        "host_shift": (2, hosts, features),
        "host_spread": (hosts, features),
    }
    for name, shape in shapes.items():
        if getattr(made, name).shape != shape:
            raise ValueError(f"'{name}' has another shape")
    for name in ("grid", "host_grid"):
        if np.any(np.diff(getattr(made, name), axis=-1) < 0) or np.isnan(getattr(made, name)).any():
            raise ValueError(f"'{name}' is not in order")
    if any(len(one.novel) != days for one in made.known.values()):
        raise ValueError("what was new has other days")
