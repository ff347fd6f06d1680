"""Tables of units of made-up weeks: hosts that differ, days that differ, nights and weekends."""

import numpy as np
import polars as pl

NS = 1_000_000_000
DAY_NS = 86_400 * NS
WINDOW_NS = 900 * NS
# A Monday.
MONDAY_NS = 1_699_228_800 * NS
HOSTS = tuple(f"10.0.0.{number}" for number in range(1, 13))
SERVERS = 4


def weeks(seed: int, days: int, *, start: int = 0, hosts: int = len(HOSTS)) -> pl.DataFrame:
    """Return one row a host and window; day k of a seed is the same whatever days are asked for."""
    habits = np.random.default_rng([seed, 99])
    level, spread = habits.normal(9, 2, hosts), habits.uniform(1.0, 2.2, hosts)
    busy = habits.uniform(0.3, 0.8, hosts)
    parts = []
    for day in range(start, start + days):
        mood = np.random.default_rng([seed, day]).normal(0, 0.1)
        for host in range(hosts):
            random = np.random.default_rng([seed, day, host])
            hour = np.arange(96) / 4
            office = (hour > 8) & (hour < 18) & (day % 7 < 5)
            chance = np.where(office, busy[host], 0.02) if host >= SERVERS else np.full(96, busy[host])
            at = np.flatnonzero(random.random(96) < chance)
            own = level[host] + mood + random.normal(0, 0.35)
            noise = random.normal(0, 1, len(at))
            size = np.exp(own + spread[host] * noise)
            peers = 1 + random.poisson(np.exp(0.6 + 0.4 * noise + 0.3 * mood))
            parts.append(
                pl.DataFrame(
                    {
                        "window": MONDAY_NS + day * DAY_NS + at * WINDOW_NS,
                        "host": [HOSTS[host]] * len(at),
                        "bytes_out": size,
                        "bytes_in": size * np.exp(random.normal(1, 0.7, len(at))),
                        "peers": peers.astype(float),
                        "failed": (random.random(len(at)) < 0.05) * 0.2,
                        "names": np.where(random.random(len(at)) < 0.3, np.nan, peers * 0.5),
                    }
                )
            )
    table = pl.concat(parts).with_columns(pl.col("window").cast(pl.Datetime("ns", "UTC")))
    return table.with_columns(pl.col("names").fill_nan(None)).sort("window", "host")
