"""Alarms of a stream of scores, and which incidents they find."""

from math import inf

import numpy as np
import pytest

from oddwire.learning.alarm_rates import (
    DAY_NS,
    QUIET_NS,
    Planted,
    Scores,
    episodes,
    sights,
    thresholds,
    truth_of,
)

MINUTE = 60_000_000_000


def stream(*rows: tuple[int, float, float, float]) -> Scores:
    """Rows of (subject, start minute, end minute, score), each known at its end."""
    table = np.array(rows, dtype=float).reshape(-1, 4)
    start, end = ((table[:, at] * MINUTE).astype(np.int64) for at in (1, 2))
    return Scores(subject=table[:, 0].astype(int), start_ns=start, end_ns=end, at_ns=end, score=table[:, 3])


def by_lot(seed: int, count: int = 300, levels: int = 40) -> Scores:
    dice = np.random.default_rng(seed)
    start = dice.integers(0, DAY_NS, count)
    return Scores(
        subject=dice.integers(0, 4, count),
        start_ns=start,
        end_ns=start + dice.integers(0, 20 * MINUTE, count),
        at_ns=start,
        score=dice.integers(0, levels, count).astype(float),
    )


SCAN = Planted(
    name="scan",
    kind="scan",
    subjects=frozenset({1}),
    others=frozenset({2}),
    start_ns=60 * MINUTE,
    end_ns=120 * MINUTE,
)


def test_rows_of_one_subject_close_together_are_one_alarm() -> None:
    rows = stream((1, 0, 1, 5), (1, 6, 7, 5), (1, 12.1, 13, 5), (2, 0, 1, 5), (1, 20, 21, 1))
    assert episodes(rows, 5) == 3
    assert episodes(rows, 1) == 4
    assert episodes(rows, 6) == 0


def test_a_long_row_holds_an_alarm_open_for_later_ones() -> None:
    assert episodes(stream((1, 0, 60, 5), (1, 1, 2, 5), (1, 64, 65, 5)), 5) == 1


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("budget", [0, 1, 3, 10, 40])
def test_a_threshold_is_the_lowest_from_which_on_the_budget_is_kept(seed: int, budget: int) -> None:
    rows = by_lot(seed)
    (found,) = thresholds(rows, [budget], 1.0, watched_ns=100 * DAY_NS)
    levels = sorted(set(rows.score.tolist()))
    over = [level for level in levels if episodes(rows, level) > budget]
    allowed = [level for level in levels if level > max(over, default=-inf)]
    if not over:
        assert found == -inf
    elif allowed:
        assert found == min(allowed)
    else:
        assert found > max(levels)
    assert max((episodes(rows, level) for level in levels if level >= found), default=0) <= budget


def test_budgets_are_those_of_the_days_and_each_has_its_threshold() -> None:
    rows = stream(*((1, 100 * at, 100 * at + 1, at) for at in range(10)))
    assert thresholds(rows, [1, 3], 1.0, watched_ns=DAY_NS) == [9, 7]
    assert thresholds(rows, [1, 3], 3.0, watched_ns=3 * DAY_NS) == [7, 1]


def test_to_alarm_all_the_time_keeps_no_budget() -> None:
    rows = stream(*((1, at, at + 1, float(at % 7)) for at in range(1440)))
    assert episodes(rows, 0) == 1
    (found,) = thresholds(rows, [1000], 1.0, watched_ns=DAY_NS)
    assert found > 5


def test_attacks_do_not_count_as_false_alarms_nor_do_those_who_take_part() -> None:
    rows = stream((1, 70, 71, 9), (2, 70, 71, 8), (3, 70, 71, 7), (1, 400, 401, 6))
    truth = truth_of(rows, [SCAN])
    assert truth.tolist() == [1, 2, 0, 0]
    assert thresholds(rows, [1], 1.0, watched_ns=9 * DAY_NS, truth=truth) == [7]


def test_a_row_that_does_not_say_when_is_no_hit() -> None:
    rows = stream((1, 0, 1440, 9), (1, 30, 150, 8))
    assert truth_of(rows, [SCAN]).tolist() == [2, 1]
    (sight,) = sights(rows, [SCAN])
    assert sight.best == 8
    assert not sight.found(9)


def test_the_first_alarm_is_the_first_known_not_the_highest() -> None:
    rows = stream((1, 70, 71, 5), (1, 80, 81, 9), (1, 61, 62, 2), (2, 65, 66, 9))
    (sight,) = sights(rows, [SCAN])
    assert sight.delay_ns(5) == 11 * MINUTE
    assert sight.delay_ns(9) == 21 * MINUTE
    assert sight.delay_ns(10) is None


def test_an_incident_that_nothing_is_said_of_is_not_found() -> None:
    (sight,) = sights(stream((3, 70, 71, 5)), [SCAN])
    assert sight.best == -inf
    assert not sight.found(-inf)


def test_quiet_is_measured_from_the_end() -> None:
    gap = QUIET_NS / MINUTE
    assert episodes(stream((1, 0, 10, 1), (1, 10 + gap, 20, 1)), 1) == 1
    assert episodes(stream((1, 0, 10, 1), (1, 10.1 + gap, 20, 1)), 1) == 2
