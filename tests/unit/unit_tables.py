"""Tables of units, made by hand: ten ordinary hosts in minutes, and pairs of them."""

import numpy as np
import polars as pl

from oddwire.features.units.keys import hash_of, mixed

# A Monday.
START_NS = 1_699_228_800 * 1_000_000_000
MINUTE_NS = 60 * 1_000_000_000
HOUR_NS = 60 * MINUTE_NS
FEATURES = ("packets_out", "payload_out_outside", "upload_share", "failed", "dns_length")
HOSTS = tuple(f"10.0.0.{number}" for number in range(1, 11))


def host_minutes(rows: int = 600, *, seed: int = 0) -> pl.DataFrame:
    """Return minutes of hosts: sizes, a share, a column that is always 0, and one that is often unknown."""
    random = np.random.default_rng(seed)
    each = np.arange(rows) % len(HOSTS)
    sent = random.lognormal(5 + each / 10, 0.5, rows)
    return pl.DataFrame(
        {
            "window": START_NS + np.arange(rows) // len(HOSTS) * MINUTE_NS,
            "host": [HOSTS[number] for number in each],
            "packets_out": sent.round(),
            "payload_out_outside": (sent * random.lognormal(4, 0.3, rows)).round(),
            "upload_share": random.beta(2, 5, rows),
            "failed": np.zeros(rows),
            "dns_length": np.where(random.random(rows) < 0.5, random.normal(20, 3, rows), np.nan),
        }
    ).with_columns(pl.col(FEATURES).cast(pl.Float32).fill_nan(None))


def odd_row(host: str = "10.0.0.3") -> pl.DataFrame:
    """Return a minute like none of those."""
    return host_minutes(1).with_columns(
        pl.lit(host).alias("host"),
        pl.Series("packets_out", [2e6], dtype=pl.Float32),
        pl.Series("payload_out_outside", [3e9], dtype=pl.Float32),
        pl.Series("upload_share", [1.0], dtype=pl.Float32),
        pl.Series("failed", [400.0], dtype=pl.Float32),
        pl.Series("dns_length", [200.0], dtype=pl.Float32),
    )


def pair_hours(hours: int, *, seed: int = 0, first: int = 0) -> pl.DataFrame:
    """Return what hosts did with four servers inside and five places outside, as it is gathered."""
    random = np.random.default_rng(seed)
    places = [*(f"10.0.0.{number}" for number in range(21, 25)), *(f"9.9.{net}.1" for net in range(5))]
    rows = [
        (START_NS + hour * HOUR_NS, host, place, 445 if place.startswith("10.") else 443)
        for hour in range(first, hours)
        for host in HOSTS
        for place in places
    ]
    table = pl.DataFrame(
        rows,
        schema={"window": pl.Int64, "host": pl.String, "peer": pl.String, "port": pl.UInt16},
        orient="row",
    )
    host, place = (np.array([hash_of(name) for name in table[end]], np.uint64) for end in ("host", "peer"))
    port = table["port"].to_numpy().astype(np.uint64) | np.uint64(6 << 16)
    sent = random.lognormal(8, 1, table.height)
    return table.with_columns(
        pl.lit(6, pl.UInt8).alias("protocol"),
        pl.Series("pair", mixed(host, place)),
        pl.Series("place_port", mixed(place, port)),
        pl.Series("port_key", port),
        pl.Series("key", mixed(host, place, port)),
        pl.Series("outside", ~table["peer"].str.starts_with("10.")),
        pl.Series("contacts", random.poisson(4, table.height) + 1.0, dtype=pl.Float32),
        pl.Series("payload_out", sent, dtype=pl.Float32),
        pl.Series("payload_in", sent * random.lognormal(1, 0.5, table.height), dtype=pl.Float32),
    )


def flows(hours: int, *, seed: int = 0) -> pl.DataFrame:
    """Return single conversations: twenty an hour and host."""
    random = np.random.default_rng(seed)
    rows = hours * 20 * len(HOSTS)
    start = START_NS + np.arange(rows) * HOUR_NS // (20 * len(HOSTS))
    size = random.lognormal(7, 1, rows)
    return pl.DataFrame(
        {
            "window": start,
            "end": start + 5_000_000_000,
            "host": [HOSTS[number % len(HOSTS)] for number in range(rows)],
            "peer": "9.9.0.1",
            "port": pl.Series(np.where(np.arange(rows) % 3 == 0, 445, 443), dtype=pl.UInt16),
            "protocol": pl.Series([6] * rows, dtype=pl.UInt8),
            "port_key": np.where(np.arange(rows) % 3 == 0, 445, 443).astype(np.uint64) | np.uint64(6 << 16),
            "payload_out": size,
            "payload_in": size * random.lognormal(1, 0.5, rows),
        }
    ).with_columns(pl.col("payload_out", "payload_in").cast(pl.Float32))
