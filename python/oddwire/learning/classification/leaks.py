"""Signs that a figure is too good to be true: the answer in a column, the same rows on both sides.

With shuffled labels nothing can be learned: what is right beyond chance came from the procedure itself.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.learning.classification.estimators import Recipe, trained, trained_small
from oddwire.learning.classification.metrics import figures

if TYPE_CHECKING:
    import numpy as np

    from oddwire.learning.classification.search import Steps

__all__ = ["ALMOST_ALL", "Shuffled", "SingleColumn", "fingerprints", "repeated", "shuffled", "single_columns"]

SHUFFLES = 5
# A single column that tells this much is to be looked at.
ALMOST_ALL = 0.95
# A mean over few shuffles may be this much beyond chance for no reason.
SLACK = 0.05
SPREADS = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Shuffled:
    """Mean recall of the classes after learning shuffled labels, and what chance gives."""

    recall: float
    spread: float
    chance: float

    @property
    def leaks(self) -> bool:
        """Whether it is beyond chance."""
        beyond = self.recall - self.chance
        return bool(beyond > max(SLACK, SPREADS * self.spread / SHUFFLES**0.5))


@dataclass(frozen=True, kw_only=True, slots=True)
class SingleColumn:
    """What one column tells on its own: macro F1 on the held-out rows."""

    column: str
    f1: float
    accuracy: float


def shuffled(
    recipe: Recipe,
    matrix: "np.ndarray",
    truth: "np.ndarray",
    sides: "tuple[np.ndarray, np.ndarray]",
    steps: "Steps | None" = None,
) -> Shuffled:
    """Return how much is right on held-out rows when all labels were shuffled before."""
    import numpy as np

    learned, judged = sides
    numbers = np.random.default_rng(recipe.seed)
    recalls = []
    for at in range(SHUFFLES):
        labels = numbers.permutation(truth)
        estimator = trained(recipe, matrix[learned], labels[learned])
        found = figures(labels[judged], estimator.predict(matrix[judged]), sorted(set(labels.tolist())))
        recalls.append(found.recall)
        if steps is not None:
            steps(at + 1, SHUFFLES)
    return Shuffled(
        recall=float(np.mean(recalls)),
        spread=float(np.std(recalls, ddof=1)),
        chance=1 / len(set(truth.tolist())),
    )


def fingerprints(matrix: "np.ndarray") -> "np.ndarray":
    """Return a number for each row: equal for equal rows, and hardly ever for others."""
    import numpy as np

    # Sums modulo 2**64 of the cells' bits, each times an odd number of its column.
    drawn = np.random.default_rng(0).integers(0, 2**63, matrix.shape[1], dtype=np.uint64)
    factors = np.asarray(drawn * np.uint64(2) + np.uint64(1))
    found = np.zeros(len(matrix), dtype=np.uint64)
    for at in range(matrix.shape[1]):
        bits = np.ascontiguousarray(matrix[:, at], dtype=np.float32).view(np.uint32).astype(np.uint64)
        found += (bits ^ (bits << np.uint64(29))) * factors[at]
    return found


def repeated(known: "np.ndarray", judged: "np.ndarray") -> float:
    """Return the share of rows that are equal to one that was learned from, by their fingerprints."""
    import numpy as np

    return float(np.isin(judged, known).mean())


def single_columns(
    matrix: "np.ndarray",
    groups: "dict[str, slice]",
    truth: "np.ndarray",
    sides: "tuple[np.ndarray, np.ndarray]",
    seed: int,
) -> list[SingleColumn]:
    """Return each column with how well a small tree over it alone does, the best first."""
    learned, judged = sides
    classes = sorted(set(truth[learned].tolist()))
    found = []
    for column, place in groups.items():
        tree = trained_small(matrix[learned, place], truth[learned], seed)
        one = figures(truth[judged], tree.predict(matrix[judged, place]), classes)
        found.append(SingleColumn(column=column, f1=one.f1, accuracy=one.accuracy))
    return sorted(found, key=lambda one: (-round(one.f1, 9), one.column))
