"""Windows to show to a detector: those of a capture, cut wherever one likes, and tables made row by row."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from oddwire import native
from oddwire.base.detector import Detector, State
from oddwire.base.window import Hosts, Window
from oddwire.engine.analysis import SPAN_ROWS, local_test
from oddwire.engine.judging import Judging, Tables, frames
from oddwire.engine.settings import LOCAL_NETS
from oddwire.records.evidence import Evidence
from oddwire.records.judged import ARP_COLUMNS, TABLES, TALK_COLUMNS, TICK_NS
from oddwire.records.kinds import Cadence, Kind, Scope
from oddwire.records.said import SAID
from oddwire.testing.capture import Timed, write_pcap

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "WINDOW_NS",
    "Recording",
    "Tables",
    "arp_frame",
    "hosts_named",
    "nothing_said",
    "recorded",
    "talk_frame",
]

WINDOW_NS = 60_000_000_000
BYTE = "protocol ip_version icmp_type icmp_code ended ttl_min ttl_max"
SHORT = "src_port dst_port entropy entropy_bytes vlan operation"
WORD = "src dst vlans state input length_min length_max fin syn rst psh ack urg sender target"
# What may be missing; all else is zero unless it is given.
OPTIONAL = "service icmp_type icmp_code mac_out mac_in mac_also_out mac_also_in frame_src frame_dst"


def _dtype(name: str) -> "pl.DataType":
    """Return the type of a column, as the core makes it."""
    import polars as pl

    stem = name.removesuffix("_out").removesuffix("_in")
    if name == "sure":
        return pl.Boolean()
    if name == "service":
        return pl.String()
    for names, dtype in ((BYTE, pl.UInt8()), (SHORT, pl.UInt16()), (WORD, pl.UInt32())):
        if stem in names.split():
            return dtype
    return pl.UInt64()


def _frame(columns: Sequence[str], given: Mapping[str, Any]) -> "pl.DataFrame":
    import polars as pl

    if unknown := sorted(set(given) - set(columns)):
        raise TypeError(f"there is no column {unknown[0]}")
    long = {name: value for name, value in given.items() if not isinstance(value, (int, bool, type(None)))}
    rows = max((len(value) for value in long.values()), default=1)
    made = pl.DataFrame({"": pl.int_range(rows, dtype=pl.UInt32, eager=True)})
    series = {name: pl.Series(name, value, dtype=_dtype(name)) for name, value in long.items()}

    def column(name: str) -> "pl.Series | pl.Expr":
        if name in series:
            return series[name]
        default = None if name in OPTIONAL.split() else 0
        return pl.lit(given.get(name, default), dtype=_dtype(name)).alias(name)

    return made.select(column(name) for name in columns)


def talk_frame(**given: Any) -> "pl.DataFrame":  # noqa: ANN401  # a value for all rows, or one a row
    """Return talks, or ended conversations, with all their columns: a value for all rows or one for each.

    >>> talk_frame(dst_port=[80, 443], protocol=6).select("dst_port", "protocol", "icmp_type").rows()
    [(80, 6, None), (443, 6, None)]
    """
    return _frame(TALK_COLUMNS, given)


def arp_frame(**given: Any) -> "pl.DataFrame":  # noqa: ANN401  # a value for all rows, or one a row
    """Return rows of ARP with all their columns: a value for all rows or one for each."""
    return _frame(ARP_COLUMNS, given)


def hosts_named(name_of: Callable[[int], str | None]) -> Hosts:
    """Return hosts whose names a function knows; those of private networks are our own."""
    return Hosts(lambda numbers: [name_of(number) for number in numbers], local_test(LOCAL_NETS))


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What the core made of some traffic, to be shown in windows as often as one likes."""

    tables: Tables
    names: Sequence[str | None]

    @property
    def talks(self) -> "pl.DataFrame":
        """Return what flows did in each tick."""
        return self.tables["talks"]

    @property
    def ended(self) -> "pl.DataFrame":
        """Return the conversations that ended."""
        return self.tables["ended"]

    @property
    def arp(self) -> "pl.DataFrame":
        """Return the packets of ARP."""
        return self.tables["arp"]

    @cached_property
    def hosts(self) -> Hosts:
        """Return who is who."""
        return hosts_named(lambda number: self.names[number] if number < len(self.names) else None)

    @cached_property
    def ticks(self) -> list[int]:
        """Return the ticks in which there was anything."""
        return sorted({tick for table in self.tables.values() for tick in table["tick"].unique().to_list()})

    @cached_property
    def _by_tick(self) -> dict[int, Tables]:
        empty = self._nothing
        parts = {
            name: {int(key[0]): rows for key, rows in table.partition_by("tick", as_dict=True).items()}
            for name, table in self.tables.items()
        }
        return {
            tick: {name: rows.get(tick, empty[name]) for name, rows in parts.items()} for tick in self.ticks
        }

    def windows(
        self, cuts: Collection[int] | None = None, *, cadence: Cadence = Cadence.TICK
    ) -> list[Window]:
        """Return the traffic in windows that end after these ticks; after each one where none are named.

        They are cut by the code that cuts them in a real run.
        """
        ends = set(self.ticks if cuts is None else cuts)
        watcher = _TickWatcher() if cadence is Cadence.TICK else _WindowWatcher()
        judging = Judging(detectors=[watcher], hosts=self.hosts, window_ns=WINDOW_NS)
        held: list[Tables] = [self._nothing]
        for tick, tables in self._by_tick.items():
            held.append(tables)
            if tick in ends:
                judging.see(_joined(held), tick + TICK_NS)
                held = [self._nothing]
        judging.see(_joined(held), None)
        return watcher.shown

    @property
    def _nothing(self) -> Tables:
        return {name: table.clear() for name, table in self.tables.items()}

    def renumbered(self, order: Sequence[int]) -> "Recording":
        """Return the same traffic where host n has the number that stands at place n of an order."""
        import polars as pl

        names: list[str | None] = [None] * len(self.names)
        for number, name in enumerate(self.names):
            names[order[number]] = name
        old = list(range(len(order)))

        def turned(table: "pl.DataFrame", *columns: str) -> "pl.DataFrame":
            return table.with_columns(
                pl.col(name).replace(old, list(order)).cast(pl.UInt32) for name in columns
            )

        ends = {"arp": ("sender", "target")}
        tables = {name: turned(table, *ends.get(name, ("src", "dst"))) for name, table in self.tables.items()}
        return replace(self, tables=tables, names=names)


def _joined(held: Sequence[Tables]) -> Tables:
    import polars as pl

    return {name: pl.concat([one[name] for one in held]) for name in held[0]}


def recorded(packets: Sequence[Timed]) -> Recording:
    """Return what the core makes of packets."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.pcap"
        write_pcap(path, packets)
        spans = native.judged([path], SPAN_ROWS, native.Options(), said=SAID, services=True)
        parts = [tables for tables, _ in frames(spans)]
        names = spans.addresses(list(range(spans.hosts())))
    tables = {name: table.sort("tick", maintain_order=True) for name, table in _joined(parts).items()}
    return Recording(tables=tables, names=names)


@cache
def nothing_said() -> Tables:
    """Return the tables of all protocols without a row."""
    return {name: table for name, table in recorded([]).tables.items() if name in SAID}


class _TickWatcher(Detector):
    """Keeps the windows that it is shown."""

    name = "watcher"
    kind = Kind.ODD_FLOW
    scope = Scope.NETWORK
    # The engine holds only what somebody reads; this one wants to see everything.
    needs: ClassVar[frozenset[str]] = frozenset(
        f"{table}.{column}" for table, columns in TABLES.items() for column in columns
    )

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Window] = []

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Keep the window."""
        self.shown.append(window)
        yield from ()

    def save(self) -> State:
        """Return nothing: it is no rule."""
        return {}

    def load(self, state: State) -> None:
        """Take nothing."""

    def merge(self, other: State) -> None:
        """Take nothing."""


class _WindowWatcher(_TickWatcher):
    """The same, of whole windows."""

    cadence = Cadence.WINDOW
