"""Vertical scans: one host tries many ports, or many protocols, of another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.memory import Memory, Track
from oddwire.features.tries import FIRST_EPHEMERAL, OPEN, REFUSED, SPOKEN, TRIES_NEED, tries
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["PortScan"]

SECOND = 1_000_000_000
TCP, UDP = 6, 17
# Ports that an ordinary client reaches on one host within a minute.
TYPICAL_PORTS = (1, 6)
MOST_SHOWN = 16
# Pairs of hosts that are looked at in one tick; a flood makes a million.
MOST_PAIRS = 4_000
LOW_TTL = 30
# Traceroute counts its ports up from here.
TRACEROUTE = range(33_434, 33_700)


@dataclass(frozen=True, kw_only=True)
class PortScanParameters(Parameters):
    """When tries at many ports are a scan."""

    fast_ports: int = parameter(12, "ports of one host tried within `fast_s`", "ports")
    fast_s: int = parameter(60, "what counts as fast", "s")
    slow_ports: int = parameter(16, "ports of one host tried within `slow_s`", "ports")
    slow_s: int = parameter(21_600, "how long tries are remembered", "s")
    high_ports: int = parameter(25, "the same where no port below 1024 is among them", "ports")
    protocols: int = parameter(8, "IP protocols of one host tried within `slow_s`", "protocols")
    failed: float = parameter(0.6, "least share of tries that came to nothing", "share")
    strong_ports: int = parameter(500, "ports from which on the severity is high", "ports")


class PortScan(Detector):
    """Counts, for each pair of hosts, the ports tried to no purpose."""

    name = "port_scan"
    kind = Kind.PORT_SCAN
    scope = Scope.PAIR
    needs = TRIES_NEED
    attack = ("T1046",)
    parameters = PortScanParameters
    page = Page(
        sees=(
            "One host tries many ports of another (by SYN, connect, FIN, NULL, XMAS, ACK, Maimon or UDP), or "
            "many IP protocols, and most tries come to nothing: refused, unanswered, or opened and left "
            "without a word. Fast scans within a minute; slow ones over hours."
        ),
        matters="A port scan tells an intruder which doors are open; it comes before most attacks.",
        wrong_when=(
            "A vulnerability scanner or an inventory tool of your own looks the same: suppress it by its "
            "address. So does a client whose peer has many services that are all down."
        ),
        example="10.0.0.5 tried 998 ports of 10.0.0.9 by SYN in 14 s; 1 % answered",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.memory = Memory(quiet_ns=self.settings.slow_s * SECOND, most_keys=20_000)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add the tries of each tick, and judge the pairs that made some."""
        for row in _grouped(window):
            src, dst = row["src_name"], row["dst_name"]
            key = f"{src}|{dst}|{row['protocol'] if row['protocol'] in {TCP, UDP} else 'ip'}"
            track = self.memory.at(key, row["last"])
            track.start_ns, track.burst_ns = (
                min(track.start_ns, row["first"]),
                min(track.burst_ns, row["first"]),
            )
            for port, outcome, how in sorted(zip(row["ports"], row["outcomes"], row["hows"], strict=True)):
                if outcome == SPOKEN and str(port) not in track.things:
                    track.add(spoken=1)
                    continue
                track.touch(str(port), row["last"], f"{outcome} {how}", self.memory.most_things)
            track.add(tries=len(row["ports"]))
            track.forget_before(row["last"] - self.settings.slow_s * SECOND)
            if evidence := self._judged(row, track, window):
                yield evidence

    def _judged(self, row: Mapping[str, Any], track: Track, window: Window) -> Evidence | None:
        """Say that it is a scan, if it is."""
        by_port = row["protocol"] in {TCP, UDP}
        now, wanted = row["last"], self.settings
        tried = track.things
        if len(tried) < min(wanted.fast_ports, wanted.protocols):
            return None
        failed = sum(not seen[1].startswith((SPOKEN, OPEN)) for seen in tried.values())
        spoken = track.sums.get("spoken", 0)
        if failed < wanted.failed * (len(tried) + spoken):
            return None
        if by_port:
            fast = len(track.since(now - wanted.fast_s * SECOND))
            if fast < wanted.fast_ports and len(tried) < wanted.slow_ports:
                return None
            if self._is_answering(row, track, window):
                return None
        elif len(tried) < wanted.protocols:
            return None
        return self._evidence(row, track, by_port=by_port)

    def _is_answering(self, row: Mapping[str, Any], track: Track, window: Window) -> bool:
        """Say whether these may be the ports of a server's clients, or of peers that look for a way through.

        That cannot be told where all ports are high and nobody refused, unless they are many.
        """
        ports = [int(port) for port in track.things]
        low = sum(port < FIRST_EPHEMERAL for port in ports)
        refused = sum(seen[1].startswith(REFUSED) for seen in track.things.values())
        syn = any(seen[1].endswith(" syn") for seen in track.things.values())
        if low >= 3 or (row["protocol"] == TCP and refused >= len(ports) // 2):  # noqa: PLR2004  # a few are no chance
            return False
        if syn:
            return len(ports) < int(self.settings.high_ports)
        if row["protocol"] == TCP or window.quality.one_sided:
            return True
        return len(ports) < 4 * int(self.settings.high_ports)

    def _evidence(self, row: Mapping[str, Any], track: Track, *, by_port: bool) -> Evidence:
        src, dst = row["src_name"], row["dst_name"]
        tried = track.things
        count = len(tried) + track.beyond
        answered = sum(seen[1].startswith(OPEN) for seen in tried.values())
        hows = sorted({seen[1].partition(" ")[2] for seen in tried.values()})
        span = duration_text(max(track.end_ns - track.start_ns, 1))
        what = count_text(count, "port" if by_port else "IP protocol")
        proto = {TCP: "tcp", UDP: "udp"}.get(row["protocol"])
        ways = {"udp": "UDP", "ip": "raw IP"}
        by = f" by {', '.join(ways.get(how, how.upper()) for how in hows)}" if by_port else ""
        title = f"{src} tried {what} of {dst}{by} in {span}; {_share(answered, len(tried))} answered"
        shown = sorted(int(port) for port in tried)[:MOST_SHOWN]
        return Evidence(
            kind=Kind.PORT_SCAN,
            subject=Party(ip=src),
            part=f"{dst}|{proto or 'ip'}",
            title=title,
            score=min(0.5 + 0.5 * count / (count + 2 * self.settings.slow_ports), 0.99),
            severity=None if count < self.settings.strong_ports else Severity.HIGH,
            start_ns=track.start_ns,
            end_ns=track.end_ns,
            at_ns=row["tick"] + TICK_NS,
            targets=tuple(
                Target(ip=dst, port=port if by_port else None, proto=proto) for port in shown[:MOST_SHOWN]
            ),
            target_count=count,
            facts={
                "ports" if by_port else "protocols": count,
                "answered": round(answered / len(tried), 4),
                "by": hows,
                "seconds": round((track.end_ns - track.start_ns) / SECOND, 3),
            },
            reasons=(
                Reason(feature="unique_dst_ports", value=float(count), typical=TYPICAL_PORTS, weight=0.7),
                Reason(
                    feature="failed_ratio",
                    value=round(1 - answered / len(tried), 4),
                    typical=(0.0, 0.2),
                    weight=0.3,
                ),
            ),
            selectors=(Selector(a=src, b=dst, from_ns=track.start_ns, until_ns=track.end_ns),),
        )

    def save(self) -> State:
        """Return the tries remembered."""
        return {"memory": self.memory.save()}

    def load(self, state: State) -> None:
        """Remember these tries."""
        self.memory.load(state["memory"])

    def merge(self, other: State) -> None:
        """Remember these tries too."""
        self.memory.merge(other["memory"])


def _share(part: int, whole: int) -> str:
    if part == 0:
        return "none"
    return f"{max(100 * part / whole, 1):.0f} %"


def _grouped(window: Window) -> list[dict[str, Any]]:
    """Return the tries by tick and pair of hosts, with the ports of each and what came of them, in order."""
    import polars as pl

    rows = window.view(tries)
    failed = rows.filter(
        ~(
            (pl.col("how") == "udp")
            & (pl.col("ttl_max_out") <= LOW_TTL)
            & pl.col("dst_port").is_in(list(TRACEROUTE))
        )
    )
    is_port = pl.col("protocol").is_in([TCP, UDP])
    failed = failed.with_columns(
        pl.when(is_port).then(pl.col("protocol")).otherwise(pl.lit(0)).alias("by"),
        pl.when(is_port).then(pl.col("dst_port")).otherwise(pl.col("protocol").cast(pl.UInt16)).alias("item"),
    )
    pairs = failed.filter((pl.col("outcome") != SPOKEN).any().over("tick", "src", "dst", "by"))
    grouped = (
        pairs.group_by("tick", "src", "dst", "by", maintain_order=True)
        .agg(
            pl.col("item").alias("ports"),
            pl.col("outcome").alias("outcomes"),
            pl.col("how").alias("hows"),
            pl.col("first").min(),
            pl.col("last").max(),
            pl.col("protocol").first(),
        )
        .filter(pl.col("ports").list.len().cum_count().over("tick") <= MOST_PAIRS)
        .sort("tick", maintain_order=True)
    )
    found = grouped.to_dicts()
    names = window.hosts.names([row["src"] for row in found] + [row["dst"] for row in found])
    for row, src, dst in zip(found, names, names[len(found) :], strict=False):
        row["src_name"], row["dst_name"] = src, dst
    return found
