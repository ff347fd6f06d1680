"""Weak things that come to pass between hosts: once a host and weakness, with the other ends counted.

The host is the server where that is our own, else the client: servers outside are not ours to mend.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.base.window import Window
from oddwire.features.memory import Memory, Track
from oddwire.features.seen import Locals
from oddwire.records.evidence import Selector

if TYPE_CHECKING:
    import polars as pl

__all__ = ["COMMON", "Weakness", "ledger", "weaknesses"]

# What the table of each protocol must have for it.
COMMON = ("tick", "src", "dst", "dst_port", "protocol", "first")
DAY_NS = 86_400_000_000_000
MOST_OTHERS, MOST_IN_TICK = 64, 500
TCP, UDP = 6, 17
# What no more is said of until it has grown so much.
GROWTH = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Weakness:
    """What came to pass at one host, so far."""

    tick: int
    host: str
    is_server: bool
    # Of the server; of several servers of a client the first.
    port: int
    transport: str
    what: str
    others: tuple[str, ...]
    other_count: int
    times: int
    first: int
    last: int

    @property
    def part(self) -> str:
        """Return what tells it apart among those of the host."""
        return f"{self.port if self.is_server else 'client'}|{self.what}"

    @property
    def selector(self) -> Selector:
        """Return the packets it is about."""
        ends = (None, self.host) if self.is_server else (self.host, None)
        return Selector(
            a=ends[0],
            b=ends[1],
            from_ns=self.first,
            until_ns=self.last,
            protocol=UDP if self.transport == "udp" else TCP,
            port=self.port,
        )


def ledger() -> Memory:
    """Return a memory of hosts and their weaknesses: at most 4,000 with 64 others each, about 16 MiB."""
    return Memory(quiet_ns=DAY_NS, most_keys=4_000, most_things=MOST_OTHERS)


def weaknesses(
    window: Window,
    memory: Memory,
    local: Locals,
    found: "Sequence[pl.DataFrame]",
    ours: Collection[str] = (),
) -> Iterator[Weakness]:
    """Note rows of `what`, and yield what is new of a host, or has grown much.

    Of servers outside, those in `ours` are passed over.
    """
    import polars as pl

    tables = [rows.select(*COMMON, "what") for rows in found if not rows.is_empty()]
    if not tables:
        return
    grouped = _grouped(pl.concat(tables), window, local, ours)
    hosts = window.hosts.names(grouped["host"].to_list())
    others = grouped["others"].explode().to_list()
    names = iter(window.hosts.names(others))
    for row, host in zip(grouped.drop("host", "others").iter_rows(), hosts, strict=True):
        tick, is_server, port, protocol, what, many, times, first, last = row
        mine = [next(names) for _ in range(many)]
        track = memory.touch(f"{host}|{port if is_server else 'client'}|{what}", mine, first)
        track.end_ns = max(track.end_ns, last)
        track.add(times=times)
        track.sums.setdefault("port", port)
        count = len(track.things) + track.beyond
        if _has_grown(track, count):
            yield Weakness(
                tick=tick,
                host=host,
                is_server=is_server,
                port=track.sums["port"],
                transport="udp" if protocol == UDP else "tcp",
                what=what,
                others=tuple(sorted(track.things)[:16]),
                other_count=count,
                times=track.sums["times"],
                first=track.start_ns,
                last=track.end_ns,
            )


def _grouped(rows: "pl.DataFrame", window: Window, local: Locals, ours: Collection[str]) -> "pl.DataFrame":
    """Return what each host did in each tick, with the other ends listed."""
    import polars as pl

    is_server = local.mask(rows["dst"], window.hosts).alias("is_server")
    rows = rows.with_columns(is_server)
    if ours:
        rows = rows.filter(pl.col("is_server") | ~pl.col("what").is_in(list(ours)))
    rows = rows.with_columns(
        pl.when("is_server").then("dst").otherwise("src").alias("host"),
        pl.when("is_server").then("src").otherwise("dst").alias("others"),
        pl.when("is_server").then("dst_port").otherwise(0).alias("which"),
    )
    return (
        rows.sort("tick", "first", maintain_order=True)
        .group_by("tick", "host", "is_server", "which", "protocol", "what", maintain_order=True)
        .agg(
            pl.col("dst_port").first(),
            pl.col("others").unique(maintain_order=True).head(MOST_OTHERS),
            pl.len().alias("times"),
            pl.col("first").min(),
            pl.col("first").max().alias("last"),
        )
        .filter(pl.int_range(pl.len()).over("tick") < MOST_IN_TICK)
        .select(
            "host",
            "others",
            "tick",
            "is_server",
            "dst_port",
            "protocol",
            "what",
            pl.col("others").list.len().alias("many"),
            "times",
            "first",
            "last",
        )
    )


def _has_grown(track: Track, count: int) -> bool:
    """Say whether there is something to tell anew; if so, take it as told."""
    told, many = track.sums.get("told", 0), track.sums.get("told_times", 0)
    if told and count < GROWTH * told and track.sums["times"] < GROWTH * GROWTH * many:
        return False
    track.sums["told"], track.sums["told_times"] = count, track.sums["times"]
    return True
