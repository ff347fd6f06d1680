"""A host of the local network that was not there before."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.firsts import First, Firsts
from oddwire.records.evidence import Evidence, Party, Reason, Selector
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import duration_text

__all__ = ["NewHost"]

MOST_NUMBERS = 500_000


@dataclass(frozen=True, kw_only=True)
class NewHostParameters(Parameters):
    """From when on a host is new."""

    after_s: int = parameter(3_600, "how long the capture has run before a host is new", "s")


class NewHost(Detector):
    """Remembers the local hosts that sent something."""

    name = "new_host"
    kind = Kind.NEW_HOST
    scope = Scope.NETWORK
    needs = frozenset(
        {"talks.tick", "talks.src", "talks.ip_version", "talks.packets_out", "talks.first", "talks.last"}
    )
    parameters = NewHostParameters
    page = Page(
        sees="A local IPv4 address that first begins a conversation when the capture has run for an hour.",
        matters="While you investigate it helps to know which machine came to the network, and when.",
        wrong_when=(
            "Machines are switched on, and phones come and go, every day. It is context, never an alarm."
        ),
        example="10.0.0.77 was first seen 3 h 12 min after the capture began",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.firsts = Firsts(after_s=self.settings.after_s)
        # Numbers of this run only, that were looked at.
        self._numbers: set[int] = set()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Look for senders that were never seen."""
        import polars as pl

        if window.talks.is_empty():
            return
        self.firsts.ran(window.talks["tick"].unique(maintain_order=True))
        sent = window.talks.filter((pl.col("packets_out") > 0) & (pl.col("ip_version") == 4))  # noqa: PLR2004  # IPv4
        fresh = set(sent["src"].unique().to_list()) - self._numbers
        if len(self._numbers) + len(fresh) > MOST_NUMBERS:
            self._numbers.clear()
        self._numbers.update(fresh)
        found = (
            sent.filter(pl.col("src").is_in(list(fresh)))
            .unique(subset="src", keep="first", maintain_order=True)
            .sort("tick", maintain_order=True)
        )
        names = window.hosts.names(found["src"].to_list())
        seen = [
            First(name, *times)
            for name, times in zip(names, found.select("tick", "first", "last").iter_rows(), strict=True)
            if window.hosts.is_local(name)
        ]
        for one in self.firsts.new_ones(seen):
            yield self._evidence(one)

    def _evidence(self, one: First) -> Evidence:
        later = one.first - (self.firsts.begin_ns or 0)
        return Evidence(
            kind=Kind.NEW_HOST,
            subject=Party(ip=one.thing),
            title=f"{one.thing} was first seen {duration_text(later)} after the capture began",
            score=0.3,
            start_ns=one.first,
            end_ns=one.last,
            at_ns=one.tick + TICK_NS,
            facts={"seconds_after_begin": later // 1_000_000_000},
            reasons=(Reason(feature="seen_before", value=0.0, typical=(1.0, 1.0), weight=1.0),),
            selectors=(Selector(a=one.thing, b=None, from_ns=one.first, until_ns=one.last),),
        )

    def save(self) -> State:
        """Return the hosts known."""
        return self.firsts.save()

    def load(self, state: State) -> None:
        """Know these hosts."""
        self.firsts.load(state)
        self._numbers.clear()

    def merge(self, other: State) -> None:
        """Know these hosts too."""
        self.firsts.merge(other)
