"""Why a row is odd: each feature put back to what is usual, and the row scored again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from oddwire.learning.contexts import Context
from oddwire.learning.grids import LEVELS
from oddwire.records.evidence import Reason
from oddwire.records.unit import Scale

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["Usual", "reasons_of"]

LOW, MIDDLE, HIGH = LEVELS.index(0.05), LEVELS.index(0.5), LEVELS.index(0.95)
MOST_REASONS = 5
LEAST_WEIGHT = 0.05
# No logarithm of a figure of traffic is larger; beyond it there is no number.
MOST_LOG = 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Usual:
    """Between what each feature of each row usually lies, and its middle: by the host's own past if known."""

    low: "np.ndarray"
    middle: "np.ndarray"
    high: "np.ndarray"

    @classmethod
    def of(
        cls,
        table: "pl.DataFrame",
        names: Sequence[str],
        scales: Mapping[str, Scale],
        *,
        own: Context,
        everybody: Context,
    ) -> "Usual":
        """Return what is usual for the rows of a table, in the features' own measure."""
        import numpy as np

        all_grid = everybody.grids.values[0]
        places = own.places(table)
        grids = np.where(
            (places >= 0)[:, None, None], own.grids.values[places] if own.keys.size else all_grid, all_grid
        )
        grids = np.where(np.isnan(grids), all_grid, grids).astype(np.float64)
        for place, name in enumerate(names):
            if scales.get(name, Scale.LOG) is Scale.LOG:
                grids[:, place] = np.expm1(np.minimum(grids[:, place], MOST_LOG))
        return cls(low=grids[:, :, LOW], middle=grids[:, :, MIDDLE], high=grids[:, :, HIGH])


def reasons_of(
    table: "pl.DataFrame", names: Sequence[str], usual: Usual, score: "Callable[[pl.DataFrame], np.ndarray]"
) -> list[tuple[Reason, ...]]:
    """Return for each row the features that made it odd, the weightiest first.

    A feature's weight is how much of the score goes when it alone is put back to its middle, as a share of
    what goes with all of them one by one; a feature without which the row is as odd as before is no reason.
    """
    import numpy as np
    import polars as pl

    if table.is_empty():
        return []
    versions = [table]
    for place, name in enumerate(names):
        back = pl.Series(name, usual.middle[:, place]).fill_nan(None).cast(table[name].dtype)
        versions.append(table.with_columns(back))
    scores = score(pl.concat(versions)).reshape(len(names) + 1, table.height)
    lost = np.maximum(scores[0] - scores[1:], 0.0)
    share = lost / np.maximum(lost.sum(axis=0), 1e-12)
    values = np.column_stack([table[name].cast(pl.Float64).to_numpy() for name in names])
    return [_told(names, values[row], usual, row, share[:, row]) for row in range(table.height)]


def _told(
    names: Sequence[str], values: "np.ndarray", usual: Usual, row: int, share: "np.ndarray"
) -> tuple[Reason, ...]:
    import numpy as np

    order = np.argsort(-share, kind="stable")[:MOST_REASONS]
    return tuple(
        Reason(
            feature=names[place],
            value=_digits(values[place]),
            typical=(_digits(usual.low[row, place]), _digits(usual.high[row, place])),
            weight=_thousandths(float(share[place])),
        )
        for place in order
        if share[place] >= LEAST_WEIGHT and not np.isnan(values[place])
    )


def _digits(value: float) -> float:
    """Return a figure with the six digits that are worth printing."""
    return float(f"{float(value):.6g}") if value == value else 0.0  # noqa: PLR0124  # not a number is itself


def _thousandths(share: float) -> float:
    """Return a share cut to three digits: rounded up, five of them could be more than all."""
    return floor(share * 1_000 + 1e-6) / 1_000
