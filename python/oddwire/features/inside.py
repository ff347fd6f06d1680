"""What inside hosts say to each other over services of files, commands and desktops."""

from socket import AF_INET6, inet_pton
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.features.seen import local_mask

if TYPE_CHECKING:
    import polars as pl

__all__ = ["COMMANDS", "FILES", "INSIDE_NEED", "inside_talks"]

TCP = 6
FILES = (139, 445)
# Services by which a host is made to act: RPC, shells, desktops.
COMMANDS = (22, 23, 135, 593, 2323, 3389, 5900, 5985, 5986)
MOST_ROWS = 4_000
COLUMNS = (
    *("tick", "src", "dst", "dst_port", "protocol", "ip_version", "born", "first", "last"),
    *("payload_out", "payload_in"),
)
INSIDE_NEED = frozenset(f"talks.{name}" for name in COLUMNS)


def inside_talks(window: Window) -> list[dict[str, Any]]:
    """Return what inside hosts did with each other over these services, by tick, pair and port, in order."""
    import polars as pl

    spoken = window.talks.select(*COLUMNS).filter(
        pl.col("dst_port").is_in([*FILES, *COMMANDS])
        & (pl.col("protocol") == TCP)
        & (pl.col("payload_out") > 0)
        & (pl.col("payload_in") > 0)
    )
    if spoken.is_empty():
        return []
    inside = local_mask(spoken["src"], window.hosts) & local_mask(spoken["dst"], window.hosts)
    spoken = spoken.filter(inside | _are_neighbours(spoken, window))
    if spoken.is_empty():
        return []
    rows = (
        spoken.group_by("tick", "src", "dst", "dst_port", maintain_order=True)
        .agg(
            pl.col("born", "first").min(),
            pl.col("last").max(),
            pl.col("payload_out").sum(),
            pl.col("payload_in").sum(),
        )
        .filter(pl.col("first").cum_count().over("tick") <= MOST_ROWS)
        .sort("tick", "first", maintain_order=True)
        .to_dicts()
    )
    names = window.hosts.names([row["src"] for row in rows] + [row["dst"] for row in rows])
    for row, client, server in zip(rows, names, names[len(rows) :], strict=False):
        row["client"], row["server"] = client, server
    return rows


def _are_neighbours(spoken: "pl.DataFrame", window: Window) -> "pl.Series":
    """Say whose ends have IPv6 addresses of one link: inside, whatever the list of our networks says."""
    import polars as pl

    six = (spoken["ip_version"] == 6).to_list()  # noqa: PLR2004  # IPv6
    if not any(six):
        return pl.repeat(False, len(spoken), dtype=pl.Boolean, eager=True)  # noqa: FBT003  # a value
    ends = [window.hosts.names(spoken[end].to_list()) for end in ("src", "dst")]
    return pl.Series(
        [is_six and _link(src) == _link(dst) for is_six, src, dst in zip(six, *ends, strict=True)],
        dtype=pl.Boolean,
    )


def _link(address: str) -> bytes:
    """Return the half of an IPv6 address that names its link."""
    return inet_pton(AF_INET6, address)[:8] if ":" in address else address.encode()
