"""Counts of what each host did in each minute, made by the contest itself: for the simplest of baselines."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from oddwire.testing.contest.stretch import Stretch

__all__ = ["COUNTS", "MINUTE_NS", "minutes"]

MINUTE_NS = 60_000_000_000
# name: what it counts, as sent (`out`) and received (`in`) by the host.
COUNTS = (
    "packets_out",
    "packets_in",
    "bytes_out",
    "bytes_in",
    "begun",
    "peers",
    "ports",
    "unanswered",
    "visitors",
)
_READ = (
    "tick",
    "src",
    "dst",
    "dst_port",
    "protocol",
    "born",
    "packets_out",
    "packets_in",
    "bytes_out",
    "bytes_in",
)


def minutes(stretch: "Stretch") -> "pl.DataFrame":
    """Return one row a minute and host of our own that sent or received a packet."""
    import polars as pl

    # Minutes never reach across parts by more than the row at the seam, which the second count mends.
    counted = [_counted(talks, stretch.inside) for talks in stretch.each("talks", _READ)]
    if not counted:
        return pl.DataFrame(schema={"minute": pl.Int64, "host": pl.UInt32, **dict.fromkeys(COUNTS, pl.Int64)})
    return (
        pl.concat(counted)
        .group_by("minute", "host")
        .agg(pl.col(name).sum() for name in COUNTS)
        .sort("minute", "host")
    )


def _counted(talks: "pl.DataFrame", inside: list[int]) -> "pl.DataFrame":
    import polars as pl

    minute = (pl.col("tick").cast(pl.Int64) // MINUTE_NS * MINUTE_NS).alias("minute")
    began = pl.col("born") // MINUTE_NS == pl.col("tick") // MINUTE_NS
    mine = pl.col("host").is_in(inside)
    sent = (
        talks.lazy()
        .select(minute, pl.all().exclude("tick"), host=pl.col("src"), began=began)
        .filter(mine)
        .group_by("minute", "host")
        .agg(
            *(pl.col(name).sum().cast(pl.Int64) for name in COUNTS[:4]),
            begun=pl.col("began").sum().cast(pl.Int64),
            peers=pl.col("dst").n_unique().cast(pl.Int64),
            ports=pl.struct("dst_port", "protocol").n_unique().cast(pl.Int64),
            unanswered=(pl.col("packets_in") == 0).sum().cast(pl.Int64),
            visitors=pl.lit(0, dtype=pl.Int64),
        )
    )
    zero = pl.lit(0, dtype=pl.Int64)
    received = (
        talks.lazy()
        .select(minute, pl.all().exclude("tick"), host=pl.col("dst"))
        .filter(mine)
        .group_by("minute", "host")
        .agg(
            packets_out=pl.col("packets_in").sum().cast(pl.Int64),
            packets_in=pl.col("packets_out").sum().cast(pl.Int64),
            bytes_out=pl.col("bytes_in").sum().cast(pl.Int64),
            bytes_in=pl.col("bytes_out").sum().cast(pl.Int64),
            begun=zero,
            peers=zero,
            ports=zero,
            unanswered=zero,
            visitors=pl.col("src").n_unique().cast(pl.Int64),
        )
    )
    return pl.concat([sent, received]).group_by("minute", "host").agg(pl.col(*COUNTS).sum()).collect()
