"""Rows of flows: one a conversation that ended and that a local host had a part in."""

from typing import TYPE_CHECKING

from oddwire.features.units.keys import GROUP, OUTSIDE, Book
from oddwire.features.units.pair_rows import port_keys

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FLOW_NEED", "flow_rows"]

FLOW_NEED = frozenset(
    f"ended.{name}"
    for name in (
        *("tick", "src", "dst", "src_port", "dst_port", "protocol", "first", "last"),
        *("packets_out", "packets_in", "payload_out", "payload_in"),
        *("length_max_out", "length_max_in", "rst_out", "rst_in"),
    )
)
PLAIN = (
    "packets_out",
    "packets_in",
    "payload_out",
    "payload_in",
    "length_max_out",
    "length_max_in",
    "outside",
)
NS = 1_000_000_000


def flow_rows(ended: "pl.DataFrame", book: Book) -> "pl.DataFrame":
    """Return one row a conversation; `host` and `peer` are numbers, `window` its first packet's time."""
    import polars as pl

    src, dst = book.sides(ended["src"]), book.sides(ended["dst"])
    rows = ended.with_columns(
        pl.Series("outside", (dst == OUTSIDE) | (src == OUTSIDE)),
    ).filter(pl.Series(((src != OUTSIDE) | (dst != OUTSIDE)) & (dst != GROUP) & (src != GROUP)))
    total = pl.col("payload_out") + pl.col("payload_in")
    features: dict[str, pl.Expr] = {
        "duration": (pl.col("last") - pl.col("first")) / NS,
        "upload_share": pl.when(total > 0).then(pl.col("payload_out") / total),
        "resets": pl.col("rst_out") + pl.col("rst_in"),
    }
    return rows.select(
        pl.col("first").cast(pl.Int64).alias("window"),
        pl.col("last").cast(pl.Int64).alias("end"),
        pl.col("src").alias("host"),
        pl.col("dst").alias("peer"),
        pl.col("dst_port").alias("port"),
        "protocol",
        pl.Series("port_key", port_keys(rows)),
        *(pl.col(name).cast(pl.Float32) for name in PLAIN),
        *(made.cast(pl.Float32).alias(name) for name, made in features.items()),
    )
