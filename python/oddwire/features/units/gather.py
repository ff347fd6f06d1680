"""The gatherer: windows go in, in order; tables of units come out as soon as what they tell is complete."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from oddwire.base.window import Hosts, Window
from oddwire.features.units.familiar import HOUR_NS, Familiar
from oddwire.features.units.flow_rows import FLOW_NEED, flow_rows
from oddwire.features.units.host_rows import host_hours, host_rows
from oddwire.features.units.keys import INSIDE, Book, mixed
from oddwire.features.units.pair_rows import births_of, pair_rows, placed, port_keys
from oddwire.features.units.past import flows_with_past, hours_with_past, pairs_with_past, without_keys
from oddwire.features.units.steps import ASKED_NEED, STEP_NEED, asked_of, steps_of
from oddwire.records.unit import Unit

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FLOWS", "HOURS", "MEMBERS", "MINUTES", "PAIRS", "Gatherer", "Member", "gather_need"]

WINDOW_NS = 60 * 1_000_000_000
SAID_NEED = frozenset(
    {"dns.query", "dns.answers", "tls.tick", "tls.dst", "tls.sni", "quic.tick", "quic.dst", "quic.sni"}
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
FOREVER = 2**63 - 1
_Part: TypeAlias = "tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame | None]"


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
        self.book = Book(hosts)
        self.familiar = familiar
        # Local services are new or not as they come, from the first packet on.
        self.services = familiar or services or Familiar()
        # Steps, births and questions of the hours that are not over.
        self._held: dict[int, list[_Part]] = {}

    def add(self, window: Window) -> list[tuple[Member, "pl.DataFrame"]]:
        """Take a window; return the tables of what is complete now, hosts by their addresses."""
        made: list[tuple[Member, pl.DataFrame]] = []
        if FLOWS in self.members and not window.ended.is_empty():
            flows = flow_rows(window.ended, self.book)
            made.append(
                (FLOWS, without_keys(flows_with_past(flows, self.familiar)) if self.familiar else flows)
            )
        if not window.talks.is_empty():
            steps = self._with_news(steps_of(window.talks, WINDOW_NS))
            asked = asked_of(window, WINDOW_NS)
            if MINUTES in self.members:
                made.append((MINUTES, host_rows(steps, asked)))
            if self.members & {HOURS, PAIRS}:
                made += self._hours(window, steps, asked)
        made += self._over(window.end_ns)
        return [(member, self._named(table)) for member, table in made if not table.is_empty()]

    def finish(self) -> list[tuple[Member, "pl.DataFrame"]]:
        """Return what is left: the hour that was not over when the input ended."""
        made = self._over(FOREVER)
        return [(member, self._named(table)) for member, table in made if not table.is_empty()]

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

    def _hours(
        self, window: Window, steps: "pl.DataFrame", asked: "pl.DataFrame | None"
    ) -> list[tuple[Member, "pl.DataFrame"]]:
        """Hold the steps of each hour; return the tables of hours that are over before a later one began."""
        made: list[tuple[Member, pl.DataFrame]] = []
        spoken = {name: table for name, table in window.said.items() if name in {"dns", "tls", "quic"}}
        for hour in (steps["window"] // HOUR_NS * HOUR_NS).unique().sort().to_list():
            made += self._over(hour)
            mine = {"from_ns": hour, "until_ns": hour + HOUR_NS}
            self.book.call({name: _within(table, "tick", **mine) for name, table in spoken.items()})
            part = (
                _within(steps, "window", **mine),
                births_of(_within(window.talks, "tick", **mine), self.book),
                None if asked is None else _within(asked, "window", **mine),
            )
            self._held.setdefault(hour, []).append(part)
        return made

    def _over(self, end_ns: int) -> list[tuple[Member, "pl.DataFrame"]]:
        """Return the tables of the hours that ended, in their order, and forget their steps."""
        made: list[tuple[Member, pl.DataFrame]] = []
        for hour in sorted(self._held):
            if hour + HOUR_NS <= end_ns:
                made += self._hour(hour, self._held.pop(hour))
        return made

    def _hour(self, hour: int, parts: "list[_Part]") -> list[tuple[Member, "pl.DataFrame"]]:
        import polars as pl

        steps = pl.concat([one[0] for one in parts])
        births = pl.concat([one[1] for one in parts])
        pairs = pair_rows(placed(steps, self.book), births, hour)
        hours = host_hours(hour, steps, [one[2] for one in parts if one[2] is not None])
        if self.familiar is not None:
            pairs = pairs_with_past(pairs, self.familiar)
            hours = hours_with_past(hours, pairs)
            pairs = without_keys(pairs)
        return [
            (member, table) for member, table in ((HOURS, hours), (PAIRS, pairs)) if member in self.members
        ]

    def _named(self, table: "pl.DataFrame") -> "pl.DataFrame":
        """Return a table with addresses for numbers, in the order of time and address."""
        import polars as pl

        ends = [name for name in ("host", "peer") if name in table.columns]
        told = table.with_columns(
            pl.Series(name, _names(table[name], self.book.hosts), dtype=pl.String) for name in ends
        )
        return told.sort("window", *ends, *(["port"] if "port" in told.columns else []), maintain_order=True)


def _within(table: "pl.DataFrame", column: str, *, from_ns: int, until_ns: int) -> "pl.DataFrame":
    import polars as pl

    return table.filter((pl.col(column) >= from_ns) & (pl.col(column) < until_ns))


def _names(numbers: "pl.Series", hosts: Hosts) -> "pl.Series":
    each = numbers.unique()
    return numbers.replace_strict(each, hosts.names(each.to_list()))
