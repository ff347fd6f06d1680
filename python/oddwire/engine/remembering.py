"""What a model remembers of its training, so that it can learn on: rows in bounded room, and their use."""

from enum import IntEnum
from typing import TYPE_CHECKING

from oddwire.errors import ModelError
from oddwire.features.units.gather import MEMBERS, Member
from oddwire.records.unit import IDENTITY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import polars as pl

__all__ = ["MEMORY", "USE", "Use", "memories_of", "memory_parts", "newest"]

# How the parts of a model file that hold it begin; the name of the member follows.
MEMORY = "memory."
# The column of a remembered row that says what it was used for.
USE = "use"
# Rows a member: a third of them calibrate, as in training.
MOST_FITTED = 133_000
MOST_CALIBRATING = 67_000
ENDS = ("host", "peer")
HOUR_NS = 3_600 * 1_000_000_000


class Use(IntEnum):
    """What a row was used for."""

    # Ordinary, but there were more than may be learned at once: only told of in the reference.
    SEEN = 0
    FITTED = 1
    CALIBRATING = 2


def newest(tables: "Mapping[Member, pl.DataFrame]") -> "dict[Member, pl.DataFrame]":
    """Return as much of the newest rows of each member as is remembered, in the order of time.

    Calibration counts the alarms of all members together, so it begins at the same time for all of them.
    """
    import polars as pl

    made = {}
    is_held_back = pl.col(USE) == Use.CALIBRATING
    begin = _common_begin(
        [table.select("window", USE).filter(is_held_back)["window"] for table in tables.values()]
    )
    for member, table in tables.items():
        since = _begin(table.select("window", USE).filter(~is_held_back)["window"], MOST_FITTED)
        wanted = pl.col("window") >= pl.when(is_held_back).then(begin).otherwise(since)
        made[member] = table.filter(wanted).sort("window", maintain_order=True)
    return made


def _common_begin(windows: "Sequence[pl.Series]") -> int:
    """Return from when on calibrating rows are few enough: from a full hour on, if that leaves any."""
    begin = max((_begin(one, MOST_CALIBRATING) for one in windows), default=0)
    hour = begin + -begin % HOUR_NS
    return hour if any((one >= hour).any() for one in windows) else begin


def _begin(windows: "pl.Series", most: int) -> int:
    """Return from when on at most so many rows are there; rows of one time stay together."""
    return 0 if windows.len() <= most else int(windows.sort()[windows.len() - most - 1]) + 1


def memory_parts(tables: "Mapping[Member, pl.DataFrame]") -> "dict[str, dict[str, np.ndarray]]":
    """Return what is remembered as parts of a model file."""
    return {f"{MEMORY}{member.name}": _arrays(table) for member, table in tables.items()}


def _arrays(table: "pl.DataFrame") -> "dict[str, np.ndarray]":
    import numpy as np
    import polars as pl

    names = [name for name in table.columns if name not in {*IDENTITY, USE}]
    made: dict[str, np.ndarray] = {
        "names": np.array(names, dtype=np.str_),
        "features": table.select(pl.col(names).cast(pl.Float32).fill_null(float("nan"))).to_numpy(),
        USE: table[USE].to_numpy().astype(np.int8),
    }
    for name in IDENTITY:
        if name in ENDS and name in table.columns:
            each, place = np.unique(table[name].to_numpy().astype(np.str_), return_inverse=True)
            # Addresses once, then by number.
            made |= {f"{name}s": each, name: place.astype(np.int32)}
        elif name in table.columns:
            made[name] = table[name].to_numpy()
    return made


def memories_of(kept: "Mapping[str, Mapping[str, np.ndarray]]") -> "dict[Member, pl.DataFrame]":
    """Return what a model remembers, by member; arrays that do not fit together are refused."""
    made = {}
    for part, arrays in sorted(kept.items()):
        member = MEMBERS.get(part.removeprefix(MEMORY)) if part.startswith(MEMORY) else None
        if member is None:
            continue
        try:
            made[member] = _table(arrays)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ModelError(
                f"what the model remembers of {member.name} does not fit together: {error}",
                hint="train it anew",
            ) from None
    return made


def _table(arrays: "Mapping[str, np.ndarray]") -> "pl.DataFrame":
    import numpy as np
    import polars as pl

    features, names = arrays["features"], arrays["names"].tolist()
    rows = features.shape[0]
    if features.ndim != 2 or features.dtype != np.float32 or features.shape[1] != len(set(names)):  # noqa: PLR2004
        raise ValueError("its features are no table")
    columns: dict[str, pl.Series] = {}
    for name in IDENTITY:
        if name in arrays:
            values = _checked(arrays[name], rows, name)
            if name in ENDS:
                called = arrays[f"{name}s"]
                if rows and not 0 <= int(values.min()) <= int(values.max()) < called.size:
                    raise ValueError(f"'{name}' names nobody")
                values = called[values]
            columns[name] = pl.Series(name, values.tolist() if name in ENDS else values)
    if not {"window", "host"} <= columns.keys():
        raise ValueError("it does not say whose and when")
    for at, name in enumerate(names):
        columns[name] = pl.Series(name, features[:, at], nan_to_null=True)
    columns[USE] = pl.Series(USE, _checked(arrays[USE], rows, USE))
    if not columns[USE].is_in(list(Use)).all():
        raise ValueError(f"there is another '{USE}'")
    return pl.DataFrame(columns)


def _checked(array: "np.ndarray", rows: int, name: str) -> "np.ndarray":
    if array.shape != (rows,) or array.dtype.kind not in "iu":
        raise ValueError(f"'{name}' has another shape")
    return array
