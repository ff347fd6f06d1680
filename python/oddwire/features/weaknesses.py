"""Weak things that come to pass between hosts: once a host and weakness, with the other ends counted.

The host is the server where that is our own, else the client: servers outside are not ours to mend.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.features.memory import Memory, Track
from oddwire.features.seen import local_mask
from oddwire.records.evidence import Selector

if TYPE_CHECKING:
    import polars as pl

__all__ = ["COMMON", "Ledger", "Weakness", "weaknesses"]

# What the table of each protocol must have for it.
COMMON = ("tick", "src", "dst", "dst_port", "protocol", "first")
DAY_NS = 86_400_000_000_000
MOST_OTHERS, MOST_IN_TICK = 64, 500
# Of so many new ones a day a reader learns something; of servers outside he can mend nothing.
MOST_SERVERS, MOST_CLIENTS = 32, 16
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


@dataclass(slots=True)
class Ledger:
    """What is known of hosts and their weaknesses: at most 4,000 with 64 others each, about 16 MiB."""

    memory: Memory = field(
        default_factory=lambda: Memory(quiet_ns=DAY_NS, most_keys=4_000, most_things=MOST_OTHERS)
    )
    # How many new ones were told of on the present day, of servers here and of clients.
    day: int = 0
    told: list[int] = field(default_factory=lambda: [0, 0])

    def is_full(self, tick: int, *, is_server: bool) -> bool:
        """Say whether enough new ones were told of on the day of a tick."""
        if tick // DAY_NS > self.day:
            self.day, self.told = tick // DAY_NS, [0, 0]
        return self.told[not is_server] >= (MOST_SERVERS if is_server else MOST_CLIENTS)

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {"memory": self.memory.save(), "day": self.day, "told": list(self.told)}

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.memory.load(state["memory"])
        self.day, self.told = state["day"], list(state["told"])

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved."""
        self.memory.merge(state["memory"])
        if state["day"] > self.day:
            self.day, self.told = state["day"], list(state["told"])
        elif state["day"] == self.day:
            self.told = [max(pair) for pair in zip(self.told, state["told"], strict=True)]


def weaknesses(
    window: Window, ledger: Ledger, found: "Sequence[pl.DataFrame]", ours: Collection[str] = ()
) -> Iterator[Weakness]:
    """Note rows of `what`, and yield what is new of a host, or has grown much.

    Of servers outside, those in `ours` are passed over.
    """
    import polars as pl

    tables = [rows.select(*COMMON, "what") for rows in found if not rows.is_empty()]
    if not tables:
        return
    grouped = _grouped(pl.concat(tables), window, ours)
    hosts = window.hosts.names(grouped["host"].to_list())
    for row, host in zip(grouped.drop("host").iter_rows(), hosts, strict=True):
        others, tick, is_server, port, protocol, what, times, first, last = row
        key = f"{host}|{port if is_server else 'client'}|{what}"
        is_new = ledger.memory.find(key) is None
        if is_new and ledger.is_full(tick, is_server=is_server):
            continue
        ledger.told[not is_server] += is_new
        track = ledger.memory.touch(key, window.hosts.names(others), first)
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


def _grouped(rows: "pl.DataFrame", window: Window, ours: Collection[str]) -> "pl.DataFrame":
    """Return what each host did in each tick, with the other ends listed."""
    import polars as pl

    is_server = local_mask(rows["dst"], window.hosts).alias("is_server")
    told = rows.lazy().with_columns(is_server)
    if ours:
        told = told.filter(pl.col("is_server") | ~pl.col("what").is_in(list(ours)))
    return (
        told.with_columns(
            pl.when("is_server").then("dst").otherwise("src").alias("host"),
            pl.when("is_server").then("src").otherwise("dst").alias("others"),
            pl.when("is_server").then("dst_port").otherwise(0).alias("which"),
        )
        .sort("tick", "first", maintain_order=True)
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
            "times",
            "first",
            "last",
        )
        .collect()
    )


def _has_grown(track: Track, count: int) -> bool:
    """Say whether there is something to tell anew; if so, take it as told."""
    told, many = track.sums.get("told", 0), track.sums.get("told_times", 0)
    if told and count < GROWTH * told and track.sums["times"] < GROWTH * GROWTH * many:
        return False
    track.sums["told"], track.sums["told_times"] = count, track.sums["times"]
    return True
