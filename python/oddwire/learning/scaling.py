"""Features as a matrix of comparable numbers: learned once from the training table, kept inside the model.

The middle of a feature is its median, its spread the range between the quartiles made comparable with a
standard deviation: a few hosts that send a thousand times as much as the others do not move either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oddwire.errors import ModelError, UsageError
from oddwire.records.unit import IDENTITY, Scale

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["Scaling", "feature_names"]

# So many standard deviations lie between the quartiles of a normal distribution.
QUARTILES = 1.3489795003921634
# Further from the middle than so many spreads is not told apart; what a float32 can hold exactly enough.
FAR = 1e6
# How many features a model may have; a file that names more is no model.
MAX_FEATURES = 100_000


def feature_names(table: "pl.DataFrame") -> list[str]:
    """Return the columns of a table of units that are features, in the order of the table."""
    return [name for name in table.columns if name not in IDENTITY]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scaling:
    """Middle and spread of each feature, and which of them were missing now and then."""

    names: tuple[str, ...]
    log: "np.ndarray"
    middle: "np.ndarray"
    spread: "np.ndarray"
    # Features that were missing in training get a column of their own that says so.
    gaps: "np.ndarray"

    @classmethod
    def fit(cls, table: "pl.DataFrame", *, scales: Mapping[str, Scale] | None = None) -> "Scaling":
        """Learn from a table of units; `scales` says which features are counts and sizes."""
        import numpy as np

        names = feature_names(table)
        if not names or not table.height:
            raise UsageError("nothing to learn from", hint="give a table with rows and features")
        log = np.array([(scales or {}).get(name) is Scale.LOG for name in names])
        learned = np.zeros((3, len(names)))
        for at, name in enumerate(names):
            learned[:, at] = _learned(_laid_out(table, name, log=bool(log[at])))
        return cls(
            names=tuple(names),
            log=log,
            middle=learned[0],
            spread=learned[1],
            gaps=learned[2].astype(np.bool_),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Return what the columns of the matrix are: the features, then what says that one was missing."""
        missing = (f"missing:{name}" for name, gap in zip(self.names, self.gaps, strict=True) if gap)
        return (*self.names, *missing)

    def matrix(self, table: "pl.DataFrame") -> "np.ndarray":
        """Return the rows of a table as float32; a missing value is the median, and said to be missing."""
        import numpy as np

        self._check(table)
        made = np.empty((table.height, len(self.columns)), dtype=np.float32)
        marker = len(self.names)
        for at, name in enumerate(self.names):
            values = _laid_out(table, name, log=bool(self.log[at]))
            missing = np.isnan(values)
            values -= self.middle[at]
            values /= self.spread[at]
            values[missing] = 0.0
            made[:, at] = np.clip(values, -FAR, FAR)
            if self.gaps[at]:
                made[:, marker] = missing
                marker += 1
        return made

    def save(self) -> "dict[str, np.ndarray]":
        """Return everything learned, as arrays."""
        import numpy as np

        return {
            "scaling.names": np.array(self.names),
            "scaling.log": self.log,
            "scaling.middle": self.middle,
            "scaling.spread": self.spread,
            "scaling.gaps": self.gaps,
        }

    @classmethod
    def load(cls, arrays: "Mapping[str, np.ndarray]") -> "Scaling":
        """Take what was saved, once it is known to be what `save` writes."""
        import numpy as np

        taken = [_taken(arrays, f"scaling.{part}", kind) for part, kind in KINDS.items()]
        names, log, middle, spread, gaps = taken
        whole = 0 < len(names) <= MAX_FEATURES and all(len(one) == len(names) for one in taken)
        if (
            not whole
            or not np.isfinite(middle).all()
            or not (spread > 0).all()
            or not np.isfinite(spread).all()
        ):
            raise ModelError("the scaling of the model is damaged")
        called: Sequence[str] = names.tolist()
        if len(set(called)) != len(called):
            raise ModelError("the model has two features of one name")
        return cls(names=tuple(called), log=log, middle=middle, spread=spread, gaps=gaps)

    def _check(self, table: "pl.DataFrame") -> None:
        lacking = [name for name in self.names if name not in table.columns]
        if lacking:
            told = ", ".join(lacking[:5]) + (", ..." if len(lacking) > 5 else "")  # noqa: PLR2004  # a few
            raise UsageError(f"the table lacks features of the model: {told}", hint="make it as for training")


# The arrays of a scaling, in the order of its fields, with their kinds of value.
KINDS = {"names": "U", "log": "b", "middle": "f", "spread": "f", "gaps": "b"}


def _taken(arrays: "Mapping[str, np.ndarray]", name: str, kind: str) -> Any:  # noqa: ANN401  # of any kind
    found = arrays.get(name)
    if found is None or found.ndim != 1 or found.dtype.kind != kind:
        raise ModelError(f"the model has no good array {name!r}")
    return found


def _laid_out(table: "pl.DataFrame", name: str, *, log: bool) -> "np.ndarray":
    """Return a column as float64 of its own, NaN where it is unknown."""
    import numpy as np
    import polars as pl

    column = table.get_column(name)
    if not (column.dtype.is_numeric() or column.dtype in {pl.Boolean, pl.Null}):
        raise UsageError(f"{column.dtype} is no number", where=name, hint="a feature is a number or unknown")
    values = np.array(column.cast(pl.Float64).to_numpy(), dtype=np.float64)
    values[np.isinf(values)] = np.nan
    # Differences and balances can be negative; their sign stays.
    return np.copysign(np.log1p(np.abs(values)), values) if log else values


def _learned(values: "np.ndarray") -> tuple[float, float, bool]:
    """Return middle, spread and whether something was missing."""
    import numpy as np

    known = values[~np.isnan(values)]
    if not known.size:
        return 0.0, 1.0, True
    low, lower, middle, upper, high = np.quantile(known, [0.05, 0.25, 0.5, 0.75, 0.95])
    # Where most hosts have one value, the quartiles are one: then the wider range, then the widest.
    ranges = ((upper - lower) / QUARTILES, (high - low) / 3.29, (known.max() - known.min()) / 6.0)
    spread = next((float(width) for width in ranges if width > 0 and np.isfinite(width)), 1.0)
    return float(middle), spread, known.size < values.size
