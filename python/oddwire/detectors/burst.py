"""Bursts: a few seconds in which far more packets pass than in the minutes before."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.records.evidence import Evidence, Party, Reason, Selector
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope

__all__ = ["Burst"]

_READ = "tick src dst packets_out packets_in bytes_out bytes_in first last"


@dataclass(frozen=True, kw_only=True)
class BurstParameters(Parameters):
    """When a tick is a burst."""

    packets: int = parameter(5_000, "packets in a tick of 5 s, at least", "packets")
    times: float = parameter(20.0, "so many times the median of the ticks before", "times")
    ticks: int = parameter(60, "ticks before it that it is compared with; there must be as many", "ticks")


class Burst(Detector):
    """Compares the packets of every tick with those of the last minutes."""

    name = "burst"
    kind = Kind.BURST
    scope = Scope.NETWORK
    needs = frozenset(f"talks.{name}" for name in _READ.split())
    parameters = BurstParameters
    page = Page(
        sees="A tick of 5 s with many times the packets of the minutes before, and who sent most of them.",
        matters="Sudden volume is where to begin when something was slow, or something left the house.",
        wrong_when="Somebody begins a download or a backup. Always of low severity.",
        example="48,000 packets in 5 s, 60 times as many as before; 10.0.0.5 sent most of them",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.past: deque[int] = deque(maxlen=self.settings.ticks)
        self.last_tick = 0

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Compare each tick with the median of those before; ticks without a packet count as well."""
        import polars as pl

        if window.talks.is_empty():
            return
        sums = window.talks.group_by("tick", maintain_order=True).agg(
            (pl.col("packets_out") + pl.col("packets_in")).sum().alias("packets")
        )
        for tick, packets in sums.sort("tick").iter_rows():
            self._pass_to(tick)
            usual = median(self.past) if len(self.past) == self.settings.ticks else None
            self.past.append(packets)
            if usual is None or packets < max(self.settings.packets, self.settings.times * usual):
                continue
            yield self._evidence(window, tick, packets, usual)

    def _pass_to(self, tick: int) -> None:
        """Note the ticks in which nothing came."""
        if self.last_tick:
            empty = (tick - self.last_tick) // TICK_NS - 1
            self.past.extend([0] * min(empty, self.settings.ticks))
        self.last_tick = tick

    def _evidence(self, window: Window, tick: int, packets: int, usual: float) -> Evidence:
        import polars as pl

        now = window.talks.filter(pl.col("tick") == tick)
        sent = pl.concat(
            [
                now.select(pl.col("src").alias("host"), pl.col("packets_out").alias("sent")),
                now.select(pl.col("dst").alias("host"), pl.col("packets_in").alias("sent")),
            ]
        )
        most = sent.group_by("host", maintain_order=True).agg(pl.col("sent").sum())
        busiest = most.filter(pl.col("sent") == pl.col("sent").max())
        host = min(window.hosts.names(busiest["host"].to_list()))
        first, last = int(str(now["first"].min())), int(str(now["last"].max()))
        times = packets / max(usual, 1.0)
        return Evidence(
            kind=Kind.BURST,
            subject=Party(ip=host),
            title=f"{packets:,} packets in 5 s, {times:,.0f} times as many as before; {host} sent most",
            score=min(0.2 + times / 1_000, 0.6),
            start_ns=first,
            end_ns=last,
            at_ns=tick + TICK_NS,
            facts={"packets": packets, "usual": usual},
            reasons=(
                Reason(
                    feature="packets_in_5_s", value=float(packets), typical=(0.0, float(usual)), weight=1.0
                ),
            ),
            selectors=(Selector(a=host, b=None, from_ns=first, until_ns=last),),
        )

    def save(self) -> State:
        """Return the ticks remembered."""
        return {"past": list(self.past), "last_tick": self.last_tick}

    def load(self, state: State) -> None:
        """Remember these ticks, and nothing else."""
        self.past = deque(state["past"], maxlen=self.settings.ticks)
        self.last_tick = state["last_tick"]

    def merge(self, other: State) -> None:
        """Take the ticks of whoever saw the later ones: parts of a network cannot be added afterwards."""
        if other["last_tick"] > self.last_tick:
            self.load(other)
