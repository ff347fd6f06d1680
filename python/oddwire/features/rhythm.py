"""Rhythm: whether contacts come at a beat, whatever was skewed, skipped or done in between."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Rhythm", "rhythm_of"]

SECOND = 1_000_000_000
LEAST_INTERVALS = 6
# Contacts closer than this share of the beat are one visit: what was done in it has no beat of its own.
ONE_VISIT = 0.2
# More beats without a contact are a pause: the host slept.
LONGEST_SKIP = 5
# No clock and no network keeps a beat better than that.
LEAST_SPREAD = 0.003
# A few contacts are out of any beat.
STRAY = 0.05
# What comes by chance strays by at least so much, in powers of e.
LEAST_CHANCE_SPREAD = 0.8
# Above it not even a first look says that there may be a beat.
HOPELESS = 0.6


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """A beat: its length, how far contacts stray from it, and how much better it explains them than chance.

    `evidence` is the logarithm (base e) of how many times likelier the contacts are with a beat than with
    the likeliest kind of chance: Poisson arrivals, or bursts.
    """

    beat_s: float
    spread: float
    skipped: float
    evidence: float
    visits: int
    kept: float


class _Fit(NamedTuple):
    """How likely gaps are with a beat, and which."""

    likelihood: float
    beat_s: float
    spread: float
    skipped: float


def rhythm_of(starts_ns: Sequence[int]) -> Rhythm | None:
    """Return the beat that contacts follow, given in order; None where there is nothing like one.

    >>> beats = rhythm_of([round(60e9 * number) for number in range(20)])
    >>> beats and round(beats.beat_s)
    60
    """
    if len(starts_ns) <= LEAST_INTERVALS:
        return None
    gaps = _gaps([start / SECOND for start in starts_ns])
    if len(gaps) < LEAST_INTERVALS:
        return None
    middle = _middle(gaps)
    if middle <= 0 or _middle([abs(gap - middle) for gap in gaps]) > HOPELESS * middle:
        return None
    regular = [gap for gap in gaps if gap <= (LONGEST_SKIP + 0.5) * middle]
    best = _best_beat(regular, middle)
    return Rhythm(
        beat_s=best.beat_s,
        spread=best.spread,
        skipped=best.skipped,
        evidence=best.likelihood - _chance(regular, middle),
        visits=len(gaps) + 1,
        kept=len(regular) / len(gaps),
    )


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _gaps(times: Sequence[float]) -> list[float]:
    """Return the times between visits, where contacts close to each other are one visit."""
    gaps = [later - earlier for earlier, later in pairwise(times)]
    beat = _middle([gap for gap in gaps if gap > 0] or [0.0])
    found = gaps
    # Where most contacts come in pairs or more, the beat lies between the groups.
    for _ in range(3):
        visits = [times[0]] + [
            time for time, gap in zip(times[1:], gaps, strict=True) if gap > ONE_VISIT * beat
        ]
        found = [later - earlier for earlier, later in pairwise(visits)]
        longer = _middle(found or [beat])
        if longer <= 1.5 * beat:  # it settled
            break
        beat = longer
    return found


def _best_beat(regular: Sequence[float], middle: float) -> _Fit:
    """Return the likeliest beat from which contacts stray now more and now less."""
    near = [gap for gap in regular if 0.5 * middle < gap < 1.5 * middle]
    beats = {middle, sum(near) / len(near), 0.92 * middle, 0.84 * middle}
    return max(_fit(regular, beat) for beat in sorted(beats))


def _fit(regular: Sequence[float], beat: float) -> _Fit:
    """Return how likely gaps are with a beat, for the spread and the share of skips that they have."""
    skips = [max(round(gap / beat), 1) for gap in regular]
    off = sorted((gap - skip * beat) ** 2 / skip for gap, skip in zip(regular, skips, strict=True))
    # A few contacts are out of any beat, and say nothing of how far the others stray.
    off = off[: max(int(0.95 * len(off)), 1)]
    wide = max(math.sqrt(sum(off) / len(off)), LEAST_SPREAD * beat, 1e-3)
    skipped = min(max(1 - len(skips) / sum(skips), 0.02), 0.5)
    bells = [
        (skip, (1 - STRAY) * (1 - skipped) * skipped ** (skip - 1) / (wide * math.sqrt(2 * math.pi * skip)))
        for skip in range(1, LONGEST_SKIP + 1)
    ]
    mean = 2 * sum(regular) / len(regular)
    likelihood = 0.0
    for gap in regular:
        density = STRAY * math.exp(-gap / mean) / mean
        for skip, height in bells:
            density += height * math.exp(-((gap - skip * beat) ** 2) / (2 * skip * wide**2))
        likelihood += math.log(density)
    return _Fit(likelihood, beat, wide / beat, skipped)


def _chance(regular: Sequence[float], middle: float) -> float:
    """Return the likelihood of the gaps under the likeliest chance: at random, or in bursts."""
    count = len(regular)
    # Arrivals at random, but those that would have been one visit.
    least = min(0.8 * min(regular), ONE_VISIT * middle)
    poisson = -count * (math.log(sum(regular) / count - least) + 1)
    logs = [math.log(gap) for gap in regular]
    mean = sum(logs) / count
    squares = sum((one - mean) ** 2 for one in logs)
    width = max(math.sqrt(squares / count), LEAST_CHANCE_SPREAD)
    bursts = -squares / (2 * width**2) - sum(logs) - count * math.log(width * math.sqrt(2 * math.pi))
    return max(poisson, bursts)
