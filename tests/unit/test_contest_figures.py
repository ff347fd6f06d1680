"""The baseline after Kitsune: its damped sums against a plain loop, its figures, and its autoencoders."""

import math

import numpy as np
import pytest

from oddwire.testing.contest.afterimage import FADINGS, FIGURES, NOISE, Steps, figures
from oddwire.testing.contest.damped import Streams
from oddwire.testing.contest.kitnet import MOST_INPUTS, KitNet, groups_of


def steps(seed: int, count: int = 120) -> Steps:
    dice = np.random.default_rng(seed)
    forth = dice.random(count) < 0.5
    channel = dice.integers(0, 4, count).astype(np.uint64)
    return Steps(
        times_s=np.cumsum(dice.exponential(0.3, count)),
        lengths=dice.integers(60, 1500, count),
        sender=channel * np.uint64(2) + forth,
        channel=channel,
        forth=forth,
        sockets=channel * np.uint64(8) + dice.integers(0, 3, count).astype(np.uint64),
        sockets_forth=forth,
    )


class Loop:
    """One stream, a step at a time, as the paper has it."""

    def __init__(self) -> None:
        self.weight = self.total = self.squares = 0.0
        self.last = 0.0
        self.off = 0.0

    def add(self, value: float, at: float, fading: float) -> tuple[float, float, float]:
        fade = 2 ** (-fading * (at - self.last))
        self.weight = self.weight * fade + 1
        self.total = self.total * fade + value
        self.squares = self.squares * fade + value**2
        self.last = at
        mean = self.total / self.weight
        variance = abs(self.squares / self.weight - mean**2)
        self.off = value - mean
        self.mean, self.variance = mean, variance
        return self.weight, mean, variance


@pytest.mark.parametrize("seed", range(3))
def test_figures_of_a_sender_and_a_channel_are_those_of_a_plain_loop(seed: int) -> None:
    made = steps(seed)
    found = figures(made)
    assert found.shape == (120, FIGURES)
    for at, fading in enumerate(FADINGS):
        senders: dict[int, Loop] = {}
        ways: dict[tuple[int, bool], Loop] = {}
        shared: dict[int, Loop] = {}
        for row in range(120):
            time, length = float(made.times_s[row]), float(made.lengths[row])
            channel, forth = int(made.channel[row]), bool(made.forth[row])
            sender = senders.setdefault(int(made.sender[row]), Loop()).add(length, time, fading)
            own = ways.setdefault((channel, forth), Loop())
            told = own.add(length, time, fading)
            other = ways.get((channel, not forth))
            product = own.off * other.off if other else 0.0
            _, covariance, _ = shared.setdefault(channel, Loop()).add(product, time, fading)
            mean, variance = (other.mean, other.variance) if other else (0.0, 0.0)
            spread = math.sqrt(told[2] * variance)
            expected = [
                *sender,
                *told,
                math.hypot(told[2], variance),
                math.hypot(told[1], mean),
                covariance,
                covariance / spread if spread > 0 else 0.0,
            ]
            got = found[row, 20 * at : 20 * at + 10]
            # Next to no variance is a matter of rounding, and so is what is divided by it.
            if min(told[2], variance) < 1000 * NOISE:
                got, expected = got[:-1], expected[:-1]
            assert got == pytest.approx(expected, rel=1e-3, abs=1e-2)


def test_sums_of_many_streams_do_not_mix() -> None:
    keys = np.array([1, 2, 1, 2, 1], dtype=np.uint64)
    streams = Streams(keys, np.array([0.0, 0.0, 1.0, 2.0, 3.0]))
    values = np.array([1.0, 10.0, 1.0, 10.0, 1.0])
    found = streams.back(streams.sums(streams.into(values)[None], 1.0))[0]
    assert found.tolist() == [1.0, 10.0, 1.5, 12.5, 1.375]
    assert streams.since_last().tolist() == [0.0, 0.0, 1.0, 2.0, 2.0]


def test_groups_hold_every_figure_once_and_no_more_than_ten() -> None:
    dice = np.random.default_rng(0)
    hidden = dice.normal(size=(500, 4))
    table = np.hstack([hidden[:, [at % 4]] + 0.1 * dice.normal(size=(500, 1)) for at in range(40)])
    groups = groups_of(table)
    assert sorted(one for group in groups for one in group) == list(range(40))
    assert max(map(len, groups)) <= MOST_INPUTS
    together = [len({one % 4 for one in group}) for group in groups]
    assert max(together) == 1


def test_few_or_constant_figures_have_a_group_too() -> None:
    assert groups_of(np.ones((5, 1))) == [[0]]
    assert sorted(one for group in groups_of(np.ones((5, 3))) for one in group) == [0, 1, 2]


def test_what_breaks_a_relation_scores_higher_and_twice_the_same() -> None:
    dice = np.random.default_rng(1)
    base = dice.random((6_000, 1))
    table = (base + 0.05 * dice.normal(size=(6_000, 8))).astype(np.float32)
    odd = table[(base < 0.2)[:, 0]][:50]
    odd[:, :4] = 1 - odd[:, :4]
    nets = [KitNet(seed=3), KitNet(seed=3)]
    for net in nets:
        net.fit(table)
    ordinary, strange = nets[0].score(table), nets[0].score(odd)
    assert np.median(strange) > np.quantile(ordinary, 0.9)
    assert (nets[1].score(odd) == strange).all()


def test_values_far_outside_give_a_number() -> None:
    net = KitNet(seed=0)
    net.fit(np.random.default_rng(2).random((600, 6)).astype(np.float32))
    assert np.isfinite(net.score(np.full((1, 6), 1e30, dtype=np.float32))).all()
