"""What hosts and flows of one capture did, held to the end, so that they can be set beside each other."""

from typing import TYPE_CHECKING

from oddwire.base.window import Hosts, Window
from oddwire.features.units.flow_rows import FLOW_NEED, flow_rows
from oddwire.features.units.gather import FLOWS, MINUTES, Member, gather_need
from oddwire.features.units.host_rows import host_rows
from oddwire.features.units.keys import Book
from oddwire.features.units.steps import asked_of, steps_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CAPTURE_NEED", "CaptureRows"]

CAPTURE_NEED = gather_need((MINUTES, FLOWS)) | FLOW_NEED
# Of very long captures the beginning must do: so many rows of each unit are held.
MOST_ROWS = 150_000
# In a window of so many talks somebody floods: packets that nobody answered are left to the rules.
FLOOD_TALKS = 100_000
# Fewer packets are no conversation: questions to DNS, probes, what a flood leaves behind.
LEAST_PACKETS = 4
# Within one capture everything is new at first, and no port is known to be common.
WITHOUT_PAST = ("new_inside", "port_key", "port_use")


class CaptureRows:
    """Rows of hosts' minutes and of conversations, with hosts by their numbers until all is known."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts
        self.book = Book(hosts)
        self.held: dict[Member, list[pl.DataFrame]] = {MINUTES: [], FLOWS: []}

    def add(self, window: Window) -> None:
        """Take a window, as far as there is room."""
        if (room := self._room(FLOWS)) and not window.ended.is_empty():
            self.held[FLOWS].append(flow_rows(_conversations(window.ended), self.book).head(room))
        if (room := self._room(MINUTES)) and not window.talks.is_empty():
            self.held[MINUTES].append(self._minutes(window).head(room))

    def table(self, member: Member) -> "pl.DataFrame | None":
        """Return all rows of a unit, hosts by their addresses, in the order of time; None without rows."""
        import polars as pl

        parts = self.held[member]
        if not parts:
            return None
        table = pl.concat(parts).drop(*WITHOUT_PAST, strict=False)
        ends = [name for name in ("host", "peer") if name in table.columns]
        for name in ends:
            each = table[name].unique()
            names = pl.Series(self.hosts.names(each.to_list()), dtype=pl.String)
            table = table.with_columns(table[name].replace_strict(each, names, return_dtype=pl.String))
        return table.sort("window", *ends, maintain_order=True)

    def _room(self, member: Member) -> int:
        return max(MOST_ROWS - sum(part.height for part in self.held[member]), 0)

    def _minutes(self, window: Window) -> "pl.DataFrame":
        import polars as pl

        talks = window.talks
        if talks.height > FLOOD_TALKS:
            talks = talks.filter((pl.col("packets_in") > 0) | (pl.col("packets_out") > 1))
        steps = steps_of(talks, MINUTES.span_ns)
        steps = steps.with_columns(
            pl.Series("src_side", self.book.sides(steps["src"])),
            pl.Series("dst_side", self.book.sides(steps["dst"])),
            pl.lit(0, pl.UInt32).alias("news"),
        )
        dns = window.said.get("dns")
        return host_rows(steps, None if dns is None else asked_of(dns, MINUTES.span_ns))


def _conversations(ended: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    packets = pl.col("packets_out").cast(pl.UInt64) + pl.col("packets_in").cast(pl.UInt64)
    return ended.filter(packets >= LEAST_PACKETS)
