"""Whether later days differ from training days: one observation a day, compared with its own kind of day.

Every figure of a day is taken less the mean of training days of its kind (working days, days off). What is
left of training days says how far ordinary days differ, and a mean of later days is judged by that. Few
training days know their own spread badly, so the spread of a figure is drawn towards that of its fellows, as
if they added `BORROWED` days (the moderated t statistic of Smyth, 2004).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from oddwire.learning.days import is_off

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.int64]

__all__ = ["Tested", "comparable", "holm", "means", "psi_of_days", "spans", "two_sided"]

BORROWED = 8.0
# Fewer figures than this are no fellows to learn a spread from.
LEAST_FELLOWS = 3
# Days of one week resemble each other: a mean of many days is never better known than twenty of them tell.
WEEK_SHARE = 0.05
LEAST_DAYS = 2
LOO_DAYS = 3
# Added to each share of a population stability index, that an empty bin is no infinite distance.
EMPTY = 1e-3


@dataclass(frozen=True, kw_only=True, slots=True)
class Tested:
    """What a test of several figures says of each; `first` is the later day from which on it holds."""

    p_value: "Floats"
    # The mean of the days that differ most, less what is ordinary.
    effect: "Floats"
    first: "Ints"


def comparable(trained: "Ints", later: "Ints") -> "NDArray[np.bool_]":
    """Say which later days have training days of their kind."""
    import numpy as np

    known = [np.count_nonzero(is_off(trained) == off) >= LEAST_DAYS for off in (False, True)]
    return np.where(is_off(later), known[1], known[0])


def spans(days: int) -> list[int]:
    """Return how many of the last days are looked at together: all, half, a quarter."""
    return sorted({days, -(-days // 2), -(-days // 4)}, reverse=True)


def two_sided(t: "Floats", free: "float | Floats") -> "Floats":
    """Return how often chance alone gives a t statistic so far from zero."""
    import numpy as np
    from scipy.special import stdtr  # type: ignore[import-untyped]  # it has no types of its own

    return np.asarray(2.0 * stdtr(free, -np.abs(t)), dtype=np.float64)


def means(
    days: "Ints", trained: "Floats", later_days: "Ints", later: "Floats", *, floor: float, rise: bool = False
) -> Tested:
    """Compare the last days of `later` (day, figure) with training days; `rise` asks only for more."""
    import numpy as np

    rest, residue, off = _rest(days, trained, later_days, later)
    free = max(len(days) - len(np.unique(is_off(days))), 1)
    own = (residue**2).sum(axis=0) / free
    told = own[own > 0]
    borrowed = BORROWED if len(told) >= LEAST_FELLOWS else 0.0
    fellows = float(np.median(told)) if borrowed else 0.0
    spread = np.sqrt((free * own + borrowed * fellows) / (free + borrowed)).clip(floor)
    best = Tested(
        p_value=np.ones(later.shape[1]),
        effect=rest.mean(axis=0),
        first=np.zeros(later.shape[1], dtype=np.int64),
    )
    lengths = spans(len(later_days))
    counts = [max(np.count_nonzero(is_off(days) == kind), 1) for kind in (False, True)]
    for length in lengths:
        mean = rest[-length:].mean(axis=0)
        part = off[-length:].mean()
        error = 1 / length + WEEK_SHARE + (1 - part) ** 2 / counts[0] + part**2 / counts[1]
        t = mean / (spread * np.sqrt(error))
        p = two_sided(t, free + borrowed) * len(lengths)
        if rise:
            p = np.where(t > 0, p / 2, 1.0)
        better = p < best.p_value
        best = Tested(
            p_value=np.where(better, p, best.p_value).clip(0, 1),
            effect=np.where(better, mean, best.effect),
            first=best.first,
        )
    return Tested(p_value=best.p_value, effect=best.effect, first=_first(rest))


def _rest(
    days: "Ints", trained: "Floats", later_days: "Ints", later: "Floats"
) -> "tuple[Floats, Floats, NDArray[np.bool_]]":
    """Return later and training days less the mean of their kind, and which later days are off."""
    import numpy as np

    off, trained_off = is_off(later_days), is_off(days)
    rest, residue = np.zeros_like(later), np.zeros_like(trained)
    for kind in (False, True):
        mine, usual = off == kind, trained_off == kind
        if usual.any():
            mean = np.nan_to_num(np.nanmean(trained[usual], axis=0)) if len(trained) else 0.0
            rest[mine] = later[mine] - mean
            residue[usual] = trained[usual] - mean
    return np.nan_to_num(rest), np.nan_to_num(residue), off


def _first(rest: "Floats") -> "Ints":
    """Return from which day on the rest differs most: the largest sum by the root of its length."""
    import numpy as np

    tails = np.cumsum(rest[::-1], axis=0)[::-1]
    lengths = np.arange(len(rest), 0, -1)[:, None]
    return np.asarray(np.argmax(np.abs(tails) / np.sqrt(lengths), axis=0), dtype=np.int64)


def psi_of_days(
    days: "Ints", trained: "Floats", later_days: "Ints", later: "Floats"
) -> "tuple[Floats, Floats]":
    """Return the population stability index of training days, each against the others, and of later days.

    Shares are (day, feature, bin); a day is compared with days of its own kind.
    """
    import numpy as np

    off, later_off = is_off(days), is_off(later_days)
    own, others = np.zeros(trained.shape[:2]), np.zeros(later.shape[:2])
    for kind in (False, True):
        mine, theirs = off == kind, later_off == kind
        many = int(mine.sum())
        if not many:
            continue
        total = trained[mine].sum(axis=0)
        mean = np.broadcast_to(total / many, trained[mine].shape)
        without = (total - trained[mine]) / (many - 1) if many >= LOO_DAYS else mean
        own[mine] = _psi(trained[mine], without)
        others[theirs] = _psi(later[theirs], np.broadcast_to(total / many, later[theirs].shape))
    return own, others


def _psi(new: "Floats", old: "Floats") -> "Floats":
    import numpy as np

    p, q = ((one + EMPTY) / (one + EMPTY).sum(axis=-1, keepdims=True) for one in (new, old))
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1))


def holm(p_values: "Floats") -> "Floats":
    """Return p-values such that the chance of any false one is kept, however they depend on each other."""
    import numpy as np

    flat = p_values.ravel()
    order = np.argsort(flat, kind="stable")
    raised = flat[order] * np.arange(len(flat), 0, -1)
    made = np.empty(len(flat))
    made[order] = np.maximum.accumulate(raised).clip(0, 1)
    return made.reshape(p_values.shape)
