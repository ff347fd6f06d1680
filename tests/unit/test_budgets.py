"""Budgets: read, refused where data cannot carry them, and kept on fresh traffic."""

import numpy as np
import pytest

from oddwire.errors import UsageError
from oddwire.learning.budgets import (
    LEAST_ALARMS,
    Promise,
    agrees,
    measured,
    parse_budget,
    promise,
    supported_budget,
)
from oddwire.learning.marks import Marks
from oddwire.learning.raised import raised
from tests.unit.streams import rows, stream, watched


@pytest.mark.parametrize(
    ("text", "a_day"),
    [("5/day", 5), ("50/d", 50), ("2/hour", 48), (" 1 / Week ", 1 / 7), ("0.5/h", 12), ("1.5/w", 1.5 / 7)],
)
def test_budgets_are_read(text: str, a_day: float) -> None:
    assert parse_budget(text) == pytest.approx(a_day)


@pytest.mark.parametrize(
    "text",
    ["", "5", "5/month", "-1/day", "0/day", "nan/day", "1e3/day", "/day", "5/day/d", "9" * 40],
)
def test_what_is_no_budget_is_said(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_budget(text)
    assert caught.value.hint


def test_a_budget_stricter_than_the_data_is_refused_with_what_it_carries() -> None:
    marks = stream(days=9.25, a_day=20, seed=1)
    with pytest.raises(UsageError, match=r"9\.[23] days of calibration support at most") as caught:
        promise(marks, budget=0.1)
    assert caught.value.hint == "ask for 0.55/day, or calibrate with 50 days for 0.1/day"
    assert promise(marks, budget=0.55).supported == pytest.approx(LEAST_ALARMS / 9.25)


def test_a_few_hours_carry_no_budget_at_all() -> None:
    with pytest.raises(UsageError, match=r"5\.0 hours of calibration support no budget"):
        supported_budget(stream(days=5 / 24, a_day=100, seed=1))
    assert supported_budget(stream(days=6 / 24, a_day=100, seed=1)) == pytest.approx(20)


@pytest.mark.parametrize("budget", [1, 5, 50])
@pytest.mark.parametrize("burst", [1, 15])
def test_a_promise_meets_the_budget_where_it_was_made(budget: float, burst: int) -> None:
    marks = stream(days=14, a_day=30, seed=2, burst=burst)
    made = promise(marks, budget=budget)
    assert made.alarms == raised(marks, threshold=made.threshold).count
    # Resampled totals are whole numbers from draws: their median may be one beside what was counted.
    assert 0.8 * budget <= made.expected <= budget + 1 / marks.days
    assert made.interval95[0] < made.expected < made.interval95[1]
    assert made.spread >= 1
    assert promise(marks, budget=budget) == made


def test_a_stricter_budget_has_a_higher_threshold() -> None:
    marks = stream(days=14, a_day=30, seed=3, burst=8)
    thresholds = [promise(marks, budget=budget).threshold for budget in (50, 20, 5, 1)]
    assert thresholds == sorted(thresholds)
    assert len(set(thresholds)) == 4


def test_a_budget_is_kept_on_fresh_traffic() -> None:
    ratios, kept = [], []
    for seed in range(12):
        made = promise(stream(days=14, a_day=30, seed=seed, burst=6), budget=5)
        came = measured(stream(days=7, a_day=30, seed=1_000 + seed, burst=6), threshold=made.threshold)
        ratios.append(came.per_day / 5)
        kept.append(agrees(made, came))
    assert np.mean(ratios) == pytest.approx(0.97, abs=0.15)
    assert np.mean(kept) >= 0.83


def test_traffic_with_more_alarms_does_not_agree() -> None:
    made = promise(stream(days=14, a_day=30, seed=4), budget=5)
    worse = measured(stream(days=7, a_day=120, seed=5), threshold=made.threshold)
    silent = measured(stream(days=7, a_day=0, seed=5), threshold=made.threshold)
    assert not agrees(made, worse)
    assert not agrees(made, silent)
    assert worse.exact95[0] > 5


def test_rows_of_one_alarm_cost_one_alarm() -> None:
    alone, long = stream(days=14, a_day=30, seed=6), stream(days=14, a_day=30, seed=6, burst=15)
    assert long.size > 8 * alone.size
    assert promise(long, budget=5).threshold == pytest.approx(promise(alone, budget=5).threshold, abs=0.35)


def test_episodes_that_melt_together_do_not_open_the_budget() -> None:
    # Low enough, everything is one endless alarm a host: that is no way to keep a budget.
    minutes = list(range(1_440 * 2))
    odd = [3.0 + minute / 1e4 if minute % 60 == 0 else 0.0 for minute in minutes]
    marks = Marks.of(rows(["a"] * len(minutes), minutes, odd), exposure=watched(2, 1))
    assert promise(marks, budget=10).threshold > 3.0
    # More than its odd minutes one host cannot raise; still nothing below them is let in.
    generous = promise(marks, budget=30)
    assert generous.threshold >= 3.0
    assert generous.alarms <= 48


def test_a_budget_that_few_hosts_cannot_reach_stays_where_they_raise_the_most() -> None:
    marks = stream(days=7, a_day=1, seed=7)
    made = promise(marks, budget=500)
    assert marks.floor < made.threshold
    assert made.alarms >= raised(marks, threshold=marks.floor).count
    assert made.expected < 500


def test_no_marks_at_all_promise_little_but_not_nothing() -> None:
    marks = Marks.of(rows([], [], []), exposure=watched(7))
    made = promise(marks, budget=1)
    assert made.alarms == 0
    assert made.interval95[1] > 0.2
    assert isinstance(made, Promise)


def test_measuring_needs_time() -> None:
    with pytest.raises(UsageError, match="last"):
        measured(stream(days=1, a_day=1, seed=1), threshold=0, days=0)
