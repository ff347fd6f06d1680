"""The score of RITA against values computed by hand."""

import pytest

from oddwire.features.rita import rita_score

DAY = 86_400
HOUR = 3_600


def test_a_perfect_beacon_has_all_of_it() -> None:
    """Every minute of a day, always the same bytes."""
    score = rita_score(range(0, DAY, 60), [500] * 1440, (0, DAY))
    assert score is not None
    assert (score.times, score.sizes, score.duration, score.histogram, score.score) == (1, 1, 1, 1, 1)


def test_times_and_sizes_by_hand() -> None:
    """Intervals 20, 30, 40, 80: quartiles 25, 35, 60, skewness 15/35; deviation from 35: 5, 5, 15, 45."""
    score = rita_score([0, 20, 50, 90, 170], [100, 100, 100, 200, 300], (0, DAY))
    assert score is not None
    # Half of 20/35 and 25/35 together.
    assert score.times == pytest.approx(0.643)
    # Sizes: quartiles 100, 100, 250: no skewness; deviation 0.
    assert score.sizes == 1.0
    # Only one bar of 24 is filled: no duration, and too uneven.
    assert (score.duration, score.histogram) == (0.0, 0.0)
    assert score.score == pytest.approx(0.411)


def test_a_working_day_by_hand() -> None:
    """Ten of 24 bars on end: 10/12 of the ideal run; bars of 60: mean 25, deviation sqrt(875)."""
    score = rita_score(range(8 * HOUR, 18 * HOUR, 60), [500] * 600, (0, DAY))
    assert score is not None
    assert score.duration == pytest.approx(0.834)
    # The variation is 1.18, more than one, and ten bars are too few for two modes.
    assert score.histogram == 0.0
    assert score.score == pytest.approx(0.709)


def test_two_heights_of_bars_fit_two_modes() -> None:
    """Twelve bars of 60 and twelve of 6: all but none belong to two modes."""
    starts = [*range(0, 12 * HOUR, 60), *range(12 * HOUR, DAY, 600)]
    score = rita_score(starts, [500] * len(starts), (0, DAY))
    assert score is not None
    assert score.histogram == 1.0


def test_seconds_are_whole_and_few_contacts_have_no_score() -> None:
    """Three different seconds are too few, whatever lies between them."""
    assert rita_score([0.1, 0.2, 0.9, 60.5, 120.9], [5] * 5, (0, DAY)) is None
    assert rita_score([0.1, 60.5, 120.9, 180.2], [5] * 4, (0, DAY)) is not None


def test_sizes_of_nothing_are_not_regular() -> None:
    """Where most contacts carry no bytes, closeness is none; symmetry is."""
    score = rita_score([0, 60, 120, 180, 240], [0] * 5, (0, 600))
    assert score is not None
    assert score.sizes == 0.5
