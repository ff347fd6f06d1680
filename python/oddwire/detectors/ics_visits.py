"""Newcomers that visit controllers one after the other, whatever they say to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.memory import Memory, Track
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["IcsVisits"]

SECOND = 1_000_000_000
RECENT_NS, DAY_NS = 300 * SECOND, 86_400 * SECOND
# S7, Modbus, IEC 104, DNP3, EtherNet/IP, BACnet.
NAMES = {102: "S7", 502: "Modbus", 2_404: "IEC 104", 20_000: "DNP3", 44_818: "EtherNet/IP", 47_808: "BACnet"}
MOST_IN_TICK = 500
_COLUMNS = "tick src dst dst_port protocol first last packets_out packets_in"


@dataclass(frozen=True, kw_only=True)
class IcsVisitsParameters(Parameters):
    """When visits of controllers are a search."""

    known_s: int = parameter(600, "for so long others talked to a controller before", "s")
    visited: int = parameter(3, "such controllers that a newcomer visits within five minutes", "controllers")
    many: int = parameter(6, "the same for a medium finding", "controllers")


class IcsVisits(Detector):
    """Knows by their ports who talks to controllers, and counts those that a newcomer visits."""

    name = "ics_visits"
    kind = Kind.ICS_RECON
    scope = Scope.NETWORK
    needs = frozenset(f"talks.{name}" for name in _COLUMNS.split())
    attack = ("T0846",)
    parameters = IcsVisitsParameters
    page = Page(
        sees=(
            "A host that never did so before talks to several controllers within minutes, and they answer, "
            "while others have talked to them for long. Controllers are known by their ports (S7, Modbus, "
            "IEC 104, DNP3, EtherNet/IP, BACnet)."
        ),
        matters="Who talks to controllers changes rarely; a newcomer that visits all of them takes stock.",
        wrong_when="A new station of the control room, or an engineer at work, does the same.",
        example="10.0.0.66 visited 7 controllers in 40 s (S7) that others had talked to for 2 h",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # 4,000 controllers with 16 others each, 10 MiB at most; and 1,000 newcomers with 64 controllers.
        self.devices = Memory(quiet_ns=DAY_NS, most_keys=4_000, most_things=16)
        self.newcomers = Memory(quiet_ns=RECENT_NS, most_keys=1_000, most_things=64)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Note who talks to controllers in each tick, and judge newcomers."""
        import polars as pl

        talks = window.talks.filter(pl.col("dst_port").is_in(list(NAMES)))
        if talks.is_empty():
            return
        grouped = _grouped(talks)
        names = window.hosts.names(grouped["src"].to_list() + grouped["dst"].to_list())
        rows = zip(grouped.iter_rows(named=True), names, names[grouped.height :], strict=False)
        for row, src, dst in rows:
            if not self._is_newcomer(row, src, dst):
                continue
            track = self.newcomers.touch(src, [f"{dst}|{row['dst_port']}"], row["first"])
            track.end_ns = max(track.end_ns, row["last"])
            if evidence := self._judged(track, row, src):
                yield evidence

    def _is_newcomer(self, row: dict[str, int], src: str, dst: str) -> bool:
        """Say whether others talked to a controller for long, and this host did not; note that it does."""
        device = self.devices.at(f"{dst}|{row['dst_port']}", row["first"])
        known = device.things.get(src)
        since = str(row["first"]) if known is None else known[1]
        others = [int(began) for name, (_, began) in device.things.items() if name != src]
        device.touch(src, row["last"], since, 16)
        first = int(since)
        # A visit that goes on for long is no visit.
        is_fresh = row["first"] - first <= RECENT_NS
        return is_fresh and any(first - began >= self.settings.known_s * SECOND for began in others)

    def _judged(self, track: Track, row: dict[str, int], src: str) -> Evidence | None:
        """Say that a newcomer visits many, if it does."""
        wanted = self.settings
        recent = track.since(row["first"] - RECENT_NS)
        count = len(recent)
        if count < wanted.visited or (
            count < 2 * track.sums.get("told", 0) and not (track.sums.get("told", 0) < wanted.many <= count)
        ):
            return None
        track.sums["told"] = count
        first, last = min(at for at, _ in recent.values()), track.end_ns
        ends = [(thing.rsplit("|", 1)[0], int(thing.rsplit("|", 1)[1])) for thing in sorted(recent)][:16]
        proto = "udp" if row["protocol"] == 17 else "tcp"  # noqa: PLR2004  # UDP
        what = ", ".join(sorted({NAMES[port] for _, port in ends}))
        span = duration_text(max(last - first, 1))
        return Evidence(
            kind=Kind.ICS_RECON,
            subject=Party(ip=src),
            part="visits",
            title=(
                f"{src} visited {count_text(count, 'controller')} in {span} ({what}) that others had talked "
                f"to for {duration_text(wanted.known_s * SECOND)} or more"
            ),
            score=min(0.4 + 0.05 * count, 0.9),
            severity=Severity.MEDIUM if count >= wanted.many else Severity.LOW,
            start_ns=first,
            end_ns=last,
            at_ns=row["tick"] + TICK_NS,
            targets=tuple(Target(ip=ip, port=port, proto=proto) for ip, port in ends),
            target_count=count,
            facts={"controllers": count, "protocols": what},
            reasons=(
                Reason(feature="new_controllers_visited", value=float(count), typical=(0.0, 2.0), weight=1.0),
            ),
            selectors=tuple(
                Selector(a=src, b=ip, from_ns=first, until_ns=last, protocol=row["protocol"], port=port)
                for ip, port in ends
            ),
        )

    def save(self) -> State:
        """Return who talks to which controller."""
        return {"devices": self.devices.save(), "newcomers": self.newcomers.save()}

    def load(self, state: State) -> None:
        """Remember who talks to which controller."""
        self.devices.load(state["devices"])
        self.newcomers.load(state["newcomers"])

    def merge(self, other: State) -> None:
        """Remember these too."""
        self.devices.merge(other["devices"])
        self.newcomers.merge(other["newcomers"])


def _grouped(talks: "pl.DataFrame") -> "pl.DataFrame":
    """Return which host got an answer of which controller in each tick."""
    import polars as pl

    return (
        talks.filter((pl.col("packets_in") > 0) & (pl.col("packets_out") > 0))
        .sort("tick", "first", maintain_order=True)
        .group_by("tick", "src", "dst", "dst_port", "protocol", maintain_order=True)
        .agg(pl.col("first").min(), pl.col("last").max())
        .filter(pl.int_range(pl.len()).over("tick") < MOST_IN_TICK)
    )
