"""Why a row is odd: what goes of its score when a feature is as usual."""

import numpy as np
import polars as pl
import pytest

from oddwire.learning.contexts import context_of
from oddwire.learning.matrices import matrix_of
from oddwire.learning.reasons import MOST_REASONS, Usual, reasons_of
from oddwire.records.unit import Scale

NAMES = ("bytes", "share", "hosts")
SCALES = {"bytes": Scale.LOG, "share": Scale.PLAIN, "hosts": Scale.LOG}


def ordinary(rows: int = 400) -> pl.DataFrame:
    random = np.random.default_rng(0)
    host = np.arange(rows) % 2
    return pl.DataFrame(
        {
            "host": [("quiet", "busy")[one] for one in host],
            "bytes": np.where(host == 1, 1e6, 1e3) * random.lognormal(0, 0.2, rows),
            "share": random.uniform(0.4, 0.6, rows),
            "hosts": random.poisson(3, rows) * 1.0,
        }
    )


def usual_of(rows: pl.DataFrame) -> Usual:
    table = ordinary()
    matrix = matrix_of(table, NAMES, SCALES)
    own, everybody = context_of(table, matrix, "host"), context_of(table, matrix, "")
    return Usual.of(rows, NAMES, SCALES, own=own, everybody=everybody)


def row(host: str = "quiet", **values: float | None) -> pl.DataFrame:
    given = {"bytes": 1e3, "share": 0.5, "hosts": 3.0, **values}
    return pl.DataFrame(
        {"host": [host], **{name: pl.Series([given[name]], dtype=pl.Float64) for name in NAMES}}
    )


def test_what_is_usual_is_the_hosts_own_and_in_its_own_measure() -> None:
    usual = usual_of(pl.concat([row("quiet"), row("busy"), row("stranger")]))
    assert usual.low[0, 0] < 1e3 < usual.high[0, 0] < 2e3
    assert usual.low[1, 0] < 1e6 < usual.high[1, 0] < 2e6
    assert usual.low[2, 0] < 2e3
    assert usual.high[2, 0] > 5e5
    assert 0.4 <= usual.low[0, 1] <= usual.middle[0, 1] <= usual.high[0, 1] <= 0.6


def test_only_what_matters_is_a_reason() -> None:
    def score(table: pl.DataFrame) -> np.ndarray:
        told: np.ndarray = np.log1p(table["bytes"].to_numpy())
        return told

    odd = row(bytes=1e9, hosts=500.0, share=1.0)
    (told,) = reasons_of(odd, NAMES, usual_of(odd), score)
    assert [one.feature for one in told] == ["bytes"]
    assert told[0].weight == 1
    assert told[0].value == 1e9
    assert told[0].typical[0] < 1e3 < told[0].typical[1] < 1e4


def test_the_weightiest_comes_first_and_values_are_those_of_the_row() -> None:
    def score(table: pl.DataFrame) -> np.ndarray:
        return (table["hosts"] / 100 + table["share"]).to_numpy()

    rows = pl.concat([row(hosts=403.0, share=1.5), row("busy", hosts=3.0, share=0.9)])
    first, second = reasons_of(rows, NAMES, usual_of(rows), score)
    assert [(one.feature, one.value) for one in first] == [("hosts", 403.0), ("share", 1.5)]
    assert [one.weight for one in first] == pytest.approx([0.8, 0.2], abs=0.02)
    assert [one.feature for one in second] == ["share"]


def test_a_row_that_is_odd_only_as_a_whole_has_no_reason_rather_than_a_wrong_one() -> None:
    rows = row(bytes=1e9)
    assert reasons_of(rows, NAMES, usual_of(rows), lambda table: np.ones(table.height)) == [()]
    assert reasons_of(rows.clear(), NAMES, usual_of(rows), lambda table: np.ones(table.height)) == []


def test_what_is_unknown_is_no_reason() -> None:
    rows = row(bytes=None, share=2.0)
    (told,) = reasons_of(
        rows,
        NAMES,
        usual_of(rows),
        lambda one: (one["bytes"].fill_null(1e12) / 1e9 + one["share"]).to_numpy(),
    )
    assert "bytes" not in [one.feature for one in told]


@pytest.mark.parametrize(
    "parts", [(1, 1, 1, 1, 2), (1, 1, 1, 1, 1, 1), (1665, 1665, 1665, 1665, 3340), (3, 1)]
)
def test_weights_never_sum_to_more_than_all(parts: tuple[int, ...]) -> None:
    names = [f"f{number}" for number in range(len(parts))]
    odd = pl.DataFrame(
        {"host": ["a"], **{name: [float(part)] for name, part in zip(names, parts, strict=True)}}
    )
    usual = Usual(**{one: np.zeros((1, len(parts))) for one in ("low", "middle", "high")})
    (told,) = reasons_of(
        odd, names, usual, lambda table: table.select(pl.sum_horizontal(names)).to_series().to_numpy()
    )
    weights = [one.weight for one in told]
    assert 0.8 < sum(weights) <= 1
    assert weights == sorted(weights, reverse=True)
    assert len(told) == min(len(parts), MOST_REASONS)
