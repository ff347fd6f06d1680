"""First contacts and how they went: what scans, sweeps and floods are made of."""

from typing import TYPE_CHECKING

from oddwire.base.window import Window

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "ACK_A",
    "ACK_B",
    "DATA_A",
    "DATA_B",
    "FIN_A",
    "OPEN",
    "REFUSED",
    "RST_A",
    "RST_B",
    "SERVICE_PORTS",
    "SILENT",
    "SPOKEN",
    "SYNACK_A",
    "SYNACK_B",
    "SYN_A",
    "TCP",
    "TRIES_NEED",
    "UDP",
    "is_service_port",
    "refusals",
    "tries",
]

# Bits of `state`, A being the originator.
SYN_A, SYNACK_A, SYNACK_B, FIN_A = 1 << 0, 1 << 2, 1 << 3, 1 << 4
FRAGMENT = 1 << 17
RST_A, RST_B, DATA_A, DATA_B, ACK_A, ACK_B = 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11
TCP, UDP, SCTP = 6, 17, 132
# A try repeated by its sender for lack of an answer stays a try.
MOST_REPEATS = 6
# What came of it: nothing, a refusal, an open port that nothing was said to, a conversation.
SILENT, REFUSED, OPEN, SPOKEN = "silent", "refused", "open", "spoken"
FIRST_EPHEMERAL = 1024
# Services above the well-known ports that scanners look for; a port that peers agree on is none of them.
_SERVICES = """
    1080 1433 1434 1521 1723 1883 1900 2049 2222 2323 2375 3128 3306 3389 4444 4786 5000 5060 5432 5555
    5601 5672 5900 5901 5938 5985 5986 6000 6379 7001 7547 8000 8008 8080 8081 8088 8291 8443 8545 8728
    8883 8888 9000 9090 9100 9200 10000 11211 15672 20000 23023 27017 37215 37777 44818 47808 49152
    50000 52869 55555 60001
"""
SERVICE_PORTS: frozenset[int] = frozenset(map(int, _SERVICES.split()))

_READ = """
    tick src dst src_port dst_port protocol ip_version born first last state packets_out packets_in
    payload_out payload_in syn_out syn_in rst_out rst_in fin_out ack_out psh_out urg_out ttl_max_out tunnel
    vlans icmp_type icmp_code sure
"""
TRIES_NEED: frozenset[str] = frozenset(f"talks.{name}" for name in _READ.split())


def is_service_port(port: int) -> bool:
    """Say whether a port is one at which a service is looked for."""
    return 0 < port < FIRST_EPHEMERAL or port in SERVICE_PORTS


def tries(window: Window) -> "pl.DataFrame":
    """Return the first slice of each flow that its originator began, with its outcome.

    `outcome` is `silent` (no answer), `refused` (reset, nothing else), `open` (answered, but the originator
    had nothing to say) or `spoken`. `how` names the first packet: syn, ack, fin, null, xmas, maimon, odd,
    udp, sctp or ip. Resets and SYN-ACKs out of the blue answer somebody, and are left out; so is ICMP.
    """
    import polars as pl

    talks = window.talks
    state = pl.col("state")
    fresh = talks.filter(
        (pl.col("born") == pl.col("first"))
        & (pl.col("packets_out") > 0)
        & ~pl.col("protocol").is_in([1, 2, 58])
        & (state & SYNACK_A == 0)
        & ~((pl.col("protocol") == TCP) & (pl.col("rst_out") == pl.col("packets_out")))
        # Pieces of a header that was cut up: the whole follows.
        & ~((pl.col("protocol") == TCP) & (state & FRAGMENT != 0) & (state & (SYN_A | ACK_A) == 0))
    )
    few = pl.col("packets_out") <= MOST_REPEATS
    # Data in a SYN, or in the reset that answers it, is nothing that was said.
    taken = (pl.col("syn_in") > 0) | (state & SYN_A == 0) | (state & ACK_A != 0)
    said = (pl.col("payload_out") > 0) & taken
    heard = (pl.col("payload_in") > 0) & (pl.col("rst_in") < pl.col("packets_in"))
    mute = ~said & ~heard & few
    tcp_outcome = (
        pl.when(~mute)
        .then(pl.lit(SPOKEN))
        .when((pl.col("syn_in") == 0) & (pl.col("rst_in") > 0))
        .then(pl.lit(REFUSED))
        .when(pl.col("packets_in") == 0)
        .then(
            pl.when(state & SYN_A != 0)
            .then(pl.when(state & ACK_A == 0).then(pl.lit(SILENT)).otherwise(pl.lit(OPEN)))
            .otherwise(pl.lit(SILENT))
        )
        .otherwise(pl.lit(OPEN))
    )
    # One chunk each way: an INIT that was refused or accepted, and left at that.
    brief = (pl.col("protocol") == SCTP) & (pl.col("packets_out") <= 2) & (pl.col("packets_in") == 1)  # noqa: PLR2004
    other_outcome = (
        pl.when(brief)
        .then(pl.lit(REFUSED))
        .when((pl.col("packets_in") == 0) & few)
        .then(pl.lit(SILENT))
        .otherwise(pl.lit(SPOKEN))
    )
    flags = (
        pl.when(state & SYN_A != 0)
        .then(pl.lit("syn"))
        .when((pl.col("fin_out") > 0) & (pl.col("urg_out") > 0))
        .then(pl.lit("xmas"))
        .when((pl.col("fin_out") > 0) & (pl.col("ack_out") > 0))
        .then(pl.lit("maimon"))
        .when(pl.col("fin_out") > 0)
        .then(pl.lit("fin"))
        .when(
            (pl.col("ack_out") == 0)
            & (pl.col("psh_out") == 0)
            & (pl.col("urg_out") == 0)
            & (pl.col("rst_out") == 0)
        )
        .then(pl.lit("null"))
        .when(pl.col("ack_out") > 0)
        .then(pl.lit("ack"))
        .otherwise(pl.lit("odd"))
    )
    is_tcp = pl.col("protocol") == TCP
    return fresh.with_columns(
        pl.when(is_tcp).then(tcp_outcome).otherwise(other_outcome).alias("outcome"),
        pl.when(is_tcp)
        .then(flags)
        .when(pl.col("protocol") == UDP)
        .then(pl.lit("udp"))
        .when(pl.col("protocol") == SCTP)
        .then(pl.lit("sctp"))
        .otherwise(pl.lit("ip"))
        .alias("how"),
    )


def refusals(window: Window) -> "pl.DataFrame":
    """Return the answers to tries that the capture does not hold, turned round to who must have tried.

    A reset or SYN-ACK out of the blue answers somebody; the sender's port is what was tried.
    """
    import polars as pl

    state = pl.col("state")
    talks = window.talks.filter((pl.col("protocol") == TCP) & (pl.col("born") == pl.col("first")))
    resets = talks.filter(
        (pl.col("packets_in") == 0)
        & (pl.col("rst_out") > 0)
        & (pl.col("rst_out") == pl.col("packets_out"))
        & (pl.col("packets_out") <= MOST_REPEATS)
    ).select(
        "tick",
        pl.col("dst").alias("src"),
        pl.col("src").alias("dst"),
        pl.col("src_port").alias("item"),
        pl.lit(REFUSED).alias("outcome"),
        "first",
        "last",
    )
    accepted = talks.filter(
        (pl.col("packets_out") == 0)
        & (state & SYNACK_B != 0)
        & (pl.col("payload_in") == 0)
        & (pl.col("packets_in") <= MOST_REPEATS)
    ).select(
        "tick", "src", "dst", pl.col("dst_port").alias("item"), pl.lit(OPEN).alias("outcome"), "first", "last"
    )
    return pl.concat([resets, accepted]).with_columns(
        pl.lit(TCP, pl.UInt8).alias("by"),
        pl.col("item").cast(pl.String),
        pl.lit("answers").alias("how"),
        (pl.col("item") < FIRST_EPHEMERAL).alias("low"),
    )
