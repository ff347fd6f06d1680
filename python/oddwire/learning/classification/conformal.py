"""Which classes a row may be of: every class whose held-out rows were no better recognised, and perhaps none.

For each class apart, the surprise at its held-out rows is kept. A class stays in a row's set unless the row
would be more surprising than all but a share alpha of them. So a row of a known class has it in its set
with a chance of at least 1 - alpha, whatever the model is worth: a poor one has large sets. A row whose set
is empty is like no class: it is "unknown".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oddwire.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Conformal", "Coverage", "checked_alpha", "coverage_of"]

# Surprises kept of a class: more would not sharpen a p-value that matters.
MOST_KEPT = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How often sets held the truth, and how large they were."""

    alpha: float
    rows: int
    covered: float
    by_class: Mapping[str, float]
    one: float
    several: float
    unknown: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Conformal:
    """Surprises at rows kept back, class by class, in ascending order.

    There are two kinds: that the trees doubt the class, and, where known, how odd the row is in the class.
    """

    surprises: "tuple[np.ndarray, ...]" = field(default=())
    oddness: "tuple[np.ndarray, ...]" = field(default=())

    @classmethod
    def learned(
        cls, truth: "np.ndarray", chances: "np.ndarray", oddness: "np.ndarray | None" = None
    ) -> "Conformal":
        """Learn from rows kept back; `truth` is the place of each row's class."""
        return cls(
            surprises=_by_class(truth, 1 - chances),
            oddness=() if oddness is None else _by_class(truth, oddness),
        )

    def p_values(self, chances: "np.ndarray") -> "np.ndarray":
        """Return for each row and class in how much of the class the trees were no surer."""
        return _p_values(self.surprises, 1 - chances)

    def sets(self, chances: "np.ndarray", alpha: float, oddness: "np.ndarray | None" = None) -> "np.ndarray":
        """Return for each row which classes it may be of.

        The smaller of two p-values, doubled, is a p-value; it is used where a class has rows enough for it.
        """
        import numpy as np

        p_values = self.p_values(chances)
        if oddness is not None and self.oddness:
            both = np.minimum(1, 2 * np.minimum(p_values, _p_values(self.oddness, oddness)))
            enough = np.array([2 / (len(known) + 1) <= alpha for known in self.oddness])
            p_values = np.where(enough, both, p_values)
        return np.asarray(p_values > alpha)

    def never_left_out(self, classes: Sequence[str], alpha: float) -> dict[str, int]:
        """Return classes with too few rows kept back to be ruled out at all, and how many they have."""
        pairs = zip(classes, self.surprises, strict=True)
        return {label: len(known) for label, known in pairs if 1 / (len(known) + 1) > alpha}


def coverage_of(sets: "np.ndarray", truth: "np.ndarray", classes: Sequence[str], alpha: float) -> Coverage:
    """Return how sets do on rows that were neither learned from nor kept back.

    Rows of classes that the model has never seen have a place beyond the last one.
    """
    import numpy as np

    known = truth < len(classes)
    within = np.zeros(len(truth), dtype=bool)
    within[known] = sets[np.flatnonzero(known), truth[known]]
    sizes = sets.sum(axis=1)
    by_class = {
        label: float(within[truth == at].mean()) for at, label in enumerate(classes) if (truth == at).any()
    }
    return Coverage(
        alpha=alpha,
        rows=int(known.sum()),
        covered=float(within[known].mean()) if known.any() else 0.0,
        by_class=by_class,
        one=float((sizes == 1).mean()),
        several=float((sizes > 1).mean()),
        unknown=float((sizes == 0).mean()),
    )


def _by_class(truth: "np.ndarray", scores: "np.ndarray") -> "tuple[np.ndarray, ...]":
    """Return the scores of each class's own rows, sorted, evenly thinned out where there are many."""
    import numpy as np

    kept = []
    for at in range(scores.shape[1]):
        score = np.sort(scores[truth == at, at])
        if len(score) > MOST_KEPT:
            score = score[np.linspace(0, len(score) - 1, MOST_KEPT).round().astype(np.int64)]
        kept.append(score)
    return tuple(kept)


def _p_values(kept: "tuple[np.ndarray, ...]", scores: "np.ndarray") -> "np.ndarray":
    """Return what share of each class is at least as surprising, the row itself counted in."""
    import numpy as np

    p_values = np.ones_like(scores, dtype=np.float64)
    for at, known in enumerate(kept):
        below = np.searchsorted(known, scores[:, at], side="left")
        p_values[:, at] = (len(known) - below + 1) / (len(known) + 1)
    return p_values


def checked_alpha(alpha: float) -> float:
    """Return alpha, which is a chance of an error."""
    if not 0 < alpha < 1:
        raise UsageError(f"--unknown {alpha:g} is no chance", hint="use something like 0.05")
    return alpha
