"""Contacts of one host with many others at the same door: by port, or by ping."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.features.tries import OPEN, SILENT, SPOKEN, TCP, TRIES_NEED, UDP, is_service_port, tries

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CONTACTS_NEED", "PING", "contacts", "is_group", "neighbours", "stretch"]

CONTACTS_NEED = TRIES_NEED
ICMP, ICMP6 = 1, 58
# Questions that any host answers: echo, timestamp, information and mask; of IPv6 only echo.
ASKING, ASKING6 = (8, 13, 15, 17), 128
PING = 0
# Sources and doors that are looked at in one tick; a flood from forged addresses makes a million.
MOST_GROUPS = 4_000
# Where a port is none at which services are looked for, a lone failure in a tick is a dead peer's.
LEAST_AT_ODD_PORTS = 2
IPV6_HOST_DIGITS = 4


def contacts(window: Window, tracked: Collection[int]) -> "list[dict[str, Any]]":
    """Return first contacts by tick, source and door, in order: the hosts, the outcomes, and how many spoke.

    A door is the protocol and the port times 256, or `PING`. Doors of which nothing failed are left out unless they
    are `tracked` already.
    """
    import polars as pl

    rows = pl.concat([_pings(window), _tries(window)])
    failed = ~pl.col("outcome").is_in([SPOKEN, OPEN])
    odd = ~pl.col("is_service")
    suspects = (
        rows.filter(failed | (pl.col("door") == PING))
        .group_by("tick", "src", "door")
        .agg(pl.len().alias("count"), odd.first().alias("odd"))
        .filter(~pl.col("odd") | (pl.col("count") >= LEAST_AT_ODD_PORTS))
    )
    doors = {*suspects["door"].to_list(), *tracked}
    if not doors:
        return []
    rows = rows.filter(pl.col("door").is_in(list(doors)))
    spoken = pl.col("outcome") == SPOKEN
    grouped = (
        rows.group_by("tick", "src", "door", maintain_order=True)
        .agg(
            pl.col("dst").filter(~spoken).alias("hosts"),
            pl.col("outcome").filter(~spoken).alias("outcomes"),
            pl.col("how").filter(~spoken).alias("hows"),
            pl.col("last").filter(~spoken).alias("times"),
            pl.col("dst").filter(spoken).n_unique().alias("spoken"),
            (failed & odd).sum().alias("odd"),
            odd.first().alias("is_odd"),
        )
        # What a lone failure at an odd port means is not known, and must not hang on the rest of the window.
        .filter(~pl.col("is_odd") | (pl.col("odd") >= LEAST_AT_ODD_PORTS) | (pl.col("hosts").list.len() == 0))
        .filter(pl.int_range(pl.len()).over("tick") < MOST_GROUPS)
        .sort("tick", maintain_order=True)
    )
    found = grouped.to_dicts()
    numbers = sorted({row["src"] for row in found}.union(*(row["hosts"] for row in found)))
    names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
    for row in found:
        row["src_name"] = names[row["src"]]
        row["hosts"] = [names[host] for host in row["hosts"]]
    return found


def _pings(window: Window) -> "pl.DataFrame":
    """Return the first slice of each exchange of pings."""
    import polars as pl

    asks = ((pl.col("protocol") == ICMP) & pl.col("icmp_type").is_in(list(ASKING))) | (
        (pl.col("protocol") == ICMP6) & (pl.col("icmp_type") == ASKING6)
    )
    first = window.talks.filter(
        pl.col("protocol").is_in([ICMP, ICMP6])
        & asks
        & (pl.col("packets_out") > 0)
        & (pl.col("born") == pl.col("first"))
    )
    answer = pl.when(pl.col("packets_in") > 0).then(pl.lit(OPEN)).otherwise(pl.lit(SILENT))
    return first.select(
        "tick",
        "src",
        "dst",
        "last",
        answer.alias("outcome"),
        pl.lit("ping").alias("how"),
        pl.lit(PING, dtype=pl.UInt32).alias("door"),
        pl.lit(value=True).alias("is_service"),
    )


def _tries(window: Window) -> "pl.DataFrame":
    import polars as pl

    ports = [port for port in range(1 << 16) if is_service_port(port)]
    door = pl.col("dst_port").cast(pl.UInt32) * 256 + pl.col("protocol")
    return (
        window.view(tries)
        .filter(pl.col("protocol").is_in([TCP, UDP]) & (pl.col("dst_port") > 0))
        .select(
            "tick",
            "src",
            "dst",
            "last",
            "outcome",
            "how",
            door.alias("door"),
            pl.col("dst_port").is_in(ports).alias("is_service"),
        )
    )


def is_group(address: str) -> bool:
    """Say whether an address is that of a group or of everybody."""
    if ":" in address:
        return address.startswith("ff")
    head = address.partition(".")[0]
    return (head.isdigit() and 224 <= int(head) <= 239) or address == "255.255.255.255"  # noqa: PLR2004  # class D


def neighbours(addresses: Iterable[str]) -> Mapping[str, int]:
    """Return how many addresses lie in each block of 256 (of IPv6: of 65,536)."""
    return Counter(_block(address) for address in addresses)


def _block(address: str) -> str:
    head, _, tail = address.rpartition(":" if ":" in address else ".")
    return head if ":" not in address or len(tail) <= IPV6_HOST_DIGITS else address


def stretch(addresses: Iterable[str], block: str) -> tuple[int, float, bool]:
    """Return how many addresses of a block there are, what share they are of the stretch that they span, and whether
    addresses are among them that no host has.
    """
    at = sorted(_place(address) for address in addresses if _block(address) == block)
    if not at:
        return 0, 0.0, False
    return len(at), len(at) / (at[-1] - at[0] + 1), at[0] == 0 or at[-1] == 255  # noqa: PLR2004  # its last one


def _place(address: str) -> int:
    return (
        int(address.rpartition(":")[2] or "0", 16) if ":" in address else int(address.rpartition(".")[2])
    )
