"""Bins: what training met often is no surprise, what it never met is one."""

import numpy as np
import pytest

from oddwire.errors import ModelError
from oddwire.learning.density import BINS, MOST_BEYOND, Density


def normal(rows: int = 5_000, features: int = 2) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(rows, features)).astype(np.float32)


def test_the_commonest_bin_is_no_surprise_and_rarer_ones_are_more() -> None:
    made = Density.of(normal())
    assert made.rarity.min(axis=1).tolist() == [0, 0]
    middle, edge, outside = made.score(np.array([[0, 0], [3, 0], [9, 0]], dtype=np.float32))
    assert middle < 0.3
    assert 2 < edge < outside


def test_beyond_the_bins_it_rises_up_to_a_bound_on_both_sides() -> None:
    made = Density.of(normal())
    for side in (-1.0, 1.0):
        scores = made.score(np.array([[side * far, 0] for far in (5, 6, 9, 30, 1e6, 1e12)], dtype=np.float32))
        assert (np.diff(scores) >= 0).all()
        assert scores[-1] == scores[-2]
        assert scores[-1] - made.rarity[0].max() <= MOST_BEYOND + 0.3


def test_a_constant_feature_has_one_bin_and_all_else_is_outside() -> None:
    made = Density.of(np.full((100, 1), 7, dtype=np.float32))
    same, near, far = made.score(np.array([[7], [8.5], [90]], dtype=np.float32))
    assert same == 0
    assert 0 < near < far


def test_unknown_values_add_nothing() -> None:
    matrix = normal()
    matrix[::2, 1] = np.nan
    made = Density.of(matrix)
    assert made.score(np.array([[np.nan, np.nan]], dtype=np.float32)).tolist() == [0]
    both, one = made.score(np.array([[9, 9], [9, np.nan]], dtype=np.float32))
    assert both > one > 0


def test_the_order_of_rows_changes_nothing() -> None:
    matrix = normal()
    turned = matrix[np.random.default_rng(1).permutation(len(matrix))]
    once, again = Density.of(matrix).arrays(), Density.of(turned).arrays()
    assert all(np.array_equal(once[name], again[name]) for name in once)


def test_bins_come_back_and_damaged_ones_do_not() -> None:
    made = Density.of(normal())
    arrays = dict(made.arrays("d."))
    again = Density.load(arrays, "d.", features=2)
    assert np.array_equal(again.score(normal(50)), made.score(normal(50)))
    with pytest.raises(ModelError):
        Density.load(arrays, "d.", features=3)
    for damage in (
        {"d.low": made.low[:1]},
        {"d.width": made.width * 0},
        {"d.width": made.width * np.nan},
        {"d.rarity": made.rarity[:, : BINS - 1]},
        {"d.rarity": -made.rarity - 1},
        {"d.rarity": made.rarity.astype("U9")},
    ):
        with pytest.raises(ModelError):
            Density.load({**arrays, **damage}, "d.", features=2)
