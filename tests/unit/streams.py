"""Small made streams of alarms for the tests of budgets: no scores of rows, only marks and hours."""

import numpy as np
import polars as pl

from oddwire.learning.exposure import DAY_NS, HOUR_NS, Exposure
from oddwire.learning.marks import Marks

MINUTE_NS = 60 * 1_000_000_000
BEGIN_NS = 20_000 * DAY_NS


def watched(days: float, hosts: int = 10) -> Exposure:
    """Return days that were watched without a gap."""
    hours = np.arange(round(days * 24)) + BEGIN_NS // HOUR_NS
    return Exposure(
        hours=hours, seconds=np.full(hours.size, 3_600.0), hosts=np.full(hours.size, hosts, dtype=np.int64)
    )


def rows(
    subjects: list[str], minutes: list[int], surprise: list[float], member: str = "odd_host"
) -> pl.DataFrame:
    """Return rows of one minute each."""
    starts = [BEGIN_NS + minute * MINUTE_NS for minute in minutes]
    return pl.DataFrame(
        {
            "subject": subjects,
            "member": [member] * len(subjects),
            "start_ns": starts,
            "end_ns": [start + MINUTE_NS for start in starts],
            "surprise": surprise,
        },
        schema_overrides={"surprise": pl.Float64, "start_ns": pl.Int64, "end_ns": pl.Int64},
    )


def stream(*, days: float, a_day: float, seed: int, burst: int = 1, hosts: int = 10) -> Marks:
    """Return marks in bursts of rows: `a_day` bursts a day above 0, ten times as many above -1."""
    chance = np.random.default_rng(seed)
    count = int(chance.poisson(a_day * 10 * days))
    begins = chance.integers(0, round(days * 1_440), count)
    height = -1 - np.log10(chance.random(count))
    lengths = chance.geometric(1 / burst, count)
    which = np.repeat(np.arange(count), lengths)
    inside = np.arange(which.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    names = chance.integers(0, hosts, count)
    table = rows(
        [f"10.0.0.{number}" for number in names[which]],
        (begins[which] + inside).tolist(),
        (height[which] - 0.01 * inside).tolist(),
    )
    return Marks.of(table, exposure=watched(days, hosts))
