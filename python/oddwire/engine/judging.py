"""The run of the judges: spans of ticks go in, in order; evidence comes out, in order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from oddwire import native
from oddwire.base.detector import Detector
from oddwire.base.window import Hosts, Quality, Window
from oddwire.records.evidence import Evidence
from oddwire.records.judged import TABLES, TICK_NS
from oddwire.records.kinds import Cadence
from oddwire.records.said import SAID

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Failure", "Judging", "Tables", "frames", "protocols_of"]

# What judges read, by the name of the table.
Tables: TypeAlias = Mapping[str, "pl.DataFrame"]

TCP = 6
# A conversation of so many packets has had every chance to show its other direction.
TELLING_PACKETS = 4
LEAST_TOLD = 5
MOSTLY = 0.8
FOREVER = 2**63 - 1
# What the engine itself reads, whoever judges: the ticks, and what names a flow.
_NAMING = (
    "tick src dst src_port dst_port protocol ip_version icmp_type icmp_code vlans tunnel born mac_out mac_in"
)
_SEEING = "packets_out packets_in payload_out payload_in"
ALWAYS = frozenset(f"{table}.tick" for table in TABLES).union(
    f"talks.{name}" for name in f"{_NAMING} {_SEEING}".split()
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A detector that failed and was left out from then on."""

    detector: str
    message: str


@dataclass(slots=True)
class Sight:
    """How many telling TCP conversations were seen so far, and how many of them in one direction only."""

    told: int = 0
    one_sided: int = 0

    def add(self, talks: "pl.DataFrame") -> Quality:
        """Count the ticks of a window; return in which of them one direction was mostly missing."""
        import polars as pl

        telling = talks.filter(
            (pl.col("protocol") == TCP)
            & (pl.max_horizontal("packets_out", "packets_in") >= TELLING_PACKETS)
            & (pl.max_horizontal("payload_out", "payload_in") > 0)
        )
        by_tick = telling.group_by("tick", maintain_order=True).agg(
            pl.len().alias("told"),
            (pl.min_horizontal("packets_out", "packets_in") == 0).sum().alias("missing"),
        )
        counted = {tick: (told, missing) for tick, told, missing in by_tick.iter_rows()}
        found = set()
        for tick in talks["tick"].unique(maintain_order=True).to_list():
            told, missing = counted.get(tick, (0, 0))
            self.told += told
            self.one_sided += missing
            if self.told >= LEAST_TOLD and self.one_sided >= MOSTLY * self.told:
                found.add(tick)
        return Quality(one_sided=frozenset(found))


@dataclass
class Judging:
    """Detectors and what they have yet to see."""

    detectors: Sequence[Detector]
    hosts: Hosts
    window_ns: int
    failures: list[Failure] = field(default_factory=list)
    sight: Sight = field(default_factory=Sight)
    begun: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._held: dict[Cadence, list[Tables]] = {Cadence.TICK: [], Cadence.WINDOW: []}
        self._told: dict[Cadence, int] = {Cadence.TICK: 0, Cadence.WINDOW: 0}
        self._shown: dict[Cadence, pl.DataFrame] = {}
        self._needs: dict[Cadence, frozenset[str]] = {}
        self._out: set[str] = set()

    def see(self, tables: Tables, complete_ns: int | None) -> list[tuple[Detector, Evidence]]:
        """Take the rows of a span; return what the detectors say of all ticks that are complete now."""
        said: list[tuple[Detector, Evidence]] = []
        end_ns = FOREVER if complete_ns is None else complete_ns
        for cadence, cut_ns in ((Cadence.TICK, end_ns), (Cadence.WINDOW, end_ns - end_ns % self.window_ns)):
            judges = [one for one in self.detectors if one.cadence is cadence]
            if not judges:
                continue
            self._held[cadence].append(self._kept(cadence, tables))
            if window := self._window(cadence, FOREVER if complete_ns is None else cut_ns):
                said += [(judge, evidence) for judge in judges for evidence in self._ask(judge, window)]
        if complete_ns is None:
            said += [
                (judge, evidence) for judge in self.detectors for evidence in self._tried(judge, judge.finish)
            ]
        return sorted(said, key=_order)

    def shown(self, cadence: Cadence) -> "pl.DataFrame":
        """Return what flows did in the ticks that were shown last."""
        return self._shown[cadence]

    def _kept(self, cadence: Cadence, tables: Tables) -> Tables:
        """Return only the columns that somebody of a cadence reads; the rest is held for nothing."""
        needs = self._needs.get(cadence)
        if needs is None:
            judges = [one for one in self.detectors if one.cadence is cadence]
            needs = self._needs[cadence] = ALWAYS.union(*(one.needs for one in judges))
        return {
            table: frame.select([name for name in frame.columns if f"{table}.{name}" in needs])
            for table, frame in tables.items()
        }

    def _window(self, cadence: Cadence, end_ns: int) -> Window | None:
        """Return what is complete and was not shown yet; hold back the rest."""
        start_ns = self._told[cadence]
        if end_ns <= start_ns:
            return None
        held = self._held[cadence]
        parts = {table: _split([one[table] for one in held], start_ns, end_ns) for table in held[0]}
        self._held[cadence] = [{table: later for table, (_, later) in parts.items()}]
        self._told[cadence] = end_ns
        ready = {table: now for table, (now, _) in parts.items()}
        talks, ended, arp = (ready.pop(table) for table in ("talks", "ended", "arp"))
        self._shown[cadence] = talks
        quality = self.sight.add(talks) if cadence is Cadence.TICK else Quality()
        return Window(
            start_ns=start_ns,
            end_ns=end_ns,
            talks=talks,
            ended=ended,
            arp=arp,
            hosts=self.hosts,
            said=ready,
            quality=quality,
        )

    def _ask(self, judge: Detector, window: Window) -> Iterator[Evidence]:
        """Ask one detector about a window in which something happened."""
        if not window.is_quiet:
            yield from self._tried(judge, lambda: judge.observe(window))

    def _tried(self, judge: Detector, ask: Callable[[], Iterator[Evidence]]) -> Iterator[Evidence]:
        """Return what a detector answers; one that fails is reported and asked no more."""
        if judge.name in self._out:
            return
        try:
            yield from list(ask())
        except Exception as error:  # noqa: BLE001  # a failing detector must not take the others down
            self._out.add(judge.name)
            self.failures.append(Failure(detector=judge.name, message=f"{type(error).__name__}: {error}"))


def _order(said: tuple[Detector, Evidence]) -> tuple[object, ...]:
    judge, evidence = said
    return (evidence.at_ns, judge.name, evidence.kind, evidence.subject.name, evidence.part)


def _split(
    frames: Sequence["pl.DataFrame"], start_ns: int, end_ns: int
) -> tuple["pl.DataFrame", "pl.DataFrame"]:
    """Return the rows before a time in the order of their ticks, and the others."""
    import polars as pl

    frame = pl.concat([one for one in frames if not one.is_empty()] or [frames[0]])
    if frame.is_empty():
        return frame, frame
    start = start_ns - start_ns % TICK_NS
    frame = frame.with_columns(pl.col("tick").clip(lower_bound=start))
    if not frame["tick"].is_sorted():
        frame = frame.sort("tick", maintain_order=True)
    ready = frame.height if end_ns == FOREVER else int(frame["tick"].search_sorted(end_ns))
    return frame[:ready], frame[ready:]


def protocols_of(detectors: Sequence[Detector]) -> tuple[dict[str, list[str]], bool]:
    """Return what detectors want to hear, protocol by protocol, and whether they want services named."""
    needs = frozenset[str]().union(*(one.needs for one in detectors))
    tables = {need.partition(".")[0] for need in needs}
    said = {
        protocol: [name for name in columns if f"{protocol}.{name}" in needs]
        for protocol, columns in SAID.items()
        if protocol in tables
    }
    return said, not needs.isdisjoint({"talks.service", "ended.service"})


def frames(spans: "native.Spans") -> Iterator[tuple[Tables, int | None]]:
    """Yield the tables of each span, and the time before which all is complete; None with the last."""
    import polars as pl

    with native.core_errors():
        while (span := spans.next_span()) is not None:
            complete_ns, tables = span
            yield {name: pl.DataFrame(rows) for name, rows in tables}, complete_ns
