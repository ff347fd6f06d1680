"""Intervals of counts: the exact one by its published table, the predicted one by playing it out."""

import numpy as np
import pytest

from oddwire.learning.intervals import exact_interval, likely_means, predicted_counts, quantiles


# Garwood 1936; the values are in every table of exact Poisson limits.
@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904), (100, 81.3640, 121.6272)],
)
def test_the_exact_interval_is_garwoods(count: int, low: float, high: float) -> None:
    assert exact_interval(count) == pytest.approx((low, high), abs=1e-3)


def test_the_exact_interval_of_very_many_is_a_normal_one() -> None:
    assert exact_interval(1_000_000) == pytest.approx((998_040, 1_001_960), abs=10)


@pytest.mark.parametrize(("mean", "spread"), [(5, 1.0), (35, 1.0), (35, 3.0), (200, 4.0)])
def test_what_is_predicted_comes_true_as_often_as_said(mean: float, spread: float) -> None:
    chance = np.random.default_rng(1)

    def counted() -> int:
        level = chance.gamma(mean / (spread - 1), spread - 1) if spread > 1 else mean
        return int(chance.poisson(level))

    hits = 0
    for _ in range(400):
        low, high = quantiles(predicted_counts(counted(), share=1, spread=spread, draws=2_000))
        hits += low <= counted() <= high
    assert 0.92 <= hits / 400 <= 0.99


def test_more_traffic_and_more_clumping_widen() -> None:
    def width(*, share: float = 1.0, spread: float = 1.0) -> float:
        low, high = quantiles(predicted_counts(50, share=share, spread=spread))
        return high - low

    assert width() < width(spread=2.0) < width(spread=5.0)
    assert width() < width(share=2.0)


def test_nothing_counted_promises_not_nothing() -> None:
    assert likely_means(0, spread=1)[1] > 1
    assert quantiles(predicted_counts(0, share=1, spread=1))[1] >= 2
