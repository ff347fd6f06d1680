"""Figures of rankings, against scikit-learn and by hand."""

from math import isnan, nan

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    roc_auc_score,
)

from oddwire.learning.metrics import auroc, average_precision, bootstrap, difference, mean_interval


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("values", [3, 10, 10**9])
def test_areas_are_those_of_scikit_learn_ties_included(seed: int, values: int) -> None:
    dice = np.random.default_rng(seed)
    scores = dice.integers(0, values, 200).astype(float)
    truth = dice.random(200) < 0.1 + 0.3 * (scores > values / 2)
    assert auroc(scores, truth) == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)
    assert average_precision(scores, truth) == pytest.approx(
        average_precision_score(truth, scores), abs=1e-12
    )


def test_areas_at_the_ends() -> None:
    rising, truth = np.arange(10.0), np.arange(10) >= 7
    assert auroc(rising, truth) == average_precision(rising, truth) == 1.0
    assert auroc(-rising, truth) == 0.0
    assert auroc(np.ones(10), truth) == 0.5
    assert average_precision(np.ones(10), truth) == pytest.approx(0.3)


def test_without_attacks_or_without_anything_else_there_is_no_area() -> None:
    assert isnan(auroc(np.arange(3.0), np.zeros(3)))
    assert isnan(auroc(np.arange(3.0), np.ones(3)))
    assert isnan(average_precision(np.arange(3.0), np.zeros(3)))
    assert isnan(auroc(np.zeros(0), np.zeros(0)))


def test_what_has_no_score_is_the_most_ordinary() -> None:
    assert auroc(np.array([nan, 1.0, 2.0]), np.array([0, 0, 1])) == 1.0
    assert auroc(np.array([nan, 1.0, 2.0]), np.array([1, 0, 0])) == 0.0
    assert auroc(np.array([-np.inf, nan]), np.array([1, 0])) == 0.5


# Student's distribution, two-sided 95 %, from tables.
@pytest.mark.parametrize(
    ("count", "reach"), [(2, 12.706), (3, 4.303), (5, 2.776), (10, 2.262), (31, 2.042), (1001, 1.962)]
)
def test_interval_of_a_mean_reaches_as_far_as_tables_say(count: int, reach: float) -> None:
    values = np.arange(count, dtype=float)
    found = mean_interval(values)
    error = values.std(ddof=1) / count**0.5
    assert found.mean == values.mean()
    assert (found.high - found.mean) / error == pytest.approx(reach, abs=5e-4)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    dice = np.random.default_rng(4)
    runs = [mean_interval(dice.normal(3, 2, 6)) for _ in range(1_000)]
    assert sum(one.low <= 3 <= one.high for one in runs) == pytest.approx(950, abs=25)


def test_one_run_has_no_interval_and_none_has_no_mean() -> None:
    one = mean_interval(np.array([2.0]))
    assert (one.mean, one.count) == (2.0, 1)
    assert isnan(one.low)
    assert not one.excludes_zero
    assert isnan(mean_interval(np.array([nan])).mean)


def test_what_is_unknown_is_left_out() -> None:
    assert mean_interval(np.array([1.0, nan, 3.0])).count == 2
    assert bootstrap(np.array([1.0, nan, 3.0])).count == 2


def test_bootstrap_stays_within_what_was_seen_and_repeats() -> None:
    values = np.array([0.0, 0.0, 1.0, 1.0, 1.0])
    found = bootstrap(values, seed=3)
    assert (found.mean, found) == (0.6, bootstrap(values, seed=3))
    assert 0 <= found.low < 0.6 < found.high <= 1


def test_difference_of_the_same_runs_is_surer_than_either() -> None:
    hard = np.array([0.1, 0.9, 0.4, 0.6, 0.2])
    gain = difference(hard + np.array([0.1, 0.11, 0.09, 0.1, 0.1]), hard)
    assert gain.excludes_zero
    assert not difference(hard, hard).excludes_zero
    assert gain.mean == pytest.approx(0.1)
