"""Conversations that ended, of the rows of all that was said in them."""

from typing import TYPE_CHECKING

from oddwire.records.judged import TALK_COLUMNS, TICK_NS
from oddwire.testing.simulation.conversations import NS
from oddwire.testing.simulation.pieces import IDLE_NS
from oddwire.testing.simulation.talk_rows import FIRST_A, FIRST_B

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ended_rows"]

LINGER_NS = 5 * NS
FIN_ENDED, RESET_ENDED, IDLE_ENDED = 1, 2, 3
_SUMMED = "packets bytes payload payload_packets length_squares fin syn rst psh ack urg"
_FIRST = """
    src dst src_port dst_port protocol ip_version icmp_type icmp_code vlans tunnel sure service born first
    input first_packet mac_out mac_in mac_also_out mac_also_in
"""


def ended_rows(talks: "pl.DataFrame") -> "pl.DataFrame":
    """Return the conversations that ended, of all rows of them: both ends must have said something."""
    import polars as pl

    ways = ("out", "in")
    summed = [pl.col(f"{name}_{way}").sum() for name in _SUMMED.split() for way in ways]
    least = [
        pl.col(f"{name}_{way}").filter(pl.col(f"{name}_{way}") > 0).min().fill_null(0)
        for name in ("length_min", "ttl_min")
        for way in ways
    ]
    most = [pl.col(f"{name}_{way}").max() for name in ("length_max", "ttl_max") for way in ways]
    final = [pl.col(f"{name}_{way}").last() for name in ("entropy", "entropy_bytes") for way in ways]
    bits = pl.col("state")
    firsts = FIRST_A | FIRST_B
    ended = talks.group_by("segment", maintain_order=True).agg(
        *(pl.col(name).first() for name in _FIRST.split()),
        bits.bitwise_or().alias("all"),
        bits.first().alias("state"),
        pl.col("last").max(),
        pl.col("last_packet").last(),
        *summed,
        *least,
        *most,
        *final,
    )
    ended = ended.filter((pl.col("payload_out") > 0) & (pl.col("payload_in") > 0)).with_columns(
        state=((pl.col("all") & ~firsts & 0xFFFFFF) | (pl.col("state") & firsts)).cast(pl.UInt32)
    )
    fin, reset = pl.col("fin_out") + pl.col("fin_in") > 1, pl.col("rst_out") + pl.col("rst_in") > 0
    wait = pl.when(fin | reset).then(LINGER_NS).otherwise(IDLE_NS)
    why = pl.when(fin).then(FIN_ENDED).when(reset).then(RESET_ENDED).otherwise(IDLE_ENDED)
    return ended.with_columns(
        tick=((pl.col("last").cast(pl.Int64) + wait) // TICK_NS * TICK_NS).cast(pl.UInt64),
        ended=why.cast(pl.UInt8),
    ).select(pl.col(name).cast(talks.schema[name]) for name in TALK_COLUMNS)
