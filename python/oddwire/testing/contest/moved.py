"""Captures one after the other: one numbering of hosts, and moved in time so that none meets another."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from oddwire import native
from oddwire.engine.analysis import SPAN_ROWS
from oddwire.engine.judging import Tables, frames
from oddwire.records.said import SAID

if TYPE_CHECKING:
    import polars as pl

__all__ = ["DAY_NS", "Line", "Moved"]

DAY_NS = 86_400_000_000_000
# Where the line begins: a Monday like that of the simulation.
BEGIN_NS = 19_667 * DAY_NS
_TIMES = ("tick", "born", "first", "last")
_HOSTS = ("src", "dst", "sender", "target")
_STEPS = ("time", "src_mac", "src_ip", "dst_ip", "src_port", "dst_port", "protocol", "length")


@dataclass
class Line:
    """The line of time on which captures are put, a day of quiet after each, and the numbers of all hosts."""

    begin_ns: int = BEGIN_NS
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def names(self) -> list[str | None]:
        """Return the addresses behind the numbers."""
        return list(self.numbers)

    def number(self, name: str | None) -> int:
        """Return the number of an address."""
        return self.numbers.setdefault(name or "unnamed", len(self.numbers))

    def put(self, path: Path, first_ns: int, last_ns: int) -> "Moved":
        """Give a capture its place, at the time of day that it has."""
        moved = Moved(path=path, line=self, by_ns=self.begin_ns - first_ns // DAY_NS * DAY_NS)
        self.begin_ns += ((last_ns - first_ns // DAY_NS * DAY_NS) // DAY_NS + 2) * DAY_NS
        moved.end_ns = self.begin_ns - DAY_NS
        return moved


@dataclass
class Moved:
    """One capture in its place."""

    path: Path
    line: Line
    # By how much its times are moved: whole days.
    by_ns: int
    end_ns: int = 0

    def spans(self) -> Iterator[tuple[Tables, int | None]]:
        """Yield its tables; with the last of them its place is over."""
        import polars as pl

        spans = native.judged([self.path], SPAN_ROWS, native.Options(), said=SAID, services=True)
        for at, (tables, complete_ns) in enumerate(frames(spans)):
            names = spans.addresses(list(range(spans.hosts())))
            numbers = pl.Series([self.line.number(name) for name in names], dtype=pl.UInt32)
            told = {name: self._told(table, numbers) for name, table in tables.items()}
            if at == 0:
                told["steps"] = self._steps()
            yield told, self.end_ns if complete_ns is None else complete_ns + self.by_ns

    def _told(self, table: "pl.DataFrame", numbers: "pl.Series") -> "pl.DataFrame":
        """Return a table with the times and numbers of the line."""
        import polars as pl

        times = [
            (pl.col(name).cast(pl.Int64) + self.by_ns).cast(table.schema[name]).alias(name)
            for name in _TIMES
            if name in table.columns
        ]
        hosts = [
            numbers.gather(table[name]).alias(name) for name in _HOSTS if table.schema.get(name) == pl.UInt32
        ]
        return table.with_columns(*times, *hosts)

    def _steps(self) -> "pl.DataFrame":
        """Return its packets with addresses, for methods that look at each."""
        import polars as pl

        stream = native.open_table(
            [self.path], "packets", shape=native.Shape(columns=list(_STEPS)), options=native.Options()
        )
        parts = []
        while True:
            with native.core_errors():
                batch = stream.next_batch()
            if batch is None:
                break
            parts.append(self._numbered(pl.DataFrame(batch)))
        return pl.concat(parts) if parts else pl.DataFrame()

    def _numbered(self, packets: "pl.DataFrame") -> "pl.DataFrame":
        import polars as pl

        known = packets.filter(pl.col("src_ip").is_not_null() & pl.col("dst_ip").is_not_null())
        return known.select(
            time_ns=pl.col("time").to_physical().cast(pl.Int64) + self.by_ns,
            src=self._numbers(known["src_ip"]),
            dst=self._numbers(known["dst_ip"]),
            src_port=pl.col("src_port").fill_null(0),
            dst_port=pl.col("dst_port").fill_null(0),
            protocol=pl.col("protocol").fill_null(0),
            mac=pl.col("src_mac").hash(seed=1),
            length=pl.col("length"),
        )

    def _numbers(self, addresses: "pl.Series") -> "pl.Series":
        import polars as pl

        texts = addresses.cast(pl.String)
        each = texts.unique(maintain_order=True).to_list()
        return texts.replace_strict(each, [self.line.number(one) for one in each], return_dtype=pl.UInt32)
