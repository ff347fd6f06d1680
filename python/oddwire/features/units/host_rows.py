"""Rows of hosts: what each local host did in each window or hour."""

from typing import TYPE_CHECKING

from oddwire.features.units.keys import INSIDE, OUTSIDE
from oddwire.features.units.steps import ICMP, UDP, directed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import polars as pl

__all__ = ["host_hours", "host_rows"]

ASKED = ("dns_queries", "dns_failed", "dns_characters")


def host_rows(steps: "pl.DataFrame", asked: "pl.DataFrame | None") -> "pl.DataFrame":
    """Return one row a window and local host that sent something, numbers as `host`; features as Float32.

    Steps have the sides of both ends and `news`: local services that are used for the first time.
    """
    import polars as pl

    seen = directed(steps).filter(
        (pl.col("host_side") == INSIDE) & ((pl.col("packets_out") > 0) | (pl.col("packets_in") > 0))
    )
    views = seen.with_columns(**_parts()).collect()
    rows = (
        views.group_by("window", "host")
        .agg(pl.col("length_max").max().alias("length_max_out"), pl.col(*_SUMS, *_parts()).sum())
        .sort("window", "host")
        .with_columns(**_distinct(views))
        .with_columns(from_ports=pl.col("from_ports") + pl.col("own_sources"))
        .with_columns(to_ports=pl.col("to_ports") + pl.col("their_sources"))
        .filter(pl.col("packets_out") > 0)
    )
    rows = _with_names(rows, asked).with_columns(*_ratios())
    rows = rows.drop("dns_characters", "bytes_out", "own_sources", "their_sources").sort("window", "host")
    return rows.select("window", "host", pl.exclude("window", "host").cast(pl.Float32))


_SUMS = ("packets_out", "packets_in", "bytes_out", "news")


def _parts() -> dict[str, "pl.Expr"]:
    """Return the sums over some of a host's steps only, each as what a step has to add."""
    import polars as pl

    outside, inside = pl.col("peer_side") == OUTSIDE, pl.col("peer_side") == INSIDE
    packets, protocol, mine = pl.col("packets_out"), pl.col("protocol"), pl.col("mine")
    sent = packets > 0
    chosen = {
        "payload_out_inside": (inside, pl.col("payload_out")),
        "payload_in_inside": (inside, pl.col("payload_in")),
        "payload_out_outside": (outside, pl.col("payload_out")),
        "payload_in_outside": (outside, pl.col("payload_in")),
        "udp_out": (protocol == UDP, packets),
        "icmp_out": (protocol.is_in(ICMP), packets),
        "begun": (mine, pl.col("begun")),
        "accepted": (~mine, pl.col("begun")),
        "failed": (mine, pl.col("failed")),
        "own_sources": (mine & sent, pl.col("src_ports")),
        "their_sources": (~mine & sent, pl.col("src_ports")),
    }
    made = {name: pl.when(which).then(value).otherwise(0) for name, (which, value) in chosen.items()}
    return {**made, "resets_in": pl.col("rst_in")}


def _distinct(views: "pl.DataFrame") -> "Mapping[str, np.ndarray]":
    """Return how many different peers and ports there were, in the order of windows and hosts.

    Numpy counts them: many small groups are slow in Polars, and a flood has a million.
    """
    import numpy as np

    column = {name: views[name].to_numpy() for name in views.columns}
    _, turn = np.unique(column["window"], return_inverse=True)
    each, place = np.unique(
        turn.astype(np.uint64) << np.uint64(32) | column["host"].astype(np.uint64), return_inverse=True
    )
    group = place.astype(np.uint64) << np.uint64(32)

    def count(which: "np.ndarray", name: str) -> "np.ndarray":
        pairs = np.sort(group[which] | column[name][which])
        first = np.ones(pairs.size, dtype=bool)
        first[1:] = pairs[1:] != pairs[:-1]
        return np.bincount((pairs[first] >> np.uint64(32)).astype(np.int64), minlength=each.size)

    # Of which one is nothing, by whether the host began it.
    mine, begun = column["mine"], column["begun"] + column["accepted"] > 0
    sent = column["packets_out"] > 0
    began, called = mine & begun, ~mine & begun
    return {
        "contacted_inside": count(began & (column["peer_side"] == INSIDE), "peer"),
        "contacted_outside": count(began & (column["peer_side"] == OUTSIDE), "peer"),
        "callers": count(called, "peer"),
        "ports": count(began, "port"),
        "offered": count(called & sent, "port"),
        "sent_to": count(sent, "peer"),
        "from_ports": count(~mine & sent, "port"),
        "to_ports": count(mine & sent, "port"),
    }


def _with_names(rows: "pl.DataFrame", asked: "pl.DataFrame | None") -> "pl.DataFrame":
    """Add what hosts asked name servers, unknown where nobody listened."""
    import polars as pl

    rows = rows.rename({"news": "new_inside"})
    if asked is None:
        return rows.with_columns(pl.lit(None, pl.UInt32).alias(name) for name in (*ASKED, "dns_names"))
    told = asked.group_by("window", "src").agg(pl.col(*ASKED).sum(), pl.len().alias("dns_names"))
    told = told.rename({"src": "host"})
    return rows.join(told, on=["window", "host"], how="left").with_columns(
        pl.col(*ASKED, "dns_names").fill_null(0)
    )


def _ratios() -> list["pl.Expr"]:
    import polars as pl

    out = pl.col("payload_out_inside") + pl.col("payload_out_outside")
    total = out + pl.col("payload_in_inside") + pl.col("payload_in_outside")
    return [
        (pl.col("bytes_out") / pl.col("packets_out")).alias("length_mean_out"),
        pl.when(total > 0).then(out / total).alias("upload_share"),
        pl.when(pl.col("begun") > 0).then(pl.col("failed") / pl.col("begun")).alias("failed_share"),
        pl.when(pl.col("dns_queries") > 0)
        .then(pl.col("dns_characters") / pl.col("dns_queries"))
        .alias("dns_length"),
    ]


def host_hours(hour: int, steps: "pl.DataFrame", asked: "pl.DataFrame | None") -> "pl.DataFrame":
    """Return one row a local host of an hour, of the steps and questions of its minutes."""
    import polars as pl

    minutes = pl.concat(
        steps.filter(pl.col(f"packets_{way}") > 0)
        .select(pl.col(end).alias("host"), f"minutes_{way}")
        .rename({f"minutes_{way}": "minutes"})
        for end, way in (("src", "out"), ("dst", "in"))
    )
    minutes = minutes.group_by("host").agg(pl.col("minutes").bitwise_or())
    active = pl.col("minutes").bitwise_count_ones().cast(pl.Float32).alias("active_minutes")
    whole = steps.with_columns(pl.lit(hour, pl.Int64).alias("window"))
    return host_rows(whole, asked).join(minutes.select("host", active), on="host", how="left")
