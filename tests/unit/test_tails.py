"""The tail of scores: p-values as defined, surprise in order and without a jump, bounded space."""

import numpy as np
import pytest

from oddwire.errors import UsageError
from oddwire.learning import tails
from oddwire.learning.tails import Tail


def plainly(calibration: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return p-values as they are defined, one by one."""
    return np.array([(1 + (calibration >= one).sum()) / (1 + calibration.size) for one in scores])


def test_p_values_are_those_of_the_definition_with_ties() -> None:
    calibration = np.random.default_rng(1).integers(0, 40, 900).astype(float)
    asked = np.arange(-1, 42, 0.5)
    found = Tail.of(calibration, days=3).p_values(asked)
    assert found.tolist() == plainly(calibration, asked).tolist()


def test_p_values_of_many_scores_are_exact_at_the_top_and_never_too_small_below() -> None:
    calibration = np.random.default_rng(2).standard_normal(300_000)
    tail = Tail.of(calibration, days=7)
    asked = np.random.default_rng(3).standard_normal(300) * 1.5
    found, right = tail.p_values(asked), plainly(calibration, asked)
    top = right <= tails.EXACT / calibration.size
    assert top.sum() > 10
    assert found[top].tolist() == right[top].tolist()
    assert np.all(found >= right)
    assert np.all(found <= right * 1.011)
    assert tail.values.size <= tails.EXACT + tails.STEPS


def test_p_values_of_new_ordinary_rows_are_even() -> None:
    chance = np.random.default_rng(4)
    found = Tail.of(chance.standard_t(3, 50_000), days=7).p_values(chance.standard_t(3, 50_000))
    for share in (0.5, 0.1, 0.01, 0.002):
        assert (found <= share).mean() == pytest.approx(share, rel=0.25)


def test_an_unknown_score_is_not_odd() -> None:
    tail = Tail.of(np.array([1.0, np.nan, 2.0, 3.0]), days=1)
    assert tail.rows == 3
    assert tail.p_values(np.array([np.nan]))[0] == 1
    assert tail.surprise(np.array([np.nan]))[0] == tail.surprise(np.array([-np.inf]))[0]


@pytest.mark.parametrize("shape", ["normal", "heavy", "ties", "one value"])
def test_surprise_rises_with_the_score_and_makes_no_jump(shape: str) -> None:
    chance = np.random.default_rng(5)
    calibration = {
        "normal": chance.standard_normal(20_000),
        "heavy": chance.standard_cauchy(20_000),
        "ties": chance.integers(0, 5, 20_000).astype(float),
        "one value": np.full(100, 2.0),
    }[shape]
    tail = Tail.of(calibration, days=2)
    high = tail.values[-1]
    beyond = high + tail.scale * np.array([0, 1e-9, 0.5, 1, 10, 100, 1e6])
    asked = np.sort(np.concatenate((chance.choice(calibration, 500), beyond)))
    found = tail.surprise(asked)
    assert np.all(np.diff(found) >= 0)
    assert np.all(np.diff(tail.surprise(beyond)) > 0)
    assert tail.surprise(beyond)[1] == pytest.approx(tail.surprise(beyond)[0], abs=1e-6)
    inside = asked[asked <= high]
    said = -np.log10(tail.p_values(inside) * tail.rows_per_day)
    assert np.all(tail.surprise(inside) <= said + 0.005)
    top = inside > tail.values[-min(tail.values.size, tails.EXACT)]
    assert np.all(tail.surprise(inside)[top] <= said[top] + 1e-9)


def test_surprise_is_rows_a_day_whatever_the_rate_of_rows() -> None:
    chance = np.random.default_rng(6)
    often, seldom = Tail.of(chance.normal(size=100_000), days=1), Tail.of(chance.normal(size=2_000), days=1)
    for tail, rows in ((often, 100_000), (seldom, 2_000)):
        odd = tail.surprise(chance.normal(size=rows)) >= -2
        assert odd.sum() == pytest.approx(100, rel=0.35)


def test_wild_scores_stay_in_order_and_are_numbers() -> None:
    tail = Tail.of(np.random.default_rng(7).standard_normal(1_000), days=1)
    found = tail.surprise(np.array([10.0, 1e3, 1e9, 1e100, 1e300, np.inf]))
    assert np.all(np.isfinite(found))
    assert np.all(np.diff(found)[:-1] > 0)
    wild = Tail.of(np.array([-np.inf, 0.0, 1.0, np.inf]), days=1)
    assert np.all(np.isfinite(wild.surprise(np.array([-np.inf, 0.5, np.inf]))))


def test_a_few_wild_scores_in_calibration_move_the_end_little() -> None:
    ordinary = np.random.default_rng(8).exponential(size=20_000)
    wild = ordinary.copy()
    wild[:5] = 1e6
    assert Tail.of(ordinary, days=1).scale == pytest.approx(1.0, rel=0.2)
    assert Tail.of(wild, days=1).scale == pytest.approx(1.0, rel=0.2)


@pytest.mark.parametrize("scores", [[], [np.nan]])
def test_nothing_to_calibrate_with_is_said(scores: list[float]) -> None:
    with pytest.raises(UsageError, match="no score to calibrate"):
        Tail.of(np.array(scores), days=1)


def test_what_is_saved_comes_back() -> None:
    tail = Tail.of(np.random.default_rng(9).standard_normal(30_000), days=4)
    asked = np.linspace(-5, 9, 333)
    again = Tail.load(tail.save())
    assert again.surprise(asked).tolist() == tail.surprise(asked).tolist()
    assert again.p_values(asked).tolist() == tail.p_values(asked).tolist()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("values", np.array([2.0, 1.0])),
        ("values", np.array([[1.0]])),
        ("at_least", np.array([1, 2])),
        ("above", np.array([9, 9])),
        ("figures", np.array([1.0])),
        ("figures", np.array([2.0, np.nan, 1.0])),
        ("figures", np.array(["a", "b", "c"])),
    ],
)
def test_damaged_arrays_are_refused(name: str, value: np.ndarray) -> None:
    saved = Tail.of(np.array([1.0, 2.0]), days=1).save()
    assert Tail.load(saved).rows == 2
    with pytest.raises(UsageError, match="damaged"):
        Tail.load(saved | {name: value})
    with pytest.raises(UsageError, match="damaged"):
        Tail.load({key: array for key, array in saved.items() if key != name})
