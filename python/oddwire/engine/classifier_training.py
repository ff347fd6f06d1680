"""A classifier trained and judged: rows set apart, columns prepared, parameters searched, signs of leaks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from oddwire.engine.labelled_rows import LabelledRows, Rows, labelled_rows
from oddwire.engine.trained_classifier import Trained, doubts_of
from oddwire.errors import UsageError
from oddwire.learning.classification.classifier import Classifier
from oddwire.learning.classification.conformal import Conformal, checked_alpha, coverage_of
from oddwire.learning.classification.estimators import Recipe, Value, trained
from oddwire.learning.classification.importances import Importance, permutation_importances
from oddwire.learning.classification.leaks import (
    Shuffled,
    SingleColumn,
    fingerprints,
    repeated,
    shuffled,
    single_columns,
)
from oddwire.learning.classification.metrics import figures
from oddwire.learning.classification.oddness import Oddness
from oddwire.learning.classification.preparation import Encoding, Preparation
from oddwire.learning.classification.search import CrossValidated, Material, Steps, cross_validated, searched
from oddwire.learning.classification.splits import Division, Split, divided, sampled, set_apart
from oddwire.learning.classification.stored import StoredTrees
from oddwire.learning.classification.when_and_whose import hosts_of, times_of

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Wish", "train_classifier"]

# Told what is being done, and how many of how many steps are done.
Progress: TypeAlias = Callable[[str, int, int], object]
# Of the rows to learn from, so many are kept back to know what is surprising.
CALIBRATION = 0.2
GRID_FOLDS = 5
# Held-out rows that importances are measured on, of each class.
IMPORTANCE_ROWS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be trained, on which rows, and how it is judged."""

    rows: Rows
    recipe: Recipe = field(default_factory=Recipe)
    split: Split = Split.STRATIFIED
    test_size: float = 0.3
    keep: Sequence[str] = ()
    drop: Sequence[str] = ()
    encoding: Encoding = Encoding.ONE_HOT
    time_column: str | None = None
    host_column: str | None = None
    folds: int | None = None
    grid: Mapping[str, Sequence[Value]] | None = None
    alpha: float = 0.05
    check_leak: bool = False
    single_columns: bool = False
    least_rows: int = 1


def train_classifier(wish: Wish, progress: Progress | None = None) -> Trained:
    """Train a classifier and judge it on rows that were held out before anything was learned."""
    checked_alpha(wish.alpha)
    remarks: list[str] = []
    source = _frequent(labelled_rows(wish.rows), wish.least_rows, remarks)
    if not len(source.classes):
        raise UsageError(f"no {source.of} with a label", hint="check the labels and the files")
    parts = _parts(wish, source, remarks)
    preparation = Preparation.learned(
        source.table[parts.fit], keep=wish.keep, drop=wish.drop, encoding=wish.encoding
    )
    data = _Data(matrix=preparation.matrix(source.table), classes=source.classes, parts=parts)
    tried, cross = _searched(wish, data, progress)
    recipe = wish.recipe
    if tried:
        recipe = replace(recipe, parameters={**recipe.parameters, **tried[0].parameters})
    _tell(progress, "training", 0, 1)
    classifier = _fitted(wish, recipe, preparation, data)
    chances = classifier.chances_of(data.matrix[parts.judged])
    truth = source.classes[parts.judged]
    found = figures(truth, classifier.labels(chances), classifier.classes, chances)
    single, lost, equal = _leaks(wish, recipe, preparation, data, progress)
    sets = classifier.sets_of(data.matrix[parts.judged], chances, wish.alpha)
    coverage = coverage_of(sets, classifier.places(truth), classifier.classes, wish.alpha)
    return Trained(
        classifier=classifier,
        recipe=recipe,
        source=source,
        split=wish.split,
        counts=parts.counts,
        figures=found,
        coverage=coverage,
        never_left_out=classifier.conformal.never_left_out(classifier.classes, wish.alpha),
        importances=_importances(classifier, data, recipe, progress),
        cross=cross,
        tried=tried,
        single=single,
        shuffled=lost,
        repeated=equal,
        remarks=[*remarks, *doubts_of(found, single, lost, equal)],
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parts:
    """Numbers of the rows that the trees learn from, that say what is surprising, and that judge."""

    fit: "np.ndarray"
    calibrate: "np.ndarray"
    judged: "np.ndarray"
    division: Division

    @property
    def learned(self) -> "np.ndarray":
        """All rows but those that judge."""
        import numpy as np

        return np.sort(np.concatenate([self.fit, self.calibrate]))

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each."""
        return {"learned": len(self.fit), "calibrated": len(self.calibrate), "held_out": len(self.judged)}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Data:
    """All rows as numbers, with their classes and parts."""

    matrix: "np.ndarray"
    classes: "np.ndarray"
    parts: _Parts

    @property
    def seen(self) -> "np.ndarray":
        """Numbers that stand for the rows that the trees learn from."""
        import numpy as np

        return np.unique(fingerprints(self.matrix[self.parts.fit]))


def _frequent(source: LabelledRows, least: int, remarks: list[str]) -> LabelledRows:
    """Leave out classes with fewer rows than asked for."""
    import numpy as np

    found, at, counts = np.unique(source.classes.astype(str), return_inverse=True, return_counts=True)
    rare = [f"'{one}' ({count})" for one, count in zip(found, counts, strict=True) if count < least]
    if not rare:
        return source
    remarks.append(f"classes with fewer than {least} rows left out: {', '.join(rare)}")
    kept = counts[at] >= least
    return replace(source, table=source.table.filter(kept), classes=source.classes[kept])


def _parts(wish: Wish, source: LabelledRows, remarks: list[str]) -> _Parts:
    table = source.table
    division = Division(
        how=wish.split,
        classes=source.classes,
        times=times_of(table, wish.time_column) if wish.split is Split.TIME else None,
        hosts=hosts_of(table, wish.host_column) if wish.split is Split.HOST else None,
        seed=wish.recipe.seed,
    )
    learned, judged = divided(division, wish.test_size)
    inner = division.of(learned)
    try:
        fit, calibrate = set_apart(inner, CALIBRATION)
    except UsageError:
        # Too few hosts or moments for a second cut: at random is better than nothing.
        fit, calibrate = set_apart(replace(inner, how=Split.STRATIFIED), CALIBRATION)
        remarks.append(f"what is surprising was learned from rows drawn at random, not by {wish.split}")
    return _Parts(fit=learned[fit], calibrate=learned[calibrate], judged=judged, division=division)


def _searched(
    wish: Wish, data: _Data, progress: Progress | None
) -> tuple[Sequence[CrossValidated], CrossValidated | None]:
    """Search parameters and cross-validate on the rows that do not judge."""
    learned = data.parts.learned
    division = data.parts.division.of(learned)
    material = Material(matrix=data.matrix[learned], division=division, folds=wish.folds or GRID_FOLDS)
    if wish.grid is not None:
        tried = searched(wish.recipe, wish.grid, material, _steps(progress, "grid search"))
        return tried, tried[0]
    if wish.folds is None:
        return (), None
    return (), cross_validated(wish.recipe, material, _steps(progress, "cross-validation"))


def _fitted(wish: Wish, recipe: Recipe, preparation: Preparation, data: _Data) -> Classifier:
    import numpy as np

    parts = data.parts
    estimator = trained(recipe, data.matrix[parts.fit], data.classes[parts.fit])
    fit, classes = data.matrix[parts.fit], tuple(map(str, estimator.classes_))
    places = np.searchsorted(estimator.classes_.astype(str), data.classes[parts.fit].astype(str))
    made = Classifier(
        type=recipe.type,
        classes=classes,
        preparation=preparation,
        trees=StoredTrees.of_estimator(estimator),
        conformal=Conformal(),
        oddness=Oddness.learned(fit, places, len(classes)),
        seen=data.seen,
        alpha=wish.alpha,
        jobs=recipe.jobs,
    )
    chances = made.chances_of(data.matrix[parts.calibrate])
    odd = made.oddness.scores(data.matrix[parts.calibrate])
    kept = Conformal.learned(made.places(data.classes[parts.calibrate]), chances, odd)
    return replace(made, conformal=kept)


def _leaks(
    wish: Wish, recipe: Recipe, preparation: Preparation, data: _Data, progress: Progress | None
) -> tuple[Sequence[SingleColumn], Shuffled | None, float]:
    """Look for signs that the figures are too good to be true, as far as was asked for."""
    sides = (data.parts.learned, data.parts.judged)
    single: Sequence[SingleColumn] = ()
    if wish.single_columns:
        single = single_columns(data.matrix, preparation.groups, data.classes, sides, recipe.seed)
    lost = None
    if wish.check_leak:
        steps = _steps(progress, "shuffled labels")
        lost = shuffled(recipe, data.matrix, data.classes, sides, steps)
    return single, lost, repeated(data.seen, fingerprints(data.matrix[data.parts.judged]))


def _importances(
    classifier: Classifier, data: _Data, recipe: Recipe, progress: Progress | None
) -> list[Importance]:
    """Return what the columns are worth on some of the held-out rows."""
    judged = data.parts.judged
    rows = judged[sampled(data.classes[judged], IMPORTANCE_ROWS, recipe.seed)]
    truth = data.classes[rows]

    def judge(matrix: "np.ndarray") -> float:
        said = classifier.labels(classifier.chances_of(matrix))
        return figures(truth, said, classifier.classes).f1

    steps = _steps(progress, "importances")
    return permutation_importances(
        data.matrix[rows], classifier.preparation.groups, judge, recipe.seed, steps
    )


def _tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    if progress is not None:
        progress(what, done, total)


def _steps(progress: Progress | None, what: str) -> Steps | None:
    """Return something to tell the steps of one activity to."""
    if progress is None:
        return None
    told = progress
    return lambda done, total: told(what, done, total)
