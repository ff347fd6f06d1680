"""Trees kept as arrays say what scikit-learn says."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from threadpoolctl import threadpool_limits

from oddwire.errors import ModelError, OddwireError, UsageError
from oddwire.learning.forests import Trees, arrays_of

Said = Callable[[Any, np.ndarray], np.ndarray]


def rows(count: int, *, missing: bool = False, seed: int = 0) -> np.ndarray:
    """Rows with many equal values, so that some lie exactly at a threshold."""
    made = np.random.default_rng(seed).normal(size=(count, 6)).round(1).astype(np.float32)
    made[:, 1] = np.exp(3 * made[:, 1])
    if missing:
        made[::7, 2] = np.nan
    return made


def classes(table: np.ndarray, many: int) -> np.ndarray:
    total = np.nan_to_num(table).sum(axis=1) - table[:, 1]
    return np.asarray(np.digitize(total, np.linspace(-1, 1, many - 1)))


def odd(model: Any, table: np.ndarray) -> np.ndarray:
    return np.asarray(-model.score_samples(table))


def probability(model: Any, table: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict_proba(table))


def value(model: Any, table: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict(table))


CASES = {
    "isolation": (IsolationForest(n_estimators=30, random_state=1), odd),
    "isolation, some columns": (IsolationForest(n_estimators=30, max_features=0.5, random_state=1), odd),
    "isolation, one row": (IsolationForest(n_estimators=3, max_samples=1, random_state=1), odd),
    "random forest": (RandomForestClassifier(n_estimators=9, random_state=1), probability),
    "balanced": (
        RandomForestClassifier(n_estimators=9, class_weight="balanced", random_state=1),
        probability,
    ),
    "best first": (RandomForestClassifier(n_estimators=9, max_leaf_nodes=9, random_state=1), probability),
    "regression": (RandomForestRegressor(n_estimators=9, random_state=1), value),
    "extra trees": (ExtraTreesClassifier(n_estimators=9, random_state=1), probability),
    "boosting": (HistGradientBoostingClassifier(max_iter=9, random_state=1), probability),
    "boosted value": (HistGradientBoostingRegressor(max_iter=9, random_state=1), value),
    "boosted count": (HistGradientBoostingRegressor(max_iter=9, loss="poisson", random_state=1), value),
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for each other cost more than these small tables need."""
    with threadpool_limits(1):
        yield


@pytest.mark.parametrize("missing", [False, True], ids=["whole", "missing"])
@pytest.mark.parametrize("many", [2, 4])
@pytest.mark.parametrize("name", CASES)
def test_arrays_say_what_scikit_learn_says(name: str, many: int, missing: bool) -> None:
    model, said = CASES[name]
    known = rows(200, missing=missing)
    model.fit(known, classes(known, many))
    trees = Trees.load(arrays_of(model))
    for table in (known, rows(101, missing=missing, seed=2)):
        np.testing.assert_allclose(trees.score(table), said(model, table), rtol=0, atol=1e-6)


def test_raw_sums_are_the_decision_of_boosting() -> None:
    known = rows(300)
    model = HistGradientBoostingClassifier(max_iter=9, random_state=1).fit(known, classes(known, 3))
    raw = Trees.load(arrays_of(model)).raw(known)
    np.testing.assert_allclose(raw, model.decision_function(known), rtol=0, atol=1e-9)


def test_a_value_between_two_float32_goes_the_way_of_scikit_learn() -> None:
    """A threshold of float64 between two neighbours of float32 must not be rounded up to the next."""
    # Of the two neighbours the lower is odd: their middle is rounded up to the even one.
    low = np.float32(1e6 + 0.0625)
    high = np.nextafter(low, np.float32(np.inf))
    table = np.array([[low], [high]] * 20, dtype=np.float32)
    model = RandomForestClassifier(n_estimators=5, bootstrap=False).fit(table, [0, 1] * 20)
    np.testing.assert_array_equal(Trees.load(arrays_of(model)).score(table), model.predict_proba(table))
    assert probability(model, table)[:2].tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_any_number_of_threads_says_the_same() -> None:
    known = rows(999)
    trees = Trees.load(arrays_of(IsolationForest(n_estimators=20, random_state=1).fit(known)))
    one = trees.score(known, jobs=1)
    for jobs in (2, 3, 7):
        assert trees.score(known, jobs=jobs).tobytes() == one.tobytes()


def test_a_matrix_of_other_order_or_kind_is_read_as_float32() -> None:
    known = rows(50)
    trees = Trees.load(arrays_of(IsolationForest(n_estimators=5, random_state=1).fit(known)))
    wanted = trees.score(known)
    np.testing.assert_array_equal(trees.score(np.asfortranarray(known)), wanted)
    np.testing.assert_array_equal(trees.score(known.astype(np.float64)), wanted)
    assert trees.score(known[:0]).shape == (0,)


def test_rows_of_another_width_are_refused() -> None:
    trees = Trees.load(arrays_of(IsolationForest(n_estimators=5, random_state=1).fit(rows(50))))
    with pytest.raises(UsageError, match="5 columns, the forest asks for 6"):
        trees.score(rows(3)[:, :5])


def test_what_cannot_be_kept_is_said() -> None:
    from sklearn.linear_model import LogisticRegression

    with pytest.raises(UsageError, match="LogisticRegression cannot be kept"):
        arrays_of(LogisticRegression())
    table = np.array([[0.0], [1.0], [2.0]] * 20)
    model = HistGradientBoostingClassifier(categorical_features=[0], max_iter=2).fit(table, [0, 1, 0] * 20)
    with pytest.raises(UsageError, match="categories"):
        arrays_of(model)


def spoilt(**changes: Any) -> dict[str, np.ndarray]:
    made = arrays_of(IsolationForest(n_estimators=2, random_state=1).fit(rows(50)))
    return {**made, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"feature": np.zeros(3, dtype=np.int64)},
        {"left": np.zeros(3, dtype=np.uint32)},
        {"roots": np.array([10**6], dtype=np.uint32)},
        {"shape": np.array([0, 1])},
        {"shape": np.array([6, 2**40])},
        {"shape": np.array([6])},
        {"divisor": np.array([np.nan])},
        {"divisor": np.array([-1.0])},
        {"base": np.array([0.0, 0.0])},
        {"link": np.array("pickle")},
        {"link": np.array(1)},
        {"values": np.array([[1.0]])},
        {"threshold": np.array([], dtype=np.float32)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_arrays_of_a_stranger_are_refused(changes: dict[str, np.ndarray]) -> None:
    with pytest.raises(ModelError):
        Trees.load(spoilt(**changes))


def test_random_arrays_never_crash() -> None:
    """Bytes turned anywhere: a forest that scores, or an error of ours."""
    random = np.random.default_rng(5)
    good = spoilt()
    refused = 0
    for _ in range(300):
        name = sorted(good)[int(random.integers(len(good) - 1))]
        raw = bytearray(good[name].tobytes())
        raw[int(random.integers(len(raw)))] ^= int(random.integers(1, 256))
        changed = np.frombuffer(bytes(raw), dtype=good[name].dtype)
        try:
            Trees.load({**good, name: changed.reshape(good[name].shape)}).score(rows(4))
        except OddwireError:
            refused += 1
    assert 0 < refused < 300
