"""What scikit-learn has trained, as arrays of numbers that need no scikit-learn.

Rows are compared as float32. scikit-learn compares a float32 value with a float64 threshold; the largest
float32 that is not above the threshold parts the values in exactly the same way.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from oddwire.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["DTYPES", "LINKS", "arrays_of"]

# Every array of a forest beside `link`, with its kind of number.
DTYPES: Mapping[str, str] = {
    "base": "<f8",
    "divisor": "<f8",
    "feature": "<i4",
    "left": "<u4",
    "missing_left": "|u1",
    "right": "<u4",
    "roots": "<u4",
    "shape": "<i8",
    "threshold": "<f4",
    "values": "<f8",
}
EULER = 0.5772156649015329


def arrays_of(estimator: Any) -> "dict[str, np.ndarray]":  # noqa: ANN401  # scikit-learn has no types
    """Return a trained estimator as arrays: isolation, random and extra forests, histogram boosting."""
    kind = type(estimator).__name__
    if kind == "IsolationForest":
        return _isolation(estimator)
    if kind.startswith(("RandomForest", "ExtraTrees")):
        return _averaged(estimator)
    if kind.startswith("HistGradientBoosting"):
        return _boosted(estimator)
    raise UsageError(f"{kind} cannot be kept as trees", hint="take a forest or histogram boosting")


def _isolation(estimator: Any) -> "dict[str, np.ndarray]":  # noqa: ANN401
    """Leaves say after how many steps a row is alone; few are odd."""
    import numpy as np

    trees = []
    for tree, columns in zip(estimator.estimators_, estimator.estimators_features_, strict=True):
        inner = tree.tree_
        steps = inner.compute_node_depths() - 1.0 + _average_path(inner.n_node_samples)
        trees.append(_of_tree(inner, steps[:, None], columns))
    usual = _average_path(np.array([estimator.max_samples_]))[0]
    return _joined(trees, estimator.n_features_in_, divisor=len(trees) * usual, link="isolation")


def _average_path(rows: "np.ndarray") -> "np.ndarray":
    """Return the mean depth at which rows of so many would be alone; Liu, Ting and Zhou 2008, equation 1."""
    import numpy as np

    many = np.maximum(rows, 3).astype(np.float64)
    deep = 2.0 * (np.log(many - 1.0) + EULER) - 2.0 * (many - 1.0) / many
    return np.where(rows <= 1, 0.0, np.where(rows == 2, 1.0, deep))  # noqa: PLR2004  # two rows part at once


def _averaged(estimator: Any) -> "dict[str, np.ndarray]":  # noqa: ANN401
    """Leaves say the share of each class, or the mean of the target; the forest says the mean."""
    if estimator.n_outputs_ != 1:
        raise UsageError("a forest of several targets cannot be kept")
    # The trees of scikit-learn 1.7 and later hold shares already, so the leaves can be taken as they are.
    trees = [
        _of_tree(one.tree_, _shares(estimator, one.tree_.value[:, 0, :])) for one in estimator.estimators_
    ]
    return _joined(trees, estimator.n_features_in_, divisor=float(len(trees)), link="mean")


def _shares(estimator: Any, values: "np.ndarray") -> "np.ndarray":  # noqa: ANN401
    return values / values.sum(axis=1, keepdims=True) if hasattr(estimator, "classes_") else values


def _of_tree(tree: Any, values: "np.ndarray", columns: "np.ndarray | None" = None) -> "dict[str, np.ndarray]":  # noqa: ANN401
    """Return one tree of scikit-learn; `columns` are those it was shown, if not all."""
    nodes = tree.__getstate__()["nodes"]
    asked = nodes["feature"]
    return {
        "leaf": nodes["left_child"] < 0,
        "feature": asked if columns is None else columns[asked.clip(min=0)],
        "threshold": nodes["threshold"],
        "left": nodes["left_child"],
        "right": nodes["right_child"],
        "missing_left": nodes["missing_go_to_left"],
        "values": values,
    }


def _boosted(estimator: Any) -> "dict[str, np.ndarray]":  # noqa: ANN401
    """Each tree adds to one output; what they add up to is made a probability or a value at the end."""
    if estimator.is_categorical_ is not None:
        raise UsageError("boosting over categories cannot be kept", hint="give the categories as numbers")
    import numpy as np

    base = np.asarray(estimator._baseline_prediction, dtype=np.float64).reshape(-1)  # noqa: SLF001  # nowhere else
    rounds: Sequence[Sequence[Any]] = estimator._predictors  # noqa: SLF001
    trees = [_of_boost(one.nodes, output, len(base)) for turn in rounds for output, one in enumerate(turn)]
    return _joined(trees, estimator.n_features_in_, base=base, link=_boosted_link(estimator, len(base)))


def _boosted_link(estimator: Any, outputs: int) -> str:  # noqa: ANN401
    if hasattr(estimator, "classes_"):
        return "logistic" if outputs == 1 else "softmax"
    return "exp" if estimator.loss in {"poisson", "gamma"} else "plain"


def _of_boost(nodes: "np.ndarray", output: int, outputs: int) -> "dict[str, np.ndarray]":
    import numpy as np

    values = np.zeros((len(nodes), outputs))
    values[:, output] = nodes["value"]
    renamed = {"feature": "feature_idx", "threshold": "num_threshold"}
    names = ("feature", "threshold", "left", "right", "missing_left")
    renamed["missing_left"] = "missing_go_to_left"
    taken = {name: nodes[renamed.get(name, name)] for name in names}
    return {**taken, "leaf": nodes["is_leaf"] != 0, "values": values}


def _joined(
    trees: "Sequence[Mapping[str, np.ndarray]]",
    features: int,
    *,
    link: str,
    divisor: float = 1.0,
    base: "np.ndarray | None" = None,
) -> "dict[str, np.ndarray]":
    """Put trees one behind the other: children count from the first node of all, leaves name their values."""
    import numpy as np

    leaf = np.concatenate([tree["leaf"] for tree in trees])
    sizes = np.array([len(tree["leaf"]) for tree in trees])
    roots = np.cumsum(sizes) - sizes
    start = np.repeat(roots, sizes)
    rows = np.cumsum(leaf) - 1
    values = np.concatenate([tree["values"][tree["leaf"]] for tree in trees])

    def column(name: str) -> "np.ndarray":
        return np.concatenate([tree[name] for tree in trees])

    made = {
        "base": np.zeros(values.shape[1]) if base is None else base,
        "divisor": np.array([divisor]),
        "feature": np.where(leaf, -1, column("feature")),
        "left": np.where(leaf, rows, column("left").astype(np.int64) + start),
        "missing_left": np.where(leaf, 0, column("missing_left")),
        "right": np.where(leaf, 0, column("right").astype(np.int64) + start),
        "roots": roots,
        "shape": np.array([features, values.shape[1]]),
        "threshold": _not_above(np.where(leaf, 0.0, column("threshold"))),
        "values": values.reshape(-1),
    }
    return {name: made[name].astype(DTYPES[name]) for name in sorted(made)} | {"link": np.array(link)}


def _not_above(thresholds: "np.ndarray") -> "np.ndarray":
    """Return the largest float32 that is not above each threshold."""
    import numpy as np

    with np.errstate(over="ignore"):
        near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)


def _isolated(sums: "np.ndarray", divisor: float) -> "np.ndarray":
    import numpy as np

    return np.exp2(-np.maximum(sums[:, 0], 0.0) / divisor) if divisor else np.full(len(sums), 0.5)


def _mean(sums: "np.ndarray", divisor: float) -> "np.ndarray":
    return _narrow(sums) / divisor


def _logistic(sums: "np.ndarray", divisor: float) -> "np.ndarray":
    _ = divisor
    import numpy as np

    half = 0.5 * sums[:, 0]
    return np.stack([0.5 - 0.5 * np.tanh(half), 0.5 + 0.5 * np.tanh(half)], axis=1)


def _softmax(sums: "np.ndarray", divisor: float) -> "np.ndarray":
    _ = divisor
    import numpy as np

    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _plain(sums: "np.ndarray", divisor: float) -> "np.ndarray":
    _ = divisor
    return _narrow(sums)


def _exp(sums: "np.ndarray", divisor: float) -> "np.ndarray":
    _ = divisor
    import numpy as np

    return np.asarray(np.exp(_narrow(sums)))


def _narrow(sums: "np.ndarray") -> "np.ndarray":
    """Return one figure a row as such: a regression, not a table of one column."""
    return sums[:, 0] if sums.shape[1] == 1 else sums


# What is done with the sums of leaves, by the word that stands in the file.
LINKS: "Mapping[str, Callable[[np.ndarray, float], np.ndarray]]" = {
    "exp": _exp,
    "isolation": _isolated,
    "logistic": _logistic,
    "mean": _mean,
    "plain": _plain,
    "softmax": _softmax,
}
