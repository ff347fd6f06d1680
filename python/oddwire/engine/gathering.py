"""Tables of units of whole captures: what models are trained on, and what they are measured with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from oddwire import native
from oddwire.base.detector import Detector, State
from oddwire.base.window import Hosts, Window
from oddwire.engine.analysis import SPAN_ROWS, local_test
from oddwire.engine.judging import Judging, Tables, frames, protocols_of
from oddwire.features.units.familiar import Familiar
from oddwire.features.units.gather import Gatherer, Member, gather_need
from oddwire.records.evidence import Evidence
from oddwire.records.kinds import Cadence, Kind, Scope
from oddwire.sources.files import NS, Capture

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Gathered", "gather", "gather_spans"]


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """The tables of a capture, by member, and what was seen while they were made."""

    tables: "dict[Member, pl.DataFrame]"
    seen: dict[str, Any] = field(default_factory=dict)


class _Gathering(Detector):
    """No rule: keeps the tables of units, and says nothing."""

    name = "gathering"
    kind = Kind.ODD_HOST
    cadence = Cadence.WINDOW
    scope = Scope.NETWORK
    needs: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        hosts: Hosts,
        members: Sequence[Member],
        familiar: Familiar | None = None,
        services: Familiar | None = None,
    ) -> None:
        super().__init__()
        self.needs = gather_need(members)  # type: ignore[misc]  # this run's own needs
        self.gatherer = Gatherer(hosts, members, familiar, services=services)
        self.parts: dict[Member, list[pl.DataFrame]] = {member: [] for member in members}

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Keep what is complete."""
        self._keep(self.gatherer.add(window))
        yield from ()

    def finish(self) -> Iterator[Evidence]:
        """Keep the rest."""
        self._keep(self.gatherer.finish())
        yield from ()

    def _keep(self, made: "list[tuple[Member, pl.DataFrame]]") -> None:
        for member, table in made:
            self.parts[member].append(table)

    def save(self) -> State:
        """Return nothing: it is no rule."""
        return {}

    def load(self, state: State) -> None:
        """Take nothing."""

    def merge(self, other: State) -> None:
        """Take nothing."""

    def tables(self) -> "dict[Member, pl.DataFrame]":
        """Return all of each member, in the order of time."""
        import polars as pl

        return {member: pl.concat(parts) for member, parts in self.parts.items() if parts}


def gather(
    capture: Capture,
    members: Sequence[Member],
    local_nets: Sequence[str],
    progress: native.Progress | None = None,
    *,
    familiar: Familiar | None = None,
    services: Familiar | None = None,
) -> Gathered:
    """Read captures once; return the tables of units, told what is strange in them where a past is given.

    `services` is a past that tells no more than which local services are new; keys for the rest stay.
    """
    needed = gather_need(members)
    said, wants_services = _asked(needed)
    options = replace(capture.options, hash=True)
    spans = native.judged(capture.inputs, SPAN_ROWS, options, said=said, services=wants_services)
    hosts = Hosts(spans.addresses, local_test(local_nets), spans.numbers)

    def told() -> Iterator[tuple[Tables, int | None]]:
        for one in frames(spans):
            yield one
            if progress is not None:
                progress(*spans.progress())

    tables = gather_spans(
        told(), hosts, members, round(capture.window_s * NS), familiar=familiar, services=services
    )
    with native.core_errors():
        seen = {**(spans.stats() or {}), "hosts": spans.hosts()}
    return Gathered(tables=tables, seen=seen)


def gather_spans(
    spans: Iterator[tuple[Tables, int | None]],
    hosts: Hosts,
    members: Sequence[Member],
    window_ns: int,
    *,
    familiar: Familiar | None = None,
    services: Familiar | None = None,
) -> "dict[Member, pl.DataFrame]":
    """Return the tables of units of spans, in order, such as a run of the core or a simulation gives."""
    judge = _Gathering(hosts, members, familiar, services)
    judging = Judging(detectors=[judge], hosts=hosts, window_ns=window_ns)
    for tables, complete_ns in spans:
        judging.see(tables, complete_ns)
    if judging.failures:
        raise RuntimeError(judging.failures[0].message)
    return judge.tables()


def _asked(needed: frozenset[str]) -> tuple[dict[str, list[str]], bool]:
    class Asking(_Gathering):
        needs: ClassVar[frozenset[str]] = needed

    return protocols_of([Asking.__new__(Asking)])
