"""The models that scikit-learn trains: their names, their defaults, and what a grid may try."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from oddwire.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "BOOSTING",
    "FOREST",
    "GRIDS",
    "MODEL_TYPES",
    "Recipe",
    "Value",
    "grid_values",
    "trained",
    "trained_small",
]

Value: TypeAlias = int | float | str | None
FOREST, BOOSTING = "random-forest", "gradient-boosting"
MODEL_TYPES = (FOREST, BOOSTING)
TREES = {FOREST: 200, BOOSTING: 100}
# What a grid tries where nothing is named: first the parameters that matter most.
GRIDS: Mapping[str, Mapping[str, Sequence[Value]]] = {
    FOREST: {
        "n_estimators": (100, 200),
        "max_features": ("sqrt", "log2"),
        "max_depth": (None, 10, 20),
        "criterion": ("gini", "entropy"),
    },
    BOOSTING: {
        "n_estimators": (100, 200),
        "learning_rate": (0.05, 0.1),
        "max_depth": (None, 6),
        "max_leaf_nodes": (15, 31),
    },
}
# Parameters by model, and of which type each is.
PARAMETERS: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    FOREST: {
        "n_estimators": (int,),
        "max_features": (str, int, float, type(None)),
        "max_depth": (int, type(None)),
        "criterion": (str,),
        "min_samples_leaf": (int,),
    },
    BOOSTING: {
        "n_estimators": (int,),
        "learning_rate": (float, int),
        "max_depth": (int, type(None)),
        "max_leaf_nodes": (int, type(None)),
        "min_samples_leaf": (int,),
        "l2_regularization": (float, int),
    },
}
WORDS = {"criterion": ("gini", "entropy", "log_loss"), "max_features": ("sqrt", "log2")}
NAMES_IN_BOOSTING = {"n_estimators": "max_iter"}
SMALL_LEAVES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """What is trained, and how."""

    type: str = FOREST
    seed: int = 0
    jobs: int = 1
    balanced: bool = False
    parameters: Mapping[str, Value] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Value]:
        """Every parameter that decides, defaults included."""
        return {"n_estimators": TREES[self.type], **self.parameters}

    def to_dict(self) -> dict[str, Any]:
        """Return what a model file says of it; the number of jobs decides nothing."""
        return {"seed": self.seed, "balanced": self.balanced, "parameters": self.settings}


def trained(recipe: Recipe, matrix: "np.ndarray", truth: "np.ndarray") -> Any:  # noqa: ANN401  # scikit-learn's
    """Return an estimator of scikit-learn that has learned; one seed gives one result, whatever `jobs`."""
    import sklearn.ensemble as ours  # type: ignore[import-untyped]
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    weight = "balanced" if recipe.balanced else None
    if recipe.type == FOREST:
        estimator = ours.RandomForestClassifier(
            **recipe.settings, class_weight=weight, random_state=recipe.seed, n_jobs=recipe.jobs
        )
        return estimator.fit(matrix, truth)
    given = {NAMES_IN_BOOSTING.get(name, name): value for name, value in recipe.settings.items()}
    estimator = ours.HistGradientBoostingClassifier(
        **given, class_weight=weight, random_state=recipe.seed, early_stopping=False
    )
    # Several threads add gradients in an order of their own, and sums of floats depend on it.
    with threadpool_limits(limits=1):
        return estimator.fit(matrix, truth)


def trained_small(matrix: "np.ndarray", truth: "np.ndarray", seed: int) -> Any:  # noqa: ANN401  # scikit-learn's
    """Return a tree of a few questions: what a single column is able to tell."""
    from sklearn.tree import DecisionTreeClassifier  # type: ignore[import-untyped]

    leaves = SMALL_LEAVES * len(set(truth.tolist()))
    return DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=seed).fit(matrix, truth)


def grid_values(model_type: str, texts: Sequence[str]) -> dict[str, list[Value]]:
    """Return the values to try of `max_depth=5,10,none`, each checked.

    >>> grid_values("random-forest", ["max_depth=5,none", "criterion=gini"])
    {'max_depth': [5, None], 'criterion': ['gini']}
    """
    found: dict[str, list[Value]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not equals or not values:
            raise UsageError(f"'{text}' names no values", hint="write it as max_depth=5,10,none")
        found[name] = [checked(model_type, name, _value(one.strip())) for one in values.split(",")]
    return found


def checked(model_type: str, name: str, value: Value) -> Value:
    """Return a parameter's value, which the model understands."""
    known = PARAMETERS[model_type]
    if name not in known:
        raise UsageError(f"{model_type} has no parameter '{name}'", hint=f"there are {', '.join(known)}")
    words = WORDS.get(name)
    if not isinstance(value, known[name]) or (isinstance(value, str) and value not in (words or ())):
        hint = f"use one of {', '.join(words)}" if words else "use a number"
        raise UsageError(f"{name} cannot be '{_said(value)}'", hint=hint)
    if isinstance(value, (int, float)) and not _within(name, value):
        raise UsageError(f"{name} cannot be {value:g}", hint="use a number within reason, above 0")
    return value


def _within(name: str, value: float) -> bool:
    """Say whether a number makes sense; a share of columns is at most 1, counts are whole."""
    most = {"n_estimators": 5_000, "max_depth": 500, "learning_rate": 1, "max_leaf_nodes": 100_000}
    least = 2 if name == "max_leaf_nodes" else 0
    if name == "max_features" and isinstance(value, float):
        return 0 < value <= 1
    if name == "l2_regularization":
        return value >= 0
    return (value >= least if least else value > 0) and value <= most.get(name, 1_000_000)


def _value(text: str) -> Value:
    if text.lower() == "none":
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _said(value: Value) -> str:
    return "none" if value is None else str(value)
