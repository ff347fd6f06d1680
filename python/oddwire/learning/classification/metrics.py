"""How good answers are: by class, over all, and against always giving the most frequent answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["ClassFigures", "Figures", "figures", "log_loss"]

# A class that was given no chance at all costs this much and not infinity.
LEAST_CHANCE = 1e-15
DIGITS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassFigures:
    """How well one class was recognised."""

    label: str
    precision: float
    recall: float
    f1: float
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How good answers were; macro figures are means over the classes that are in the truth."""

    rows: int
    accuracy: float
    baseline: float
    most_frequent: str
    precision: float
    recall: float
    f1: float
    log_loss: float | None
    by_class: tuple[ClassFigures, ...]
    # Row by row of the truth, what was answered.
    confusion: tuple[tuple[int, ...], ...]

    @property
    def labels(self) -> list[str]:
        """The classes, in the order of the confusion matrix."""
        return [one.label for one in self.by_class]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, rounded."""
        from dataclasses import asdict

        told = asdict(self)
        told["by_class"] = [_rounded(one) for one in told["by_class"]]
        told["confusion"] = [list(row) for row in self.confusion]
        return {"labels": self.labels, **_rounded(told)}


def _rounded(told: dict[str, Any]) -> dict[str, Any]:
    return {key: round(one, DIGITS) if isinstance(one, float) else one for key, one in told.items()}


def figures(
    truth: "np.ndarray", said: "np.ndarray", classes: Sequence[str], chances: "np.ndarray | None" = None
) -> Figures:
    """Return how good answers were; `truth` may hold classes that the model has never seen.

    `chances` are probabilities in the order of `classes`; without them there is no log loss.
    """
    import numpy as np

    labels = [*classes, *sorted(set(truth.tolist()) - set(classes))]
    places = {label: at for at, label in enumerate(labels)}
    true_at = np.array([places[one] for one in truth.tolist()], dtype=np.int64)
    said_at = np.array([places[one] for one in said.tolist()], dtype=np.int64)
    confusion = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(confusion, (true_at, said_at), 1)
    right, of_truth, answered = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall = _share(right, answered), _share(right, of_truth)
    f1 = _share(2 * precision * recall, precision + recall)
    there = of_truth > 0
    most = int(np.argmax(of_truth))
    return Figures(
        rows=len(truth),
        accuracy=float(right.sum() / len(truth)),
        baseline=float(of_truth[most] / len(truth)),
        most_frequent=labels[most],
        precision=float(precision[there].mean()),
        recall=float(recall[there].mean()),
        f1=float(f1[there].mean()),
        log_loss=None if chances is None else log_loss(true_at, chances),
        by_class=tuple(
            ClassFigures(
                label=label,
                precision=float(precision[at]),
                recall=float(recall[at]),
                f1=float(f1[at]),
                rows=int(of_truth[at]),
            )
            for at, label in enumerate(labels)
        ),
        confusion=tuple(tuple(int(one) for one in row) for row in confusion),
    )


def log_loss(truth: "np.ndarray", chances: "np.ndarray") -> float:
    """Return the mean surprise at the truth, given the chances of each class, in natural units."""
    import numpy as np

    known = truth < chances.shape[1]
    chance = np.full(len(truth), LEAST_CHANCE)
    chance[known] = chances[np.flatnonzero(known), truth[known]]
    return float(-np.log(np.clip(chance, LEAST_CHANCE, 1)).mean())


def _share(part: "np.ndarray", whole: "np.ndarray") -> "np.ndarray":
    """Return parts of wholes, 0 where there is no whole."""
    import numpy as np

    return np.asarray(np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0))
