"""Tables as matrices: which columns are features, and what becomes of their values."""

import numpy as np
import polars as pl
import pytest

from oddwire.errors import UsageError
from oddwire.learning.matrices import feature_names, learned_names, matrix_of, trainable_names
from oddwire.records.unit import IDENTITY, Scale

TABLE = pl.DataFrame(
    {
        "host": ["a", "b"],
        "window": [1, 2],
        "bytes": [0.0, 99.0],
        "share": [-0.5, None],
        "unknown": pl.Series([None, None], dtype=pl.Float32),
        "no_number": [float("nan"), float("nan")],
        "text": ["x", "y"],
    }
)


def test_features_are_numbers_that_are_known_at_least_once() -> None:
    assert feature_names(TABLE) == ["bytes", "share"]
    assert feature_names(TABLE[1:]) == ["bytes"]
    assert feature_names(TABLE.clear()) == []
    assert not set(feature_names(TABLE)) & set(IDENTITY)


def test_nothing_to_learn_from_and_nothing_learned_are_said() -> None:
    assert trainable_names(TABLE) == ["bytes", "share"]
    with pytest.raises(UsageError, match="nothing to learn from"):
        trainable_names(TABLE.select("host", "unknown"))
    with pytest.raises(UsageError, match="learned nothing yet"):
        learned_names(None)
    with pytest.raises(UsageError, match="learned nothing yet"):
        matrix_of(TABLE, None)


def test_sizes_are_logarithms_and_shares_are_as_they_are() -> None:
    matrix = matrix_of(TABLE, ["share", "bytes"], {"share": Scale.PLAIN})
    assert matrix.dtype == np.float32
    np.testing.assert_allclose(matrix, [[-0.5, 0], [np.nan, np.log(100)]], rtol=1e-6)
    assert matrix_of(TABLE, ["share"])[0, 0] == 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", list(Scale))
def test_what_is_no_number_is_unknown_and_the_largest_stay_numbers(scale: Scale) -> None:
    wild = pl.DataFrame({"x": [float("inf"), -float("inf"), float("nan"), None, 1e300, 1e12, -1e300]})
    column = matrix_of(wild, ["x"], {"x": scale})[:, 0]
    assert np.isnan(column[:4]).all()
    assert np.isfinite(column[4:]).all()
    assert column[4] == column[5] > column[6]


def test_lacking_and_wrong_columns_are_named() -> None:
    with pytest.raises(UsageError, match="no column 'gone'"):
        matrix_of(TABLE, ["bytes", "gone"])
    with pytest.raises(UsageError, match="'text' of the table is no number"):
        matrix_of(TABLE, ["text"])
    assert matrix_of(TABLE.with_columns(bytes=pl.Series([None, None])), ["bytes"]).shape == (2, 1)
