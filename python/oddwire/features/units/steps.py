"""Steps: what each pair of hosts did on one port in one window, the sum of the talks of its ticks."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ASKED_NEED", "STEP_NEED", "asked_of", "directed", "steps_of"]

TICK_NS = 5_000_000_000
TCP, UDP = 6, 17
ICMP = (1, 58)
STEP_NEED = frozenset(
    f"talks.{name}" for name in ("tick", "src", "dst", "src_port", "dst_port", "protocol", "born")
).union(
    f"talks.{name}_{way}"
    for name in ("packets", "bytes", "payload", "length_max", "rst")
    for way in ("out", "in")
)
ASKED_NEED = frozenset({"dns.tick", "dns.src", "dns.service", "dns.query", "dns.code"})
_SUMS = (
    "packets_out",
    "packets_in",
    "bytes_out",
    "bytes_in",
    "payload_out",
    "payload_in",
    "rst_out",
    "rst_in",
)


def steps_of(talks: "pl.DataFrame", span_ns: int) -> "pl.DataFrame":
    """Return one row a window, originator, responder, port and protocol, in the order of windows."""
    import polars as pl

    is_first = (pl.col("born") // TICK_NS) == (pl.col("tick") // TICK_NS)
    begun = pl.when(is_first).then(1).otherwise(0).cast(pl.UInt32)
    silent = (is_first & (pl.col("packets_in") == 0)).cast(pl.UInt32)
    # Reset at once, before anything was said.
    refused = (is_first & (pl.col("rst_in") > 0) & (pl.col("payload_in") == 0)).cast(pl.UInt32)
    return (
        talks.lazy()
        .with_columns(
            (pl.col("tick") // span_ns * span_ns).cast(pl.Int64).alias("window"),
            begun.alias("begun"),
            (silent | refused).alias("failed"),
        )
        .group_by("window", "src", "dst", "dst_port", "protocol")
        .agg(
            *(pl.col(name).cast(pl.UInt64).sum() for name in _SUMS),
            pl.col("length_max_out").max(),
            pl.col("length_max_in").max(),
            pl.col("begun").sum(),
            pl.col("failed").sum(),
            pl.col("tick").min(),
            pl.col("src_port").n_unique().cast(pl.UInt32).alias("src_ports"),
        )
        .sort("window", "src", "dst", "dst_port", "protocol")
        .collect()
    )


def asked_of(dns: "pl.DataFrame", span_ns: int) -> "pl.DataFrame":
    """Return what hosts asked name servers: a row a window, host and name, which stands there as a hash."""
    import polars as pl

    failed = (pl.col("code").is_not_null() & (pl.col("code") != "NOERROR")).cast(pl.UInt32)
    return (
        dns.lazy()
        # Calls to neighbours are no questions to a name server.
        .filter(pl.col("service") == "dns")
        .select(
            (pl.col("tick") // span_ns * span_ns).cast(pl.Int64).alias("window"),
            "src",
            pl.col("query").hash().alias("name"),
            failed.alias("dns_failed"),
            pl.col("query").str.len_chars().fill_null(0).alias("dns_characters"),
        )
        .group_by("window", "src", "name")
        .agg(
            pl.len().cast(pl.UInt32).alias("dns_queries"),
            pl.col("dns_failed", "dns_characters").sum(),
        )
        .collect()
    )


def directed(steps: "pl.DataFrame") -> "pl.LazyFrame":
    """Return each step twice, as each of its two hosts saw it; `mine` where the host began it."""
    import polars as pl

    def seen(host: str, peer: str, out: str, back: str, *, mine: bool) -> "pl.LazyFrame":
        return steps.lazy().select(
            "window",
            "protocol",
            pl.col("dst_port").alias("port"),
            pl.col(host).alias("host"),
            pl.col(peer).alias("peer"),
            pl.col(f"{host}_side").alias("host_side"),
            pl.col(f"{peer}_side").alias("peer_side"),
            *(
                pl.col(f"{name}_{way}").alias(f"{name}_{as_way}")
                for name in ("packets", "bytes", "payload")
                for way, as_way in ((out, "out"), (back, "in"))
            ),
            pl.col(f"length_max_{out}").alias("length_max"),
            pl.col(f"rst_{back}").alias("rst_in"),
            "begun",
            "failed",
            "src_ports",
            pl.lit(mine).alias("mine"),
            pl.col("news").alias("news") if mine else pl.lit(0, pl.UInt32).alias("news"),
        )

    return pl.concat(
        [seen("src", "dst", "out", "in", mine=True), seen("dst", "src", "in", "out", mine=False)]
    )
