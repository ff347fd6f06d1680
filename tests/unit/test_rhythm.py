"""Beats are told from chance, whatever is skewed, skipped or done in between."""

from collections.abc import Callable
from random import Random

import pytest

from oddwire.features.rhythm import rhythm_of

SECOND = 1_000_000_000
# A likelihood so many powers of e above chance is enough for an alarm.
ENOUGH = 12.0


def starts(gap: Callable[[Random], float], count: int, seed: int) -> list[int]:
    """Return contacts with such gaps."""
    dice = Random(seed)  # noqa: S311  # made times, the same every time
    times, time = [], 0.0
    for _ in range(count):
        time += gap(dice)
        times.append(round(time * SECOND))
    return times


def beat(jitter: float, missed: float) -> Callable[[Random], float]:
    """Return gaps of a minute, each skewed, of which some are two or more."""

    def gap(dice: Random) -> float:
        seconds = 60 * dice.uniform(1 - jitter, 1 + jitter)
        while dice.random() < missed:
            seconds += 60 * dice.uniform(1 - jitter, 1 + jitter)
        return seconds

    return gap


@pytest.mark.parametrize(
    ("jitter", "missed", "count"),
    [(0.0, 0.0, 8), (0.0, 0.3, 20), (0.2, 0.0, 16), (0.2, 0.2, 30), (0.5, 0.0, 80), (0.2, 0.3, 60)],
)
def test_a_beat_is_found(jitter: float, missed: float, count: int) -> None:
    found = [rhythm_of(starts(beat(jitter, missed), count, seed)) for seed in range(40)]
    sure = [one for one in found if one and one.evidence >= ENOUGH]
    assert len(sure) >= 36
    assert all(0.75 * 60 <= one.beat_s <= 1.25 * 60 for one in sure)


@pytest.mark.parametrize("count", [10, 30, 100, 256])
@pytest.mark.parametrize(
    "gap",
    [
        lambda dice: dice.expovariate(1 / 60),
        lambda dice: dice.lognormvariate(3, 1),
        lambda dice: dice.gammavariate(2, 30),
        lambda dice: dice.choice([0.2, 0.5, 90, 400, 1_500]) * dice.uniform(0.6, 1.4),
    ],
)
def test_chance_and_bursts_are_no_beat(gap: Callable[[Random], float], count: int) -> None:
    found = [rhythm_of(starts(gap, count, seed)) for seed in range(40)]
    assert all(one is None or one.evidence < ENOUGH for one in found)


def test_work_done_between_check_ins_does_not_hide_them() -> None:
    times = starts(beat(0.1, 0.0), 40, 1)
    busy = [time + number * SECOND for time in times[::5] for number in range(1, 4)]
    found = rhythm_of(sorted([*times, *busy]))
    assert found
    assert found.evidence >= ENOUGH
    assert round(found.beat_s / 6) == 10


@pytest.mark.parametrize("times", [[], [5], [5] * 40, [0, 1] * 3])
def test_too_few_times_and_one_time_are_nothing(times: list[int]) -> None:
    assert rhythm_of(times) is None
