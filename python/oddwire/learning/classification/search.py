"""Cross-validation, and a search over parameters: every combination on the same folds, by macro F1."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

from oddwire.errors import UsageError
from oddwire.learning.classification.estimators import Recipe, Value, trained
from oddwire.learning.classification.metrics import figures
from oddwire.learning.classification.splits import Division, folds

if TYPE_CHECKING:
    import numpy as np

__all__ = ["CrossValidated", "Material", "Steps", "combinations", "cross_validated", "searched"]

# Told how many of how many steps are done.
Steps: TypeAlias = Callable[[int, int], object]
MOST_COMBINATIONS = 1_000
DIGITS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class CrossValidated:
    """How good a recipe was, fold by fold."""

    parameters: Mapping[str, Value]
    accuracies: tuple[float, ...]
    f1s: tuple[float, ...]

    @property
    def accuracy(self) -> tuple[float, float]:
        """Mean and spread over the folds."""
        return _mean_and_spread(self.accuracies)

    @property
    def f1(self) -> tuple[float, float]:
        """Mean and spread of macro F1 over the folds."""
        return _mean_and_spread(self.f1s)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, rounded."""
        names = ("accuracy", "accuracy_std", "f1", "f1_std")
        values = (*self.accuracy, *self.f1)
        return {
            "parameters": dict(self.parameters),
            "folds": len(self.f1s),
            **{name: round(value, DIGITS) for name, value in zip(names, values, strict=True)},
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """Rows as numbers, and how they are divided into how many folds."""

    matrix: "np.ndarray"
    division: Division
    folds: int = 5


def _mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and standard deviation, the latter 0 for a single value."""
    mean = sum(values) / len(values)
    if len(values) == 1:
        return mean, 0.0
    return mean, float((sum((one - mean) ** 2 for one in values) / (len(values) - 1)) ** 0.5)


def cross_validated(recipe: Recipe, material: Material, steps: Steps | None = None) -> CrossValidated:
    """Return how good a recipe is on folds of rows."""
    return _judged(recipe, material, _parts(material), steps or _silent)


def combinations(grid: Mapping[str, Sequence[Value]]) -> list[dict[str, Value]]:
    """Return every combination of a grid's values, the last parameter changing first."""
    found = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    if len(found) > MOST_COMBINATIONS:
        raise UsageError(
            f"{len(found):,} combinations are too many", hint=f"try at most {MOST_COMBINATIONS:,} at a time"
        )
    return found


def searched(
    recipe: Recipe,
    grid: Mapping[str, Sequence[Value]],
    material: Material,
    steps: Steps | None = None,
) -> list[CrossValidated]:
    """Return every combination of a grid with how good it was, the best first; equals keep their order."""
    parts = _parts(material)
    tried = combinations(grid)
    found = []
    for at, parameters in enumerate(tried):
        one = replace(recipe, parameters={**recipe.parameters, **parameters})
        counted = _counted(steps, at * len(parts), len(tried) * len(parts))
        found.append(_judged(one, material, parts, counted))
    return sorted(found, key=lambda one: -round(one.f1[0], DIGITS))


def _parts(material: Material) -> "list[tuple[np.ndarray, np.ndarray]]":
    division, count = material.division, material.folds
    if count < 2:  # noqa: PLR2004  # one fold divides nothing
        raise UsageError(f"{count} fold divides nothing", hint="use --cv 5")
    parts = [part for part in folds(division, count) if _is_worth(division, part)]
    if not parts:
        raise UsageError(
            "no fold holds two classes to learn from", hint="use fewer folds or --split stratified"
        )
    return parts


def _is_worth(division: Division, part: "tuple[np.ndarray, np.ndarray]") -> bool:
    """Say whether a fold has two classes to learn from, and rows to judge by."""
    learned, judged = part
    return len(judged) > 0 and len(set(division.classes[learned].tolist())) > 1


def _judged(
    recipe: Recipe,
    material: Material,
    parts: "Sequence[tuple[np.ndarray, np.ndarray]]",
    steps: Steps,
) -> CrossValidated:
    matrix, division = material.matrix, material.division
    accuracies, f1s = [], []
    for at, (learned, judged) in enumerate(parts):
        estimator = trained(recipe, matrix[learned], division.classes[learned])
        said = estimator.predict(matrix[judged])
        found = figures(division.classes[judged], said, sorted(set(division.classes[learned].tolist())))
        accuracies.append(found.accuracy)
        f1s.append(found.f1)
        steps(at + 1, len(parts))
    return CrossValidated(parameters=recipe.settings, accuracies=tuple(accuracies), f1s=tuple(f1s))


def _counted(steps: Steps | None, before: int, total: int) -> Steps:
    """Return steps counted on from those before."""
    if steps is None:
        return _silent
    told = steps
    return lambda done, _: told(before + done, total)


def _silent(done: int, total: int) -> None:
    """Tell nobody."""
