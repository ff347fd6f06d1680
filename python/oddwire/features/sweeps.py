"""Contacts of one host with many others at the same door: by port, or by ping."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.base.window import Window
from oddwire.features.tries import (
    FIRST_EPHEMERAL,
    OPEN,
    SERVICE_PORTS,
    SILENT,
    SPOKEN,
    TCP,
    TRIES_NEED,
    UDP,
    tries,
)

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "CONTACTS_NEED",
    "DOORS_MATTER_FROM",
    "PING",
    "Contact",
    "contacts",
    "is_group",
    "neighbours",
    "stretch",
]

CONTACTS_NEED = TRIES_NEED
ICMP, ICMP6 = 1, 58
# Questions that any host answers: echo, timestamp, information and mask; of IPv6 only echo.
ASKING, ASKING6 = (8, 13, 15, 17), 128
PING = 0
# Sources and doors that are looked at in one tick; a flood from forged addresses makes a million.
MOST_GROUPS = 4_000
# Where a port is none at which services are looked for, a lone failure in a tick is a dead peer's.
LEAST_AT_ODD_PORTS = 2
# From so many hosts on it matters who else was spoken to.
DOORS_MATTER_FROM = 5
IPV6_HOST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Contact:
    """What a source did at a door in a tick: which hosts it touched when, how that went, how many spoke."""

    tick: int
    source: str
    door: int
    touched: tuple[tuple[int, str, str], ...]
    spoken: int


def contacts(window: Window, tracked: Mapping[int, int]) -> Iterator[Contact]:
    """Yield first contacts that failed or led to nothing, by tick, source and door, in order of the ticks.

    A door is the protocol and the port times 256, or `PING`. `tracked` says of how many hosts at most is
    known at
    each door already: only where that comes to something those are counted that spoke.
    """
    import polars as pl

    rows = pl.concat([_pings(window), _tries(window)])
    mute = rows.filter(pl.col("outcome") != SPOKEN)
    if mute.is_empty() and not tracked:
        return
    failed = (pl.col("outcome") != OPEN).sum() >= LEAST_AT_ODD_PORTS
    touched = (
        mute.group_by("tick", "src", "door", maintain_order=True)
        .agg("dst", "outcome", "how", "last", (pl.col("is_service").first() | failed).alias("counts"))
        # What a lone failure at an odd port means is not known, and must not hang on the rest of the window.
        .filter("counts")
        .drop("counts")
    )
    known = {door: count + DOORS_MATTER_FROM for door, count in tracked.items()}
    for door, count in mute["door"].value_counts().iter_rows():
        known[door] = known.get(door, DOORS_MATTER_FROM) + count
    doors = [door for door, count in known.items() if count >= 2 * DOORS_MATTER_FROM]
    spoken = (
        rows.filter((pl.col("outcome") == SPOKEN) & pl.col("door").is_in(doors))
        .group_by("tick", "src", "door", maintain_order=True)
        .agg(pl.col("dst").n_unique())
    )
    yield from _named(window, touched, spoken)


def _named(window: Window, touched: "pl.DataFrame", spoken: "pl.DataFrame") -> Iterator[Contact]:
    """Yield contacts with the names of the hosts, tick by tick."""
    talked = {(tick, src, door): count for tick, src, door, count in spoken.iter_rows()}
    found = {(tick, src, door): lists for tick, src, door, *lists in touched.iter_rows()}
    places = sorted({*found, *talked})
    numbers = list({src for _, src, _ in places}.union(*(lists[0] for lists in found.values())))
    names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
    in_tick: Counter[int] = Counter()
    for place in places:
        tick, src, door = place
        in_tick[tick] += 1
        if in_tick[tick] > MOST_GROUPS:
            continue
        hosts: tuple[tuple[int, str, str], ...] = ()
        if lists := found.get(place):
            hosts = tuple(
                (time_ns, names[host], f"{outcome} {how}")
                for host, outcome, how, time_ns in zip(*lists, strict=True)
            )
            hosts = tuple(sorted(hosts)) if len(hosts) > 1 else hosts
        yield Contact(tick, names[src], door, hosts, talked.get(place, 0))


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
            ((pl.col("dst_port") < FIRST_EPHEMERAL) | pl.col("dst_port").is_in(list(SERVICE_PORTS))).alias(
                "is_service"
            ),
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
    """Return how many addresses of a block there are, and what share of the stretch that they span.

    The last value says whether addresses are among them that no host has.
    """
    at = sorted(_place(address) for address in addresses if _block(address) == block)
    if not at:
        return 0, 0.0, False
    return len(at), len(at) / (at[-1] - at[0] + 1), at[0] == 0 or at[-1] == 255  # noqa: PLR2004  # its last one


def _place(address: str) -> int:
    return int(address.rpartition(":")[2] or "0", 16) if ":" in address else int(address.rpartition(".")[2])
