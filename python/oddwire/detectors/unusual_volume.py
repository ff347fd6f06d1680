"""A local host that moves far more data in a minute than it ever did."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.seen import local_mask
from oddwire.records.evidence import Evidence, Party, Reason, Selector
from oddwire.records.kinds import Cadence, Kind, Scope
from oddwire.records.units import bytes_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["UnusualVolume"]

MINUTE = 60 * 1_000_000_000
# There are fewer numbers of hosts.
HOSTS = 1 << 32
# Below that a minute is not worth remembering.
LEAST_KEPT = 8_192
MOST_HOSTS, MOST_MINUTES = 5_000, 120
MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, kw_only=True)
class UnusualVolumeParameters(Parameters):
    """What is unusual."""

    minutes: int = parameter(30, "minutes of a host's own past that are needed", "min")
    bytes: int = parameter(20_971_520, "bytes in a minute from which on it is looked at", "bytes")
    times: float = parameter(5.0, "how many times the busiest minute of the past", "times")
    sigma: float = parameter(6.0, "how far from the host's median, on a logarithmic scale", "sigma")


class UnusualVolume(Detector):
    """Compares each minute of a local host with its own past."""

    name = "unusual_volume"
    kind = Kind.UNUSUAL_VOLUME
    cadence = Cadence.WINDOW
    scope = Scope.HOST
    needs = frozenset({"talks.tick", "talks.src", "talks.dst", "talks.bytes_out", "talks.bytes_in"})
    parameters = UnusualVolumeParameters
    page = Page(
        sees=(
            "A local host moves 20 MiB or more in a minute, five times as much as in any of its last "
            "two hours."
        ),
        matters="A sudden copy of much data is a backup, an update, or somebody who carries files away.",
        wrong_when="Downloads and backups do this every day. It is context, never an alarm.",
        example="10.0.0.8 moved 812.0 MiB in a minute; until then at most 3.1 MiB",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # The minute that is being added up, and what each host moved in it.
        self.minute = 0
        self.now: dict[str, int] = {}
        self.past: dict[str, list[int]] = {}

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add up minutes, and judge each that is over."""
        if window.talks.is_empty():
            return
        rows = self._rows(window)
        names = window.hosts.names(rows["host"].to_list())
        for name, (at, size) in zip(names, rows.select("minute", "bytes").iter_rows(), strict=True):
            if at > self.minute:
                yield from self._over()
                self.minute = at
            if name in self.now or len(self.now) < MOST_HOSTS:
                self.now[name] = self.now.get(name, 0) + size

    def _rows(self, window: Window) -> "pl.DataFrame":
        """Return what each local host moved in each minute, where that is worth remembering."""
        import polars as pl

        # Minute and host as one number are grouped twice as fast.
        steps = window.talks.select(
            ((pl.col("tick") // MINUTE).cast(pl.UInt64) * HOSTS).alias("minute"),
            *("src", "dst"),
            (pl.col("bytes_out") + pl.col("bytes_in")).alias("bytes"),
        )
        ends = [
            steps.select((pl.col("minute") + pl.col(end)).alias("key"), "bytes") for end in ("src", "dst")
        ]
        rows = (
            pl.concat(ends)
            .group_by("key", maintain_order=True)
            .agg(pl.col("bytes").sum())
            .filter(pl.col("bytes") >= LEAST_KEPT)
            .select((pl.col("key") // HOSTS).alias("minute"), (pl.col("key") % HOSTS).alias("host"), "bytes")
        )
        if rows.is_empty():
            return rows
        return rows.filter(local_mask(rows["host"], window.hosts)).sort("minute", maintain_order=True)

    def _over(self) -> Iterator[Evidence]:
        """Judge the minute that is over, and make it past."""
        for name, size in self.now.items():
            past = self.past.pop(name, [])
            if size >= self.settings.bytes and len(past) >= self.settings.minutes:
                most = max(past)
                logs = [math.log1p(one) for one in past]
                middle = median(logs)
                spread = MAD_TO_SIGMA * median(abs(one - middle) for one in logs) + 0.25
                sigma = (math.log1p(size) - middle) / spread
                if size >= self.settings.times * most and sigma >= self.settings.sigma:
                    yield self._evidence(name, size, most, sigma)
            if len(self.past) >= MOST_HOSTS:
                del self.past[next(iter(self.past))]
            self.past[name] = [*past, size][-MOST_MINUTES:]
        self.now = {}

    def _evidence(self, name: str, size: int, most: int, sigma: float) -> Evidence:
        start_ns = self.minute * MINUTE
        end_ns = start_ns + MINUTE
        return Evidence(
            kind=Kind.UNUSUAL_VOLUME,
            subject=Party(ip=name),
            title=f"{name} moved {bytes_text(size)} in a minute; until then at most {bytes_text(most)}",
            score=0.4,
            start_ns=start_ns,
            end_ns=end_ns - 1,
            at_ns=end_ns,
            facts={"bytes": size, "most_before": most, "sigma": round(sigma, 2)},
            reasons=(
                Reason(feature="bytes_a_minute", value=float(size), typical=(0.0, float(most)), weight=1.0),
            ),
            selectors=(Selector(a=name, b=None, from_ns=start_ns, until_ns=end_ns - 1),),
        )

    def save(self) -> State:
        """Return the minutes remembered."""
        past = {name: list(sizes) for name, sizes in self.past.items()}
        return {"minute": self.minute, "now": dict(self.now), "past": past}

    def load(self, state: State) -> None:
        """Remember these minutes."""
        self.minute, self.now = state["minute"], dict(state["now"])
        self.past = {name: list(sizes) for name, sizes in state["past"].items()}

    def merge(self, other: State) -> None:
        """Remember these minutes too."""
        for name, sizes in other["past"].items():
            self.past[name] = [*sizes, *self.past.get(name, [])][-MOST_MINUTES:]
        if other["minute"] == self.minute:
            for name, size in other["now"].items():
                self.now[name] = self.now.get(name, 0) + size
