"""Drift: an ordinary week is steady, a short capture says nothing, and what really changed is seen."""

from functools import cache

import numpy as np
import polars as pl
import pytest

from oddwire.errors import ModelError, UsageError
from oddwire.learning.day_tests import holm, psi_of_days
from oddwire.learning.days import ranks
from oddwire.learning.drift import Drift, drift
from oddwire.learning.references import MOST_HOSTS, Reference, reference_of
from oddwire.learning.verdicts import Verdict
from tests.unit.weeks_of_units import DAY_NS, HOSTS, MONDAY_NS, weeks

TRAINED = 21
WHEN = pl.col("window").dt.timestamp("ns")


@cache
def trained(seed: int) -> Reference:
    return reference_of(weeks(seed, TRAINED))


@cache
def later(seed: int, days: int = 7) -> pl.DataFrame:
    return weeks(seed, days, start=TRAINED)


def after(day: int) -> pl.Expr:
    """Say which rows come after so many later days."""
    return pl.col("window").dt.timestamp("ns") >= MONDAY_NS + (TRAINED + day) * DAY_NS


def seen(table: pl.DataFrame, seed: int = 1) -> Drift:
    return drift(trained(seed), table)


@pytest.mark.parametrize("seed", range(8))
def test_an_ordinary_week_is_steady(seed: int) -> None:
    said = seen(later(seed), seed)
    assert (said.verdict, said.days, said.trained_days) == (Verdict.STEADY, 7, TRAINED)
    assert not said.moved
    assert not said.hosts


@pytest.mark.parametrize("rows", [0, 1, 40, 200])
def test_a_short_capture_says_nothing(rows: int) -> None:
    said = seen(later(1).head(rows))
    assert said.verdict is Verdict.UNKNOWN
    assert said.why.startswith("there is no whole day to compare")


def test_short_training_says_nothing() -> None:
    said = drift(reference_of(weeks(1, 3)), later(1))
    assert said.verdict is Verdict.UNKNOWN
    assert "3 whole days" in said.why


def test_days_off_are_not_compared_with_working_days() -> None:
    said = drift(reference_of(weeks(1, 5)), weeks(1, 2, start=5))
    assert said.why == "there is no whole day to compare with training days of its kind"


def test_a_day_with_a_hole_is_no_whole_day() -> None:
    hour = pl.col("window").dt.hour()
    holes = later(1).filter(~hour.is_between(9, 16))
    assert seen(holes).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("seed", range(3))
def test_more_volume_is_seen(seed: int) -> None:
    more = later(seed, 14).with_columns(pl.col("bytes_out", "bytes_in") * 2)
    said = seen(more, seed)
    assert said.verdict.rank >= Verdict.DRIFTING.rank
    assert {one.feature for one in said.moved} & {"bytes_out", "bytes_in"}
    first = said.moved[0]
    assert first.effect > 0
    assert first.hosts
    assert set(first.hosts) <= set(HOSTS)
    assert first.before is not None
    assert first.now is not None
    assert first.now[1] > first.before[1]
    assert said.verdict_of("failed") is Verdict.STEADY


def test_it_says_since_when() -> None:
    late = pl.when(after(7)).then(4.0).otherwise(1.0)
    said = seen(later(1, 14).with_columns(pl.col("bytes_out") * late))
    since = [one.since_ns for one in said.moved if one.feature == "bytes_out"]
    assert since[0] == MONDAY_NS + (TRAINED + 7) * DAY_NS


def test_another_shape_with_the_same_middle_is_seen() -> None:
    middle = pl.col("peers").median().over("host")
    wide = (middle + 4 * (pl.col("peers") - middle)).clip(0)
    said = seen(later(1, 14).with_columns(wide.alias("peers")))
    assert ("peers", "shape") in {(one.feature, one.measure) for one in said.moved}


def test_what_becomes_unknown_is_seen() -> None:
    said = seen(later(1).with_columns(peers=pl.when(WHEN // 900_000_000_000 % 2 == 0).then(pl.col("peers"))))
    assert ("peers", "unknown values") in {(one.feature, one.measure) for one in said.moved}


def test_a_migration_is_seen() -> None:
    moved = pl.when((pl.col("host") == HOSTS[0]) & after(3)).then(pl.lit("10.0.0.77"))
    said = seen(later(1).with_columns(host=moved.otherwise("host")))
    assert said.verdict is not Verdict.STEADY
    assert [(one.host, one.what) for one in said.hosts] == [(HOSTS[0], "gone")]
    assert said.hosts[0].since_ns == MONDAY_NS + (TRAINED + 3) * DAY_NS
    assert said.new_hosts == ("10.0.0.77",)


def with_ports(table: pl.DataFrame, *, new: bool = False) -> pl.DataFrame:
    """Return a table of pairs: what each row speaks, and sometimes something new."""
    even = WHEN // 900_000_000_000 % 2 == 0
    port = pl.when(even).then(443).otherwise(53)
    if new:
        port = pl.when(WHEN // 900_000_000_000 % 10 == 0).then(8443).otherwise(port)
    return table.with_columns(port=port, protocol=pl.lit(6), peer=pl.lit("10.0.1.1"))


def test_a_new_service_is_seen() -> None:
    reference = reference_of(with_ports(weeks(1, TRAINED)))
    assert drift(reference, with_ports(later(1))).verdict is Verdict.STEADY
    said = drift(reference, with_ports(later(1), new=True))
    told = {one.measure: one.values for one in said.moved}
    assert told == {"new services": ("6 8443",), "new regular places": ("10.0.1.1 8443",)}


def test_a_new_place_that_is_used_again_and_again_is_seen() -> None:
    reference = reference_of(with_ports(weeks(1, TRAINED)))
    few = (WHEN // 900_000_000_000 % 24 == 0) & after(2)
    moved = with_ports(later(1)).with_columns(peer=pl.when(few).then(pl.lit("10.0.1.7")).otherwise("peer"))
    (said,) = drift(reference, moved).moved
    assert (said.measure, said.verdict) == ("new regular places", Verdict.DRIFTING)
    assert said.values[0].startswith("10.0.1.7 ")
    assert said.since_ns == MONDAY_NS + (TRAINED + 2) * DAY_NS
    assert Reference.load(reference.arrays()).places is not None


def test_new_places_of_every_day_are_no_news() -> None:
    def browsing(table: pl.DataFrame) -> pl.DataFrame:
        day = WHEN // DAY_NS
        own = pl.when(WHEN // 900_000_000_000 % 8 == 0).then(pl.format("day-{}", day)).otherwise("peer")
        return with_ports(table).with_columns(peer=own)

    reference = reference_of(browsing(weeks(1, TRAINED)))
    assert drift(reference, browsing(later(1))).verdict is Verdict.STEADY


def test_a_host_that_is_another_now_is_named() -> None:
    much = pl.when(pl.col("host") == HOSTS[1]).then(100.0).otherwise(1.0)
    said = seen(later(1).with_columns(pl.col("bytes_out") * much))
    assert ("bytes_out", HOSTS[1]) in {(one.what, one.host) for one in said.hosts}


def test_nobody_that_was_there_is_there() -> None:
    said = seen(later(1).with_columns(host=pl.lit("192.0.2.1")))
    assert said.verdict is Verdict.UNKNOWN
    assert "none of the hosts" in said.why


def test_the_same_in_and_out() -> None:
    reference = trained(1)
    again = Reference.load(reference.arrays())
    assert again.arrays().keys() == reference.arrays().keys()
    for name, array in reference.arrays().items():
        assert array.dtype.kind in "iufU"
        np.testing.assert_array_equal(array, again.arrays()[name])
    assert drift(again, later(1)) == drift(reference, later(1))
    assert reference_of(weeks(1, TRAINED)).arrays()["grid"].tobytes() == reference.grid.tobytes()


def damaged(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of a reference with one of them wrong."""
    arrays = dict(trained(1).arrays())
    if name == "gone":
        del arrays["zero"]
    elif name == "short":
        arrays["days"] = arrays["days"][1:]
    elif name == "text":
        arrays["grid"] = arrays["grid"].astype(np.str_)
    else:
        arrays["grid"] = arrays["grid"][:, ::-1]
    return arrays


@pytest.mark.parametrize("name", ["gone", "short", "text", "order"])
def test_a_reference_that_does_not_fit_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="this reference"):
        Reference.load(damaged(name))


def test_another_table_is_refused() -> None:
    with pytest.raises(UsageError, match="bytes_out"):
        seen(later(1).drop("bytes_out"))
    with pytest.raises(UsageError, match="host"):
        seen(later(1).drop("host"))


def test_a_crowd_of_hosts_is_bounded() -> None:
    hosts = pl.Series("host", [f"10.1.{at // 256}.{at % 256}" for at in range(1_200) for _ in range(6)])
    table = pl.DataFrame(
        {"window": np.arange(len(hosts)) * 10**9, "host": hosts, "bytes": np.arange(len(hosts))}
    )
    reference = reference_of(table)
    assert len(reference.hosts) == MOST_HOSTS
    assert reference.rows == table.height


def test_equal_values_have_one_rank() -> None:
    grid = np.array([0, 0, 0, 1], dtype=np.float32)
    assert ranks(np.array([0, 1, 2, -1], dtype=np.float32), grid).tolist() == [0.375, 0.875, 1.0, 0.0]


def test_the_index_of_equal_days_is_nothing() -> None:
    days = np.arange(4, 8)
    same = np.full((4, 1, 10), 0.1)
    own, others = psi_of_days(days, same, days, same)
    assert max(own.max(), others.max()) < 1e-9
    other = np.zeros((4, 1, 10))
    other[:, :, 0] = 1
    assert psi_of_days(days, same, days, other)[1].min() > 2


def test_holm_by_hand() -> None:
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03])), [0.03, 0.06, 0.06])
