"""Tails of distributions, as ECOD sums them up."""

import numpy as np
import pytest

from oddwire.errors import ModelError
from oddwire.learning.cumulative import POINTS, Cumulative


def normal(rows: int = 3_000, features: int = 3) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(rows, features)).astype(np.float32)


def test_a_tail_is_the_logarithm_of_the_share_that_is_as_far_out() -> None:
    made = Cumulative.of(np.arange(10_000, dtype=np.float32)[:, None])
    middle, high, low = made.score(np.array([[5_000], [9_900], [99]], dtype=np.float32))
    assert middle == pytest.approx(np.log(2), abs=0.01)
    assert high == pytest.approx(np.log(100), abs=0.1)
    assert low == pytest.approx(np.log(100), abs=0.1)


def test_both_tails_are_odd_and_no_tail_is_endless() -> None:
    made = Cumulative.of(normal())
    middle, high, low, farther = made.score(
        np.array([[0, 0, 0], [9, 9, 9], [-9, -9, -9], [1e9, 1e9, 1e9]], dtype=np.float32)
    )
    assert middle < 4 < high == low == farther
    assert high == pytest.approx(3 * np.log(3_001))


def test_features_lean_to_the_side_of_their_long_tail() -> None:
    random = np.random.default_rng(0)
    right = random.exponential(size=(2_000, 1)).astype(np.float32)
    made = Cumulative.of(np.hstack([right, -right]))
    assert made.leans_left.tolist() == [False, True]
    # Out to the right in the one and to the left in the other: neither side alone has both.
    lean, against = made.score(np.array([[9, -9], [9, -0.7]], dtype=np.float32))
    assert lean > against


def test_constant_and_unknown_features_say_nothing() -> None:
    matrix = normal()
    matrix[:, 1] = 4
    matrix[::2, 2] = np.nan
    made = Cumulative.of(matrix)
    assert made.rows.tolist() == [3_000, 3_000, 1_500]
    plain, without = made.score(np.array([[9, 4, np.nan], [9, np.nan, np.nan]], dtype=np.float32))
    assert plain == pytest.approx(without, abs=0.01)
    assert made.score(np.full((1, 3), np.nan, dtype=np.float32)).tolist() == [0]


def test_points_never_fall() -> None:
    """They are searched by halves."""
    made = Cumulative.of(np.exp(normal(700) * 9))
    assert (np.diff(made.points, axis=1) >= 0).all()


def test_distributions_come_back_and_damaged_ones_do_not() -> None:
    made = Cumulative.of(normal())
    arrays = dict(made.arrays("c."))
    asked = normal(40) * 2
    assert np.array_equal(Cumulative.load(arrays, "c.", features=3).score(asked), made.score(asked))
    for damage in (
        {"c.points": made.points[:, : POINTS - 1]},
        {"c.points": made.points[:2]},
        {"c.points": made.points[:, ::-1]},
        {"c.rows": made.rows * 0},
        {"c.rows": made.rows[:2]},
        {"c.leans_left": made.leans_left.astype(np.int64)},
    ):
        with pytest.raises(ModelError):
            Cumulative.load({**arrays, **damage}, "c.", features=3)
