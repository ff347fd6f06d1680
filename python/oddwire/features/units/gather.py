"""The gatherer: windows go in, in order; tables of units come out as soon as what they tell is complete."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.base.window import Hosts, Window
from oddwire.features.units.familiar import HOUR_NS, Familiar
from oddwire.features.units.flow_rows import FLOW_NEED, flow_rows
from oddwire.features.units.held import HeldHour
from oddwire.features.units.host_rows import host_hours, host_rows
from oddwire.features.units.keys import INSIDE, Book, mixed
from oddwire.features.units.minutes import FOREVER, WINDOW_NS, Minutes, within
from oddwire.features.units.pair_rows import births_of, pair_rows, placed, port_keys
from oddwire.features.units.past import flows_with_past, hours_with_past, pairs_with_past, without_keys
from oddwire.features.units.steps import ASKED_NEED, STEP_NEED, asked_of, steps_of
from oddwire.records.unit import Unit

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FLOWS", "HOURS", "MEMBERS", "MINUTES", "PAIRS", "Gatherer", "Member", "gather_need"]

SAID_NEED = frozenset(
    {
        "dns.tick",
        "dns.query",
        "dns.answers",
        "tls.tick",
        "tls.dst",
        "tls.sni",
        "quic.tick",
        "quic.dst",
        "quic.sni",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Member:
    """A unit over a span of time: what one table holds, and one part of a model judges."""

    unit: Unit
    span_ns: int

    @property
    def name(self) -> str:
        """Return what it is called in model files and tables."""
        spans = {WINDOW_NS: "minute", HOUR_NS: "hour", 0: "each"}
        return f"{self.unit}-{spans.get(self.span_ns, f'{self.span_ns // 1_000_000_000}s')}"


MINUTES = Member(unit=Unit.HOSTS, span_ns=WINDOW_NS)
HOURS = Member(unit=Unit.HOSTS, span_ns=HOUR_NS)
PAIRS = Member(unit=Unit.PAIRS, span_ns=HOUR_NS)
FLOWS = Member(unit=Unit.FLOWS, span_ns=0)
MEMBERS = {one.name: one for one in (MINUTES, HOURS, PAIRS, FLOWS)}


def gather_need(members: Iterable[Member]) -> frozenset[str]:
    """Return the columns that the tables of members are made of."""
    wanted = set(members)
    flows = FLOW_NEED if FLOWS in wanted else frozenset()
    return STEP_NEED | ASKED_NEED | flows | (SAID_NEED if wanted & {HOURS, PAIRS} else frozenset())


class Gatherer:
    """Adds up talks into tables of units; hours are held until they are over.

    What comes out does not depend on how the windows were cut. With a familiar past, rows of hours tell what
    is new and strange; without one they keep the keys by which that is told later, and `services` is the past
    of local services alone.
    """

    def __init__(
        self,
        hosts: Hosts,
        members: Iterable[Member],
        familiar: Familiar | None = None,
        *,
        services: Familiar | None = None,
    ) -> None:
        self.members = frozenset(members)
        self._needs = gather_need(self.members)
        self.book = Book(hosts)
        self.familiar = familiar
        # Local services are new or not as they come, from the first packet on.
        self.services = familiar or services or Familiar()
        self._minutes = Minutes()
        # Of the hours that are not over.
        self._held: dict[int, HeldHour] = {}

    def add(self, window: Window) -> list[tuple[Member, "pl.DataFrame"]]:
        """Take a window; return the tables of what is complete now, hosts by their addresses."""
        made: list[tuple[Member, pl.DataFrame]] = []
        if FLOWS in self.members and not window.ended.is_empty():
            flows = flow_rows(window.ended, self.book)
            made.append(
                (FLOWS, without_keys(flows_with_past(flows, self.familiar)) if self.familiar else flows)
            )
        ready = self._minutes.add(self._read(window), window.end_ns)
        made += self._whole(ready)
        made += self._over(window.end_ns - window.end_ns % WINDOW_NS)
        return self._told(made)

    def finish(self) -> list[tuple[Member, "pl.DataFrame"]]:
        """Return what is left: the minute and the hour that were not over when the input ended."""
        return self._told([*self._whole(self._minutes.rest()), *self._over(FOREVER)])

    def _read(self, window: Window) -> "dict[str, pl.DataFrame]":
        """Return the tables of which whole minutes are wanted, with the columns that are read of them."""
        tables = {"talks": window.talks, **window.said}
        return {
            name: tables[name].select([one for one in tables[name].columns if f"{name}.{one}" in self._needs])
            for name in ("talks", "dns", "tls", "quic")
            if name in tables and f"{name}.tick" in self._needs
        }

    def _whole(self, ready: "Mapping[str, pl.DataFrame]") -> list[tuple[Member, "pl.DataFrame"]]:
        """Take whole minutes; return their rows, and the tables of hours that are over before the last."""
        made: list[tuple[Member, pl.DataFrame]] = []
        for hour in _hours_of(ready):
            made += self._over(hour)
            mine = {
                name: within(one, "tick", from_ns=hour, until_ns=hour + HOUR_NS)
                for name, one in ready.items()
            }
            steps = self._with_news(steps_of(mine["talks"], WINDOW_NS))
            asked = asked_of(mine["dns"], WINDOW_NS) if "dns" in mine else None
            if MINUTES in self.members:
                made.append((MINUTES, host_rows(steps, asked)))
            if self.members & {HOURS, PAIRS}:
                self.book.call(mine)
                held = self._held.setdefault(hour, HeldHour(hour=hour))
                held.add(steps, births_of(mine["talks"], self.book), asked)
        return made

    def _with_news(self, steps: "pl.DataFrame") -> "pl.DataFrame":
        """Add the sides of both ends, and which local services are used for the first time."""
        import numpy as np
        import polars as pl

        src, dst = self.book.sides(steps["src"]), self.book.sides(steps["dst"])
        steps = steps.with_columns(pl.Series("src_side", src), pl.Series("dst_side", dst))
        inside = (src == INSIDE) & (dst == INSIDE) & (steps["begun"].to_numpy() > 0)
        news = np.zeros(steps.height, dtype=np.uint32)
        if inside.any():
            local = steps.filter(pl.Series(inside))
            ends = self.book.places(local["src"]), self.book.places(local["dst"])
            news[inside] = self.services.first_service(mixed(*ends, port_keys(local)))
        return steps.with_columns(pl.Series("news", news))

    def _over(self, end_ns: int) -> list[tuple[Member, "pl.DataFrame"]]:
        """Return the tables of the hours that ended, in their order, and forget their steps."""
        made: list[tuple[Member, pl.DataFrame]] = []
        for hour in sorted(self._held):
            if hour + HOUR_NS <= end_ns:
                made += self._hour(hour, self._held.pop(hour))
        return made

    def _hour(self, hour: int, held: HeldHour) -> list[tuple[Member, "pl.DataFrame"]]:
        steps = held.steps()
        pairs = pair_rows(placed(steps, self.book), held.births(), hour, self.book)
        hours = host_hours(hour, steps, held.asked())
        if self.familiar is not None:
            pairs = pairs_with_past(pairs, self.familiar)
            hours = hours_with_past(hours, pairs)
            pairs = without_keys(pairs)
        return [
            (member, table) for member, table in ((HOURS, hours), (PAIRS, pairs)) if member in self.members
        ]

    def _told(self, made: list[tuple[Member, "pl.DataFrame"]]) -> list[tuple[Member, "pl.DataFrame"]]:
        return [(member, self._named(table)) for member, table in made if not table.is_empty()]

    def _named(self, table: "pl.DataFrame") -> "pl.DataFrame":
        """Return a table with addresses for numbers, in the order of time and address."""
        import polars as pl

        ends = [name for name in ("host", "peer") if name in table.columns]
        told = table.with_columns(
            pl.Series(name, _names(table[name], self.book.hosts), dtype=pl.String) for name in ends
        )
        order = [name for name in ("window", *ends, "port", "protocol", "end") if name in told.columns]
        return told.sort(order, maintain_order=True)


def _hours_of(tables: "Mapping[str, pl.DataFrame]") -> list[int]:
    """Return the hours of which tables have a row."""
    import polars as pl

    hours = [(one["tick"] // HOUR_NS).unique().cast(pl.Int64) for one in tables.values()]
    return [hour * HOUR_NS for hour in pl.concat(hours).unique().sort().to_list()] if hours else []


def _names(numbers: "pl.Series", hosts: Hosts) -> "pl.Series":
    each = numbers.unique()
    return numbers.replace_strict(each, hosts.names(each.to_list()))
