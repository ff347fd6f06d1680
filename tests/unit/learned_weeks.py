"""Tables of units as a capture would give them: an office in hours, with partners that keys know again."""

from functools import cache

import numpy as np
import polars as pl

from oddwire.engine.learning_run import Recipe, learned
from oddwire.engine.trained import Trained
from oddwire.features.units.gather import HOURS, PAIRS, Member
from oddwire.features.units.keys import hash_of, mixed

HOUR_NS = 3_600 * 1_000_000_000
DAY_NS = 24 * HOUR_NS
# A Monday.
MONDAY_NS = 1_699_228_800 * 1_000_000_000
HOSTS = tuple(f"10.0.0.{number}" for number in range(1, 13))
PLACES = tuple(f"198.51.{number}.7" for number in range(4))
RECIPE = Recipe(type="histogram", members=("hosts-hour", "pairs-hour"), seed=5)
FACTS = {"recipe": {"seed": 5, "trees": 100, "units": list(RECIPE.members), "contamination": 0.01}}
PORT, TCP = 443, 6
# The logarithm of a size that is larger than most, and not odd.
SAME = 11.0

Tables = dict[Member, pl.DataFrame]


def week(start: int, days: int, *, factor: float = 1.0, same: float = 0.0) -> Tables:
    """Return the hours of some days; `factor` makes all traffic more, `same` draws it to one size."""
    hours, pairs = [], []
    for day in range(start, start + days):
        random = np.random.default_rng([7, day])
        for hour in range(24):
            window = MONDAY_NS + day * DAY_NS + hour * HOUR_NS
            level = 9 + 0.2 * np.arange(len(HOSTS)) + random.normal(0, 1, len(HOSTS))
            size = factor * np.exp(level + same * (SAME - level))
            hours.append(_hours(window, size, random))
            pairs.append(_pairs(window, size, random))
            # Somebody goes where nobody was before: that is ordinary, too.
            guest = (HOSTS[random.integers(len(HOSTS))],)
            fresh = f"192.0.{day}.{hour}"
            pairs.append(pair_rows(window, guest, fresh, size[:1] * 0.1, np.array([2])))
    return {HOURS: pl.concat(hours), PAIRS: pl.concat(pairs)}


def _hours(window: int, size: np.ndarray, random: np.random.Generator) -> pl.DataFrame:
    figures = {
        "packets_out": size / 500,
        "payload_out_outside": size,
        "begun": random.poisson(20, len(size)).astype(float),
        "failed_share": random.beta(1, 40, len(size)),
        "new_inside": np.zeros(len(size)),
    }
    return pl.DataFrame({"window": [window] * len(size), "host": HOSTS}).with_columns(
        pl.Series(name, values, dtype=pl.Float32) for name, values in figures.items()
    )


def _pairs(window: int, size: np.ndarray, random: np.random.Generator) -> pl.DataFrame:
    count = len(size)
    return pl.concat(
        [
            pair_rows(
                window, HOSTS, place, size * random.uniform(0.1, 0.4, count), random.poisson(5, count) + 1
            )
            for place in PLACES
        ]
    )


def pair_rows(
    window: int, hosts: tuple[str, ...], place: str, sizes: np.ndarray, contacts: np.ndarray
) -> pl.DataFrame:
    """Return what hosts did with one place in one hour."""
    host = np.array([hash_of(one) for one in hosts], dtype=np.uint64)
    end = np.full(len(hosts), hash_of(place), dtype=np.uint64)
    port = np.full(len(hosts), PORT | TCP << 16, dtype=np.uint64)
    figures = {"contacts": contacts, "payload_out": sizes, "payload_in": sizes * 4, "packets": sizes / 500}
    return pl.DataFrame(
        {
            "window": [window] * len(hosts),
            "host": hosts,
            "peer": [place] * len(hosts),
            "port": pl.Series([PORT] * len(hosts), dtype=pl.UInt16),
            "protocol": pl.Series([TCP] * len(hosts), dtype=pl.UInt8),
            "pair": mixed(host, end),
            "place_port": mixed(end, port),
            "port_key": port,
            "key": mixed(host, end, port),
            "outside": [True] * len(hosts),
        }
    ).with_columns(pl.Series(name, values, dtype=pl.Float32) for name, values in figures.items())


@cache
def trained(days: int = 9) -> Trained:
    """Return a model of the first days, as `train` makes it."""
    from dataclasses import replace

    return replace(learned(week(0, days), RECIPE), facts=FACTS, digest="0" * 64)
