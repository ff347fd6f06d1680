"""Blocks: alarms stay whole, resampled totals keep their mean, clumps of any length are noticed."""

import numpy as np
import pytest

from oddwire.learning.marks import Marks
from oddwire.learning.raised import Raised, raised
from oddwire.learning.resampling import block_counts, resampled_totals, spread_of
from tests.unit.streams import rows, stream, watched

HOSTS = 10


def at_minutes(minutes: np.ndarray, hosts: np.ndarray) -> Raised:
    names = [f"10.0.0.{number}" for number in hosts]
    marks = Marks.of(rows(names, minutes.tolist(), [1.0] * minutes.size), exposure=watched(14))
    return raised(marks, threshold=0)


def test_an_alarm_over_a_full_hour_is_one_of_the_block_in_which_it_begins() -> None:
    alarms = at_minutes(np.arange(50, 70), np.zeros(20, dtype=int))
    assert alarms.count == 1
    assert block_counts(alarms).tolist() == [1]


def test_resampled_totals_have_the_mean_that_was_counted() -> None:
    alarms = raised(stream(days=14, a_day=10, seed=1), threshold=0)
    totals = resampled_totals(alarms, watched(14))
    assert totals.mean() == pytest.approx(alarms.count, rel=0.02)
    assert totals.std() == pytest.approx(np.sqrt(alarms.count), rel=0.15)
    assert resampled_totals(alarms, watched(14)).tolist() == totals.tolist()
    assert not resampled_totals(raised(stream(days=14, a_day=10, seed=1), threshold=99), watched(14)).any()


def test_independent_alarms_do_not_clump() -> None:
    spreads = [
        spread_of(raised(stream(days=14, a_day=9, seed=seed), threshold=0), watched(14)) for seed in range(9)
    ]
    assert 1 <= np.median(spreads) < 1.4


def test_clumps_of_an_hour_of_a_day_and_of_everybody_are_noticed() -> None:
    chance = np.random.default_rng(2)

    def clumped(length: int, *, alike: bool) -> float:
        begins = chance.integers(0, 14 * 1_440 // length, 20).repeat(6) * length
        minutes = begins + chance.integers(0, length, 120)
        hosts = chance.integers(0, HOSTS, 120) if alike else chance.integers(0, HOSTS, 20).repeat(6)
        return spread_of(at_minutes(minutes, hosts), watched(14))

    assert clumped(60, alike=False) > 2
    assert clumped(1_440, alike=False) > 2
    assert clumped(1_440, alike=True) > 2


def test_a_bad_day_of_one_host_is_noticed_where_days_and_hours_are_alike() -> None:
    days = np.arange(14).repeat(6)
    minutes = days * 1_440 + np.tile(np.arange(6) * 200, 14)
    assert spread_of(at_minutes(minutes, days % HOSTS), watched(14)) > 3


def test_a_host_that_is_always_loud_is_no_clump() -> None:
    minutes = np.random.default_rng(3).integers(0, 14 * 1_440, 140)
    assert spread_of(at_minutes(minutes, np.zeros(140, dtype=int)), watched(14)) < 1.7


def test_without_alarms_nothing_clumps() -> None:
    nothing = raised(stream(days=1, a_day=1, seed=1), threshold=99)
    assert spread_of(nothing, watched(1)) == 1
