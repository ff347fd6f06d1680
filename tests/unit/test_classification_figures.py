import numpy as np
import pytest
from sklearn import metrics as theirs  # type: ignore[import-untyped]

from oddwire.errors import UsageError
from oddwire.learning.classification.conformal import MOST_KEPT, Conformal, checked_alpha, coverage_of
from oddwire.learning.classification.estimators import BOOSTING, FOREST, Recipe, grid_values
from oddwire.learning.classification.importances import permutation_importances
from oddwire.learning.classification.leaks import fingerprints, repeated, shuffled, single_columns
from oddwire.learning.classification.metrics import figures
from oddwire.learning.classification.oddness import Oddness
from oddwire.learning.classification.search import Material, combinations, cross_validated, searched
from oddwire.learning.classification.splits import Division, Split, divided

CLASSES = ("a", "b", "c")
FEW = Recipe(parameters={"n_estimators": 10})


def answers(rows: int = 400, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return classes and chances that are right more often than not."""
    dice = np.random.default_rng(seed)
    places = dice.integers(0, 3, rows)
    raw = dice.random((rows, 3)) + 0.8 * np.eye(3)[places]
    return places, raw / raw.sum(axis=1, keepdims=True)


def rows_of(rows: int = 300, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return rows whose first column tells the class, the second a little, the third nothing."""
    dice = np.random.default_rng(seed)
    places = dice.integers(0, 3, rows)
    columns = [places + 0.2 * dice.standard_normal(rows), places + 2 * dice.standard_normal(rows)]
    matrix = np.stack([*columns, dice.standard_normal(rows)], axis=1).astype(np.float32)
    return matrix, np.array(CLASSES, dtype=object)[places]


def test_figures_are_those_of_scikit_learn() -> None:
    places, chances = answers()
    truth = np.array(CLASSES, dtype=object)[places]
    said = np.array(CLASSES, dtype=object)[chances.argmax(axis=1)]
    found = figures(truth, said, CLASSES, chances)
    assert found.accuracy == pytest.approx(theirs.accuracy_score(truth, said))
    macro = theirs.precision_recall_fscore_support(truth, said, average="macro")
    assert (found.precision, found.recall, found.f1) == pytest.approx(macro[:3])
    assert found.log_loss == pytest.approx(theirs.log_loss(truth, chances))
    assert [list(row) for row in found.confusion] == theirs.confusion_matrix(truth, said).tolist()
    assert found.baseline == max(np.bincount(places)) / len(places)


def test_a_class_never_learned_counts_against_the_model() -> None:
    truth = np.array(["a", "b", "new"], dtype=object)
    said = np.array(["a", "b", "b"], dtype=object)
    found = figures(truth, said, ("a", "b"), np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]))
    assert found.labels == ["a", "b", "new"]
    assert found.recall == pytest.approx(2 / 3)
    assert found.log_loss is not None
    assert found.log_loss > 10


def test_a_class_that_is_not_in_the_truth_is_not_in_the_means() -> None:
    truth, said = np.array(["a", "b"], dtype=object), np.array(["a", "b"], dtype=object)
    found = figures(truth, said, CLASSES)
    assert (found.f1, found.log_loss) == (1.0, None)
    assert found.to_dict()["by_class"][2]["rows"] == 0


def test_sets_hold_the_truth_as_often_as_promised() -> None:
    covered = []
    for seed in range(20):
        known, chances = answers(600, seed)
        conformal = Conformal.learned(known[:300], chances[:300])
        covered.append(coverage_of(conformal.sets(chances[300:], 0.1), known[300:], CLASSES, 0.1))
    assert 0.88 <= float(np.mean([one.covered for one in covered])) <= 0.93
    for label in CLASSES:
        assert 0.86 <= float(np.mean([one.by_class[label] for one in covered])) <= 0.95


def test_a_row_like_no_class_has_an_empty_set() -> None:
    sure = np.array([[0.98, 0.02], [0.02, 0.98]] * 50)
    conformal = Conformal.learned(np.array([0, 1] * 50), sure)
    strange = np.array([[0.5, 0.5], [0.99, 0.01]])
    assert conformal.sets(strange, 0.05).tolist() == [[False, False], [True, False]]
    found = coverage_of(conformal.sets(strange, 0.05), np.array([2, 0]), ("a", "b"), 0.05)
    assert (found.unknown, found.covered, found.rows) == (0.5, 1.0, 1)


def test_what_no_tree_asks_for_makes_a_row_odd_in_every_class() -> None:
    matrix, truth = rows_of(600)
    places = np.array([CLASSES.index(one) for one in truth])
    oddness = Oddness.learned(matrix[:300], places[:300], 3)
    scores = oddness.scores(matrix)
    assert (scores[300:].argmin(axis=1) == places[300:]).mean() > 0.7
    sure = np.eye(3)[places]
    conformal = Conformal.learned(places[300:], sure[300:], scores[300:])
    new = np.array([[0.0, 50.0, -9.0], [1.0, 0.0, 0.0]], dtype=np.float32)
    told = conformal.sets(np.eye(3)[[0, 1]], 0.1, oddness.scores(new))
    assert told.tolist() == [[False] * 3, [False, True, False]]
    fresh, labels = rows_of(900, seed=7)
    fresh_places = np.array([CLASSES.index(one) for one in labels])
    sets = conformal.sets(np.eye(3)[fresh_places], 0.1, oddness.scores(fresh))
    assert coverage_of(sets, fresh_places, CLASSES, 0.1).covered > 0.88


def test_a_class_with_few_rows_kept_back_is_never_ruled_out() -> None:
    conformal = Conformal.learned(np.array([0] * 30 + [1] * 5), np.tile([0.9, 0.1], (35, 1)))
    assert conformal.never_left_out(("a", "b"), 0.05) == {"b": 5}
    assert conformal.sets(np.array([[0.0, 0.0]]), 0.05).tolist() == [[False, True]]


def test_what_is_kept_of_a_class_is_bounded() -> None:
    rows = 3 * MOST_KEPT
    chances = np.random.default_rng(1).random((rows, 1))
    conformal = Conformal.learned(np.zeros(rows, dtype=np.int64), chances)
    assert len(conformal.surprises[0]) == MOST_KEPT
    assert conformal.p_values(np.array([[0.5]]))[0, 0] == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("alpha", [0.0, 1.0, float("nan"), -0.1])
def test_an_alpha_is_a_chance(alpha: float) -> None:
    with pytest.raises(UsageError, match="is no chance"):
        checked_alpha(alpha)


def test_the_column_that_tells_is_the_one_that_is_missed() -> None:
    matrix, truth = rows_of()
    places = np.array([CLASSES.index(one) for one in truth])
    before = matrix.copy()

    def judge(rows: np.ndarray) -> float:
        return float((np.clip(rows[:, 0].round(), 0, 2) == places).mean())

    groups = {"noise": slice(1, 3), "tells": slice(0, 1)}
    found = permutation_importances(matrix, groups, judge, seed=1)
    assert [one.column for one in found] == ["tells", "noise"]
    assert found[0].lost > 0.5
    assert found[1].lost == 0
    assert (matrix == before).all()


def test_shuffled_labels_are_recognised_no_better_than_by_chance() -> None:
    matrix, truth = rows_of()
    sides = divided(Division(how=Split.STRATIFIED, classes=truth), 0.3)
    found = shuffled(FEW, matrix, truth, sides)
    assert found.chance == pytest.approx(1 / 3)
    assert found.recall == pytest.approx(1 / 3, abs=0.08)
    assert not found.leaks


def test_a_procedure_that_learns_from_what_it_judges_by_is_caught() -> None:
    matrix, truth = rows_of()
    every = np.arange(len(truth))
    assert shuffled(FEW, matrix, truth, (every, every)).leaks


def test_rows_on_both_sides_are_counted() -> None:
    matrix = np.array([[1, 2], [3, 4], [1, 2], [5, 6]], dtype=np.float32)
    marks = fingerprints(matrix)
    assert len(set(marks.tolist())) == 3
    assert repeated(marks[:2], marks[2:]) == 0.5


def test_fingerprints_hang_on_every_column() -> None:
    matrix = np.random.default_rng(1).integers(0, 3, (2_000, 12)).astype(np.float32)
    rows = {row.tobytes() for row in matrix}
    assert len(set(fingerprints(matrix).tolist())) == len(rows)


def test_single_columns_are_ranked_by_what_they_tell() -> None:
    matrix, truth = rows_of()
    sides = divided(Division(how=Split.STRATIFIED, classes=truth), 0.3)
    groups = {name: slice(at, at + 1) for at, name in enumerate(["tells", "a little", "nothing"])}
    found = single_columns(matrix, groups, truth, sides, seed=0)
    assert [one.column for one in found] == ["tells", "a little", "nothing"]
    assert found[0].f1 > 0.95
    assert found[2].f1 < 0.6


def test_a_grid_finds_the_better_values_and_tells_its_steps() -> None:
    matrix, truth = rows_of()
    told: list[tuple[int, int]] = []
    material = Material(matrix=matrix, division=Division(how=Split.STRATIFIED, classes=truth), folds=3)
    grid: dict[str, list[int | float | str | None]] = {"max_depth": [1, 8], "criterion": ["gini"]}
    found = searched(FEW, grid, material, lambda done, total: told.append((done, total)))
    assert [one.parameters["max_depth"] for one in found] == [8, 1]
    assert told == [(at, 6) for at in range(1, 7)]
    again = cross_validated(Recipe(parameters=found[0].parameters), material)
    assert again.f1s == found[0].f1s
    assert len(again.accuracies) == 3
    assert again.to_dict()["accuracy_std"] >= 0


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (FOREST, "max_depth", "names no values"),
        (FOREST, "depth=3", "has no parameter 'depth'"),
        (FOREST, "criterion=best", "criterion cannot be 'best'"),
        (FOREST, "n_estimators=none", "n_estimators cannot be 'none'"),
        (FOREST, "n_estimators=0", "n_estimators cannot be 0"),
        (FOREST, "max_features=1.5", "max_features cannot be 1.5"),
        (BOOSTING, "max_leaf_nodes=1", "max_leaf_nodes cannot be 1"),
        (BOOSTING, "learning_rate=nan", "learning_rate cannot be nan"),
        (BOOSTING, "criterion=gini", "gradient-boosting has no parameter"),
    ],
)
def test_values_that_make_no_sense_are_refused(kind: str, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        grid_values(kind, [text])


def test_too_many_combinations_and_too_few_folds_are_refused() -> None:
    with pytest.raises(UsageError, match="combinations are too many"):
        combinations({name: range(11) for name in "abc"})
    matrix, truth = rows_of(30)
    with pytest.raises(UsageError, match="1 fold divides nothing"):
        cross_validated(
            FEW, Material(matrix=matrix, division=Division(how=Split.STRATIFIED, classes=truth), folds=1)
        )
