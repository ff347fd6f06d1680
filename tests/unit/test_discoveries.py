"""Benjamini and Hochberg's adjusted p-values: the order of a batch, and nothing else."""

import numpy as np
import pytest

from oddwire.learning.discoveries import discovery_rates


def test_rates_are_those_of_the_definition() -> None:
    found = discovery_rates(np.array([0.01, 0.5, 0.02, 0.03]))
    assert found.tolist() == pytest.approx([0.04, 0.5, 0.04, 0.04])


def test_unknown_is_ordinary_and_nothing_is_nothing() -> None:
    assert discovery_rates(np.array([np.nan, 0.001])).tolist() == pytest.approx([1.0, 0.002])
    assert discovery_rates(np.array([])).size == 0


def test_the_share_of_false_marks_is_kept() -> None:
    shares = []
    for seed in range(60):
        chance = np.random.default_rng(seed)
        p_values = np.concatenate((chance.random(900), chance.random(100) * 1e-3))
        marked = discovery_rates(p_values) <= 0.1
        shares.append(marked[:900].sum() / max(marked.sum(), 1))
    assert 0.05 < np.mean(shares) < 0.12
