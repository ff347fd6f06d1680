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

__all__ = ["Conformal", "Coverage", "checked_alpha"]

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
    """Surprises at held-out rows, class by class, in ascending order."""

    surprises: "tuple[np.ndarray, ...]" = field(default=())

    @classmethod
    def learned(cls, truth: "np.ndarray", chances: "np.ndarray") -> "Conformal":
        """Learn from held-out rows; `truth` is the place of each row's class."""
        import numpy as np

        kept = []
        for at in range(chances.shape[1]):
            surprise = np.sort(1 - chances[truth == at, at])
            if len(surprise) > MOST_KEPT:
                evenly = np.linspace(0, len(surprise) - 1, MOST_KEPT).round().astype(np.int64)
                surprise = surprise[evenly]
            kept.append(surprise)
        return cls(surprises=tuple(kept))

    def p_values(self, chances: "np.ndarray") -> "np.ndarray":
        """Return for each row and class how much of the class is at least as surprising."""
        import numpy as np

        p_values = np.ones_like(chances, dtype=np.float64)
        for at, known in enumerate(self.surprises):
            below = np.searchsorted(known, 1 - chances[:, at], side="left")
            p_values[:, at] = (len(known) - below + 1) / (len(known) + 1)
        return p_values

    def sets(self, chances: "np.ndarray", alpha: float) -> "np.ndarray":
        """Return for each row which classes it may be of."""
        return self.p_values(chances) > alpha

    def never_left_out(self, classes: Sequence[str], alpha: float) -> dict[str, int]:
        """Return classes with too few held-out rows to be ruled out at all, and how many they have."""
        pairs = zip(classes, self.surprises, strict=True)
        return {label: len(known) for label, known in pairs if 1 / (len(known) + 1) > alpha}

    def coverage(
        self, truth: "np.ndarray", chances: "np.ndarray", classes: Sequence[str], alpha: float
    ) -> Coverage:
        """Return how the sets do on rows that were neither learned from nor calibrated with.

        Rows of classes that the model has never seen have a place beyond the last one.
        """
        import numpy as np

        sets = self.sets(chances, alpha)
        known = truth < len(classes)
        within = np.zeros(len(truth), dtype=bool)
        within[known] = sets[np.flatnonzero(known), truth[known]]
        sizes = sets.sum(axis=1)
        by_class = {
            label: float(within[truth == at].mean())
            for at, label in enumerate(classes)
            if (truth == at).any()
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


def checked_alpha(alpha: float) -> float:
    """Return alpha, which is a chance of an error."""
    if not 0 < alpha < 1:
        raise UsageError(f"--unknown {alpha:g} is no chance", hint="use something like 0.05")
    return alpha
