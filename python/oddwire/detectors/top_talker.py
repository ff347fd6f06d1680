"""The host that most of a capture is about."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.records.evidence import Evidence, Party, Reason, Selector
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import bytes_text

__all__ = ["TopTalker"]

# What a host moves in a tick beneath this cannot make it carry half of a large capture.
LEAST_COUNTED = 65_536
MOST_HOSTS = 2_000


@dataclass(frozen=True, kw_only=True)
class TopTalkerParameters(Parameters):
    """What is most."""

    bytes: int = parameter(104_857_600, "bytes that all hosts moved", "bytes")
    share: float = parameter(0.5, "share of them that one host sent", "share")
    hosts: int = parameter(5, "hosts that moved data, so that one can stand out", "hosts")


class TopTalker(Detector):
    """Adds up what each host sends; tells at most one host a capture."""

    name = "top_talker"
    kind = Kind.TOP_TALKER
    scope = Scope.NETWORK
    needs = frozenset(
        f"talks.{name}" for name in ["tick", "src", "dst", "bytes_out", "bytes_in", "first", "last"]
    )
    parameters = TopTalkerParameters
    page = Page(
        sees="One host among five or more sends over half of all bytes, once 100 MiB have been moved.",
        matters="Who fills the line is the first question when the network is slow.",
        wrong_when="A file server or a stream does just that. It is context, never an alarm.",
        example="10.0.0.3 sent 812.0 MiB, 71 % of all that was moved",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # first, last and bytes of each host that sends much; and the sum of all.
        self.sent: dict[str, list[int]] = {}
        self.total = 0
        self.told: str | None = None

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add up ticks until one host stands out."""
        import polars as pl

        if self.told or window.talks.is_empty():
            return
        ends = [
            window.talks.select(
                "tick", pl.col(end).alias("host"), pl.col(f"bytes_{way}").alias("bytes"), "first", "last"
            )
            for end, way in (("src", "out"), ("dst", "in"))
        ]
        sums = (
            pl.concat(ends)
            .group_by("tick", "host", maintain_order=True)
            .agg(pl.col("bytes").sum(), pl.col("first").min(), pl.col("last").max())
        )
        ticks = sums.group_by("tick").agg(pl.col("bytes").sum()).iter_rows()
        totals = {tick: int(size) for tick, size in ticks}
        large = sums.filter(pl.col("bytes") >= LEAST_COUNTED).sort("tick", maintain_order=True)
        names = window.hosts.names(large["host"].to_list())
        by_tick: dict[int, list[tuple[str, int, int, int]]] = {}
        for name, (tick, _, size, first, last) in zip(names, large.iter_rows(), strict=True):
            by_tick.setdefault(tick, []).append((name, size, first, last))
        for tick in sorted(totals):
            self.total += totals[tick]
            for name, size, first, last in by_tick.get(tick, ()):
                self._add(name, size, first, last)
            if self.total >= self.settings.bytes and len(self.sent) >= self.settings.hosts:
                yield from self._judged(tick)
                return

    def _add(self, name: str, size: int, first: int, last: int) -> None:
        sums = self.sent.pop(name, None) or [first, last, 0]
        if len(self.sent) >= MOST_HOSTS:
            del self.sent[min(self.sent, key=lambda one: (self.sent[one][2], one))]
        self.sent[name] = [min(sums[0], first), max(sums[1], last), sums[2] + size]

    def _judged(self, tick: int) -> Iterator[Evidence]:
        """Look once, when enough was moved."""
        name = min(self.sent, key=lambda one: (-self.sent[one][2], one))
        first, last, size = self.sent[name]
        self.told = name
        share = size / self.total
        if share <= self.settings.share:
            return
        yield Evidence(
            kind=Kind.TOP_TALKER,
            subject=Party(ip=name),
            title=f"{name} sent {bytes_text(size)}, {100 * share:.0f} % of all that was moved",
            score=0.3,
            start_ns=first,
            end_ns=last,
            at_ns=tick + TICK_NS,
            facts={"bytes": size, "share": round(share, 4)},
            reasons=(
                Reason(feature="share_of_bytes", value=round(share, 4), typical=(0.0, 0.4), weight=1.0),
            ),
            selectors=(Selector(a=name, b=None, from_ns=first, until_ns=last, both=False),),
        )

    def save(self) -> State:
        """Return the sums."""
        return {
            "sent": {name: list(sums) for name, sums in self.sent.items()},
            "total": self.total,
            "told": self.told,
        }

    def load(self, state: State) -> None:
        """Remember these sums."""
        self.sent = {name: list(sums) for name, sums in state["sent"].items()}
        self.total, self.told = state["total"], state["told"]

    def merge(self, other: State) -> None:
        """Remember these sums too."""
        for name, (first, last, size) in sorted(other["sent"].items()):
            self._add(name, size, first, last)
        self.total += other["total"]
        self.told = self.told or other["told"]
