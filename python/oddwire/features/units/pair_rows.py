"""Rows of pairs: what each local host did with one place on one port in an hour."""

from typing import TYPE_CHECKING

from oddwire.features.units.keys import GROUP, INSIDE, OUTSIDE, Book, mixed
from oddwire.features.units.steps import TICK_NS

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["KEYS", "PAIR", "births_of", "pair_rows", "placed", "port_keys"]

# Ports from here on are taken by whoever asks for one: they are all one.
EPHEMERAL = 32_768
MOST_PAIRS = 200_000
NS = 1_000_000_000
# Hashes by which pairs are known again: host and place, place and port, port, and all of them.
KEYS = ("pair", "place_port", "port_key", "key")
FEATURES = (
    *("contacts", "payload_out", "payload_in", "upload_share", "active_minutes", "packets"),
    *("rhythm", "interval", "failed_share"),
)
LEAST_CONTACTS = 4
# Who began with whom on what, by the numbers of this run.
PAIR = ("src", "dst", "dst_port", "protocol")


def placed(steps: "pl.DataFrame", book: Book) -> "pl.DataFrame":
    """Return the steps that local hosts began with somebody, with hashes: host, place, pair, port and all."""
    import polars as pl

    own = steps.filter((pl.col("src_side") == INSIDE) & (pl.col("dst_side") != GROUP))
    host, place = book.places(own["src"]), book.places(own["dst"])
    port = port_keys(own)
    return own.with_columns(
        pl.Series("outside", own["dst_side"].to_numpy() == OUTSIDE),
        pl.Series("port_key", port),
        pl.Series("pair", mixed(host, place)),
        pl.Series("place_port", mixed(place, port)),
        pl.Series("key", mixed(host, place, port)),
    )


def port_keys(rows: "pl.DataFrame") -> "np.ndarray":
    """Return port and protocol of each row as one number; ports that are nobody's are all one."""
    import numpy as np

    ports = rows["dst_port"].to_numpy()
    known = np.where(ports >= EPHEMERAL, EPHEMERAL, ports).astype(np.uint64)
    return known | (rows["protocol"].to_numpy().astype(np.uint64) << np.uint64(16))


def pair_rows(steps: "pl.DataFrame", births: "pl.DataFrame", hour_ns: int, book: Book) -> "pl.DataFrame":
    """Return one row a pair and port of an hour, of placed steps; `host` and `peer` are numbers.

    The keys of the pair are columns too; what is new or strange about it is added by `pairs_with_past`.
    """
    import polars as pl

    rows = (
        steps.group_by("key")
        .agg(
            *(pl.col(name).first() for name in ("protocol", *KEYS[:-1], "outside")),
            pl.col("src").first().alias("host"),
            pl.col("dst_port").min().alias("port"),
            pl.col("begun").sum().alias("contacts"),
            pl.col("failed", "packets_out", "payload_out", "payload_in").sum(),
            (pl.col("packets_out") + pl.col("packets_in")).sum().alias("packets"),
            (pl.col("minutes_out") | pl.col("minutes_in")).bitwise_or().alias("minutes"),
            pl.col("tick").min(),
        )
        .filter(pl.col("packets_out") > 0)
        .sort("contacts", "key", descending=[True, False])
        .head(MOST_PAIRS)
        .join(_peers(steps, book), on="key", how="left")
        .sort("tick", "key")
        .join(_rhythm(births, steps), on="key", how="left", maintain_order="left")
    )
    total = pl.col("payload_out") + pl.col("payload_in")
    made = rows.with_columns(
        pl.lit(hour_ns, pl.Int64).alias("window"),
        pl.col("minutes").bitwise_count_ones().alias("active_minutes"),
        pl.when(total > 0).then(pl.col("payload_out") / total).alias("upload_share"),
        pl.when(pl.col("contacts") > 0).then(pl.col("failed") / pl.col("contacts")).alias("failed_share"),
    )
    identity = ("window", "host", "peer", "port", "protocol")
    return made.select(*identity, *KEYS, "outside", *(pl.col(name).cast(pl.Float32) for name in FEATURES))


def _peers(steps: "pl.DataFrame", book: Book) -> "pl.DataFrame":
    """Return of the addresses of each pair's place the one that most was said to, by the key of the pair."""
    import polars as pl

    told = steps.group_by("key", "dst").agg(pl.col("packets_out").sum())
    most = told.filter(pl.col("packets_out") == pl.col("packets_out").max().over("key"))
    tied = most.filter(pl.col("key").is_duplicated())
    # Equal ones by their names: numbers are not the same in every run.
    names = pl.Series("name", book.hosts.names(tied["dst"].to_list()), dtype=pl.String)
    first = tied.with_columns(names).sort("name").unique("key", keep="first", maintain_order=True)
    alone = most.filter(~pl.col("key").is_duplicated())
    return pl.concat([one.select("key", pl.col("dst").alias("peer")) for one in (alone, first)])


def _rhythm(births: "pl.DataFrame", steps: "pl.DataFrame") -> "pl.DataFrame":
    """Return how evenly contacts follow each other, and their median interval in seconds."""
    import polars as pl

    keys = steps.select(*PAIR, "key").unique(PAIR)
    gap = pl.when(pl.col("key") == pl.col("key").shift()).then(pl.col("born").diff()).cast(pl.Float64) / NS
    middle = pl.col("gap").median()
    return (
        births.lazy()
        .join(keys.lazy(), on=PAIR)
        .sort("key", "born")
        .select("key", gap.alias("gap"))
        .drop_nulls("gap")
        .with_columns(middle.over("key").alias("interval"))
        .group_by("key")
        .agg(
            pl.col("interval").first(),
            (pl.col("gap") - pl.col("interval")).abs().median().alias("mad"),
            pl.len().alias("gaps"),
        )
        .with_columns(
            pl.when((pl.col("gaps") >= LEAST_CONTACTS - 1) & (pl.col("interval") > 0))
            .then(1.0 - (pl.col("mad") / pl.col("interval")).clip(0.0, 1.0))
            .alias("rhythm")
        )
        .select("key", "interval", "rhythm")
        .collect()
    )


def births_of(talks: "pl.DataFrame", book: Book) -> "pl.DataFrame":
    """Return when each conversation that a local host began was born, in the order of ticks."""
    import polars as pl

    fresh = talks.filter((pl.col("born") // TICK_NS) == (pl.col("tick") // TICK_NS)).select(*PAIR, "born")
    return fresh.filter(
        pl.Series(book.sides(fresh["src"]) == INSIDE) & pl.Series(book.sides(fresh["dst"]) != GROUP)
    )
