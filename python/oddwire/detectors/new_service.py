"""A local host that answers on a port for the first time."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.firsts import First, Firsts
from oddwire.features.tries import SYNACK_B
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import duration_text

__all__ = ["NewService"]

TCP = 6
MOST_NUMBERS = 500_000


@dataclass(frozen=True, kw_only=True)
class NewServiceParameters(Parameters):
    """From when on a service is new."""

    after_s: int = parameter(3_600, "how long the capture has run before a service is new", "s")
    below_port: int = parameter(32_768, "ports from here on are chosen at random", "port")


class NewService(Detector):
    """Remembers which TCP ports of local hosts answered."""

    name = "new_service"
    kind = Kind.NEW_SERVICE
    scope = Scope.NETWORK
    needs = frozenset(
        f"talks.{name}"
        for name in [
            "tick",
            "dst",
            "dst_port",
            "protocol",
            "state",
            "payload_in",
            "first",
            "last",
            "packets_in",
        ]
    )
    parameters = NewServiceParameters
    page = Page(
        sees="A TCP port below 32,768 of a local host that first answers, and says something, after an hour.",
        matters="A door that was opened during the capture may be an installation, or somebody's back door.",
        wrong_when="A service was hardly used before, or was restarted. It is context, never an alarm.",
        example="10.0.0.9 first answered on port 4444 2 h 3 min after the capture began",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.firsts = Firsts(after_s=self.settings.after_s)
        # Host and port by numbers of this run only, that were looked at.
        self._numbers: set[int] = set()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Look for services that were never seen."""
        import polars as pl

        if window.talks.is_empty():
            return
        self.firsts.ran(window.talks["tick"].unique(maintain_order=True))
        said = window.talks.filter(
            (pl.col("protocol") == TCP)
            & (pl.col("state") & SYNACK_B != 0)
            & (pl.col("payload_in") > 0)
            & (pl.col("dst_port") < self.settings.below_port)
        ).with_columns((pl.col("dst").cast(pl.UInt64) * 65_536 + pl.col("dst_port")).alias("service"))
        fresh = set(said["service"].unique().to_list()) - self._numbers
        if len(self._numbers) + len(fresh) > MOST_NUMBERS:
            self._numbers.clear()
        self._numbers.update(fresh)
        found = (
            said.filter(pl.col("service").is_in(list(fresh)))
            .unique(subset="service", keep="first", maintain_order=True)
            .sort("tick", maintain_order=True)
        )
        names = window.hosts.names(found["dst"].to_list())
        rows = found.select("dst_port", "tick", "first", "last").iter_rows()
        seen = [
            First(f"{name}|{port}", *times)
            for name, (port, *times) in zip(names, rows, strict=True)
            if window.hosts.is_local(name)
        ]
        for one in self.firsts.new_ones(seen):
            yield self._evidence(one)

    def _evidence(self, one: First) -> Evidence:
        later = one.first - (self.firsts.begin_ns or 0)
        host, _, port = one.thing.rpartition("|")
        return Evidence(
            kind=Kind.NEW_SERVICE,
            subject=Party(ip=host),
            part=port,
            title=f"{host} first answered on port {port} {duration_text(later)} after the capture began",
            score=0.3,
            start_ns=one.first,
            end_ns=one.last,
            at_ns=one.tick + TICK_NS,
            targets=(Target(ip=host, port=int(port), proto="tcp"),),
            target_count=1,
            facts={"port": int(port), "seconds_after_begin": later // 1_000_000_000},
            reasons=(Reason(feature="seen_before", value=0.0, typical=(1.0, 1.0), weight=1.0),),
            selectors=(
                Selector(a=None, b=host, from_ns=one.first, until_ns=one.last, protocol=TCP, port=int(port)),
            ),
        )

    def save(self) -> State:
        """Return the services known."""
        return self.firsts.save()

    def load(self, state: State) -> None:
        """Know these services."""
        self.firsts.load(state)
        self._numbers.clear()

    def merge(self, other: State) -> None:
        """Know these services too."""
        self.firsts.merge(other)
