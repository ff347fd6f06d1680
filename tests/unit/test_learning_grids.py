"""How far out a value lies: quantile grids and the tails that are read off them."""

import numpy as np
import pytest

from oddwire.errors import ModelError
from oddwire.learning.grids import LEVELS, Grids, grids_of, upper_tails


def grid_of(values: list[float]) -> tuple[np.ndarray, int]:
    column = np.array(values, dtype=np.float32)[:, None]
    made = grids_of(column, np.zeros(len(values), np.int64), 1)
    return made.values[0, 0], int(made.rows[0, 0])


def test_each_group_and_feature_has_its_own_quantiles() -> None:
    matrix = np.array([[1, 10], [2, 20], [3, np.nan], [100, np.nan]], dtype=np.float32)
    made = grids_of(matrix, np.array([0, 0, 0, 2]), 3)
    assert made.values.shape == (3, 2, len(LEVELS))
    assert made.rows.tolist() == [[3, 2], [0, 0], [1, 0]]
    assert made.values[0, 0, 0] == 1
    assert made.values[0, 0, -1] == 3
    assert np.isnan(made.values[1]).all()
    assert np.isnan(made.values[2, 1]).all()


def test_the_order_of_rows_changes_nothing() -> None:
    random = np.random.default_rng(0)
    matrix, groups = random.normal(size=(200, 3)).astype(np.float32), random.integers(0, 4, 200)
    order = random.permutation(200)
    once, again = grids_of(matrix, groups, 4), grids_of(matrix[order], groups[order], 4)
    assert np.array_equal(once.values, again.values)
    assert np.array_equal(once.rows, again.rows)


def test_a_tail_is_the_share_of_training_at_least_as_large() -> None:
    grid, rows = grid_of(list(range(1000)))
    told = upper_tails(np.array([-5.0, 0, 500, 900, 990]), grid, rows)
    assert told[:2].tolist() == [0, 0]
    assert told[2:] == pytest.approx([-np.log10(0.5), 1, 2], abs=0.01)


def test_a_tail_rises_and_goes_on_beyond_what_was_ever_seen() -> None:
    grid, rows = grid_of(list(range(1000)))
    told = upper_tails(np.array([0.0, 700, 950, 998, 999, 1_000, 2_000, 1e6]), grid, rows)
    assert (np.diff(told) >= 0).all()
    assert told[-1] > told[-2] > told[-3] > told[4] > 2.9


def test_what_is_common_is_ordinary_and_the_first_of_its_kind_is_not() -> None:
    grid, rows = grid_of([0.0] * 200)
    ordinary, first = upper_tails(np.array([0.0, 1.0]), grid, rows)
    assert ordinary == 0
    assert first > np.log10(201)


def test_unknown_values_and_unknown_features_are_ordinary() -> None:
    grid, rows = grid_of([1.0, 2.0, 3.0])
    assert upper_tails(np.array([np.nan]), grid, rows).tolist() == [0]
    assert upper_tails(np.array([9.0]), np.full(len(LEVELS), np.nan), 0).tolist() == [0]


def test_grids_come_back_as_they_were_and_damaged_ones_do_not() -> None:
    matrix = np.array([[1, np.nan], [2, np.nan], [5, np.nan]], dtype=np.float32)
    made = grids_of(matrix, np.zeros(3, np.int64), 1)
    arrays = dict(made.arrays("x"))
    again = Grids.of(arrays, "x", groups=1, features=2)
    assert np.array_equal(again.values, made.values, equal_nan=True)
    falling, full = made.values[..., ::-1], np.nan_to_num(made.values)
    gone = np.full_like(made.values, np.nan)
    for damage in (
        {"x_values": falling},
        {"x_values": full},
        {"x_values": gone},
        {"x_values": made.values[..., 1:]},
        {"x_values": full.astype(np.int64)},
        {"x_rows": -made.rows},
        {"x_rows": made.rows.astype(float)},
    ):
        with pytest.raises(ModelError, match=r"x_(values|rows)"):
            Grids.of({**arrays, **damage}, "x", groups=1, features=2)
    for shape in ({"groups": 2, "features": 2}, {"groups": 1, "features": 3}):
        with pytest.raises(ModelError, match="impossible shape"):
            Grids.of(arrays, "x", **shape)
    with pytest.raises(ModelError, match="no good array"):
        Grids.of({}, "x", groups=1, features=2)
