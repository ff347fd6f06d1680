"""A host of the local network that was not there before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Hosts, Window
from oddwire.features.firsts import First, Firsts
from oddwire.features.seen import Seen
from oddwire.records.evidence import Evidence, Party, Reason, Selector
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["NewHost"]

# Hosts whose names may wait.
MOST_PENDING = 200_000


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
        # Numbers of this run only, that were looked at; and those whose names were not asked for yet.
        self._looked_at = Seen()
        self._pending: list[pl.DataFrame] = []
        self._hosts: Hosts | None = None

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Look for senders that were never seen."""
        import polars as pl

        if window.talks.is_empty():
            return
        self._hosts = window.hosts
        self.firsts.ran(window.talks["tick"].unique(maintain_order=True))
        sent = (pl.col("packets_out") > 0) & (pl.col("ip_version") == 4)  # noqa: PLR2004  # IPv4
        found = (
            window.talks.select("src", "tick", "first", "last", "packets_out", "ip_version")
            .filter(self._looked_at.fresh(window.talks["src"]))
            .filter(sent)
            .select("src", "tick", "first", "last")
            .unique(subset="src", keep="first", maintain_order=True)
        )
        self._looked_at.add(found["src"])
        self._pending.append(found)
        # Nobody needs names as long as nothing can be told.
        if self.firsts.ripe_ns is not None or sum(map(len, self._pending)) > MOST_PENDING:
            for one in self._named():
                yield self._evidence(one)

    def _named(self) -> list[First]:
        """Look at the hosts whose names were not asked for yet; return those that are new."""
        import polars as pl

        if not self._pending or self._hosts is None:
            return []
        found = pl.concat(self._pending).sort("tick", maintain_order=True)
        self._pending = []
        names = self._hosts.names(found["src"].to_list())
        seen = [
            First(name, *times)
            for name, times in zip(names, found.select("tick", "first", "last").iter_rows(), strict=True)
            if self._hosts.is_local(name)
        ]
        return list(self.firsts.new_ones(seen))

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
        self._named()
        return self.firsts.save()

    def load(self, state: State) -> None:
        """Know these hosts."""
        self.firsts.load(state)
        self._looked_at.clear()
        self._pending = []

    def merge(self, other: State) -> None:
        """Know these hosts too."""
        self._named()
        self.firsts.merge(other)
