"""What a model looks at: how much worse it is on held-out rows when one column is shuffled among them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    from oddwire.learning.classification.search import Steps

__all__ = ["Importance", "Judge", "permutation_importances"]

# Says of a matrix of held-out rows how good the answers are.
Judge: TypeAlias = "Callable[[np.ndarray], float]"
REPEATS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Importance:
    """The macro F1 that is lost without a column, over several shuffles."""

    column: str
    lost: float
    spread: float


def permutation_importances(
    matrix: "np.ndarray",
    groups: Mapping[str, slice],
    judge: Judge,
    seed: int,
    steps: "Steps | None" = None,
) -> list[Importance]:
    """Return each column with what it is worth, the most first; columns that tell the same share it."""
    import numpy as np

    whole = judge(matrix)
    numbers = np.random.default_rng(seed)
    found = []
    for at, (column, place) in enumerate(groups.items()):
        kept = matrix[:, place].copy()
        lost = []
        for _ in range(REPEATS):
            matrix[:, place] = kept[numbers.permutation(len(matrix))]
            lost.append(whole - judge(matrix))
        matrix[:, place] = kept
        if steps is not None:
            steps(at + 1, len(groups))
        found.append(Importance(column=column, lost=float(np.mean(lost)), spread=float(np.std(lost, ddof=1))))
    return sorted(found, key=lambda one: (-round(one.lost, 9), one.column))
