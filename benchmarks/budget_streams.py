"""Made streams of scores: hosts with roles, day and night, bursts that last, days busy for everybody."""

from dataclasses import dataclass

import numpy as np
import polars as pl

MINUTE_NS = 60 * 1_000_000_000
# A Monday.
BEGIN_NS = 1_709_510_400 * 1_000_000_000
HOSTS = 12
SERVERS = 4
DAY_MINUTES = 1_440


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """Rows in the order of host and minute."""

    host: np.ndarray
    minute: np.ndarray
    score: np.ndarray

    def between(self, first_day: float, last_day: float) -> "Stream":
        kept = (self.minute >= first_day * DAY_MINUTES) & (self.minute < last_day * DAY_MINUTES)
        return Stream(host=self.host[kept], minute=self.minute[kept], score=self.score[kept])

    def table(self, surprise: np.ndarray) -> pl.DataFrame:
        start = BEGIN_NS + self.minute.astype(np.int64) * MINUTE_NS
        names = pl.Series([f"10.0.0.{number + 1}" for number in range(HOSTS)])
        return pl.DataFrame(
            {
                "subject": names.gather(pl.Series(self.host)),
                "member": pl.repeat("odd_host", start.size, eager=True),
                "start_ns": start,
                "end_ns": start + MINUTE_NS,
                "surprise": surprise,
            }
        )


def made(*, days: int, seed: int) -> Stream:
    """Make a stream: heavy-tailed rows, louder hosts, hours alike, some bursts of minutes, busy days."""
    chance = np.random.default_rng(seed)
    minutes = days * DAY_MINUTES
    busy = np.exp(0.3 * chance.standard_normal(days)).repeat(DAY_MINUTES)
    parts = [_host(chance, number, minutes, busy) for number in range(HOSTS)]
    return Stream(
        host=np.concatenate([np.full(minute.size, number) for number, (minute, _) in enumerate(parts)]),
        minute=np.concatenate([minute for minute, _ in parts]),
        score=np.concatenate([score for _, score in parts]),
    )


def _host(
    chance: np.random.Generator, number: int, minutes: int, busy: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    loud = np.exp(0.5 * chance.standard_normal())
    hours = _slow(chance, minutes // 60).repeat(60)
    rows = chance.standard_t(4, minutes) * np.exp(0.35 * hours) * loud
    rows += _bursts(chance, minutes, busy) * loud
    awake = np.ones(minutes, dtype=bool)
    if number >= SERVERS:
        clock, day = np.arange(minutes) % DAY_MINUTES, np.arange(minutes) // DAY_MINUTES
        awake = (clock >= 8 * 60) & (clock < 18 * 60) & (day % 7 < 5)
    seen = np.flatnonzero(awake & (chance.random(minutes) < 0.9))
    return seen, rows[seen]


def _slow(chance: np.random.Generator, hours: int) -> np.ndarray:
    """What lasts for some hours: each hour is like the one before."""
    noise = chance.standard_normal(hours)
    level = np.empty(hours)
    level[0] = noise[0]
    for hour in range(1, hours):
        level[hour] = 0.7 * level[hour - 1] + np.sqrt(1 - 0.49) * noise[hour]
    return level


def _bursts(chance: np.random.Generator, minutes: int, busy: np.ndarray) -> np.ndarray:
    """Stretches of a few minutes to an hour that are odd from end to end, more of them on busy days."""
    lifted = np.zeros(minutes)
    for start in np.flatnonzero(chance.random(minutes) < busy * 2.0 / DAY_MINUTES):
        length = int(chance.geometric(1 / 12))
        lifted[start : start + length] += (
            4 * chance.pareto(2.5) * chance.random(lifted[start : start + length].size)
        )
    return lifted
