"""Features as comparable numbers."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from oddwire.errors import ModelError, UsageError
from oddwire.learning.scaling import Scaling, feature_names
from oddwire.records.unit import Scale


def table(**columns: Sequence[float | None]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    return pl.DataFrame({"host": ["10.0.0.1"] * height, **columns})


def test_identity_is_no_feature() -> None:
    assert feature_names(table(bytes=[1.0])) == ["bytes"]


def test_the_middle_is_nothing_and_one_giant_does_not_move_it() -> None:
    calm = table(bytes=[float(one) for one in range(101)])
    giant = calm.with_columns(bytes=pl.when(pl.col("bytes") == 100).then(1e12).otherwise("bytes"))
    one, other = Scaling.fit(calm), Scaling.fit(giant)
    assert one.middle[0] == other.middle[0] == 50
    assert one.spread[0] == other.spread[0] == pytest.approx(50 / 1.349, rel=1e-3)
    assert one.matrix(calm)[50, 0] == 0
    assert other.matrix(giant)[100, 0] == 1e6


def test_counts_are_taken_by_their_logarithm_and_keep_their_sign() -> None:
    known = table(bytes=[-9.0, 0.0, 9.0], share=[0.1, 0.2, 0.3])
    scaling = Scaling.fit(known, scales={"bytes": Scale.LOG, "share": Scale.PLAIN})
    made = scaling.matrix(known)
    assert made.dtype == np.float32
    assert scaling.spread[0] == pytest.approx(np.log(10) / 1.349, rel=1e-3)
    np.testing.assert_allclose(made[:, 0], [-1.349, 0, 1.349], atol=1e-3)


def test_a_missing_value_is_the_median_and_marked_only_if_it_was_missing_in_training() -> None:
    known = table(a=[1.0, None, 3.0, float("nan")], b=[1.0, 2.0, 3.0, 4.0])
    scaling = Scaling.fit(known)
    assert scaling.columns == ("a", "b", "missing:a")
    made = scaling.matrix(table(a=[None, 2.0], b=[None, float("inf")]))
    np.testing.assert_array_equal(made, [[0, 0, 1], [0, 0, 0]])


@pytest.mark.parametrize("values", [[5.0, 5.0, 5.0], [None, None, None], [1e300, 1.0, -1e300]])
def test_what_never_varies_or_varies_wildly_stays_finite(values: list[float | None]) -> None:
    known = table(a=values)
    made = Scaling.fit(known).matrix(table(a=[0.0, 1e308, None]))
    assert np.isfinite(made).all()


def test_few_other_values_still_have_a_spread() -> None:
    scaling = Scaling.fit(table(a=[0.0] * 99 + [60.0]))
    assert scaling.spread[0] == 10


def test_whole_numbers_and_truth_are_features() -> None:
    known = pl.DataFrame({"count": [1, 2, 3], "tls": [True, None, False]})
    assert Scaling.fit(known).matrix(known).shape == (3, 3)


def test_the_order_of_columns_is_that_of_training() -> None:
    known = table(a=[1.0, 2.0, 3.0], b=[9.0, 8.0, 7.0])
    scaling = Scaling.fit(known)
    np.testing.assert_array_equal(scaling.matrix(known.select("b", "a")), scaling.matrix(known))


def test_a_table_of_other_features_is_refused() -> None:
    scaling = Scaling.fit(table(a=[1.0], b=[1.0]))
    with pytest.raises(UsageError, match="lacks features of the model: b"):
        scaling.matrix(table(a=[1.0]))
    with pytest.raises(UsageError, match="nothing to learn from"):
        Scaling.fit(table(a=[]))
    with pytest.raises(UsageError, match="is no number"):
        Scaling.fit(pl.DataFrame({"name": ["x"]}))


def test_what_was_saved_is_the_same_scaling() -> None:
    known = table(a=[1.0, None, 3.0], b=[1.0, 2.0, 3.0])
    scaling = Scaling.fit(known, scales={"b": Scale.LOG})
    again = Scaling.load(scaling.save())
    assert again.matrix(known).tobytes() == scaling.matrix(known).tobytes()
    assert again.columns == scaling.columns


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("names", np.array(["a", "a"])),
        ("names", np.array([1, 2])),
        ("log", np.array([True])),
        ("middle", np.array([0.0, np.nan])),
        ("spread", np.array([1.0, 0.0])),
        ("spread", np.array([[1.0, 1.0]])),
        ("gaps", None),
    ],
)
def test_a_damaged_scaling_is_refused(name: str, value: np.ndarray | None) -> None:
    saved = Scaling.fit(table(a=[1.0, 2.0], b=[1.0, 2.0])).save()
    kept = {key: array for key, array in saved.items() if key != f"scaling.{name}"}
    with pytest.raises(ModelError):
        Scaling.load(kept if value is None else {**kept, f"scaling.{name}": value})
