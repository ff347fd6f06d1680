"""Connections that last for hours."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import duration_text

__all__ = ["LongConnection"]

HOUR = 3_600 * 1_000_000_000
TCP, UDP = 6, 17
MOST_KNOWN = 10_000


@dataclass(frozen=True, kw_only=True)
class LongConnectionParameters(Parameters):
    """What is long."""

    hours: float = parameter(4.0, "how long a connection lasts", "h")


class LongConnection(Detector):
    """Looks at how long ago each conversation that still goes on began."""

    name = "long_connection"
    kind = Kind.LONG_CONNECTION
    scope = Scope.PAIR
    needs = frozenset(
        f"talks.{name}"
        for name in [
            "tick",
            "src",
            "dst",
            "src_port",
            "dst_port",
            "protocol",
            "born",
            "last",
            "packets_in",
            "packets_out",
        ]
    )
    parameters = LongConnectionParameters
    page = Page(
        sees=(
            "A TCP or UDP conversation that has lasted for four hours, told again each hour while it goes on."
        ),
        matters=(
            "Remote control keeps its connection open; so a long one to a place that nobody knows is "
            "worth a look."
        ),
        wrong_when=(
            "VPNs, remote desktops, message queues and mail clients do the same. It is context, never "
            "an alarm."
        ),
        example="10.0.0.8 has been connected to 198.51.100.4:443 for 6 h",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # How many hours were told of each connection.
        self.told: dict[str, int] = {}

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Tell each long connection once an hour."""
        import polars as pl

        age = pl.col("last").cast(pl.Int64) - pl.col("born").cast(pl.Int64)
        found = window.talks.filter(
            (age >= round(self.settings.hours * HOUR))
            & pl.col("protocol").is_in([TCP, UDP])
            & (pl.col("packets_out") + pl.col("packets_in") > 0)
        )
        if found.is_empty():
            return
        columns = ("tick", "src", "dst", "src_port", "dst_port", "protocol", "born", "last")
        for tick, *ends, src_port, port, protocol, born, last in found.select(columns).iter_rows():
            src, dst = window.hosts.names(ends)
            key = f"{src}|{dst}|{src_port}|{port}|{protocol}|{born}"
            hours = (last - born) // HOUR
            if self.told.get(key) == hours:
                continue
            self.told.pop(key, None)
            if len(self.told) >= MOST_KNOWN:
                del self.told[next(iter(self.told))]
            self.told[key] = hours
            proto = "tcp" if protocol == TCP else "udp"
            yield Evidence(
                kind=Kind.LONG_CONNECTION,
                subject=Party(ip=src),
                part=key,
                title=f"{src} has been connected to {dst}:{port} for {duration_text(last - born)}",
                score=0.3,
                start_ns=born,
                end_ns=last,
                at_ns=tick + TICK_NS,
                targets=(Target(ip=dst, port=port, proto=proto),),
                target_count=1,
                facts={"hours": round((last - born) / HOUR, 2)},
                reasons=(
                    Reason(
                        feature="hours", value=round((last - born) / HOUR, 2), typical=(0.0, 1.0), weight=1.0
                    ),
                ),
                selectors=(
                    Selector(a=src, b=dst, from_ns=born, until_ns=last, protocol=protocol, port=port),
                ),
            )

    def save(self) -> State:
        """Return what was told."""
        return {"told": dict(self.told)}

    def load(self, state: State) -> None:
        """Remember what was told."""
        self.told = dict(state["told"])

    def merge(self, other: State) -> None:
        """Remember what others told too."""
        for key, hours in other["told"].items():
            self.told[key] = max(hours, self.told.get(key, 0))
