"""Vertical scans: one host tries many ports, or many protocols, of another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.memory import Memory, Track
from oddwire.features.tries import FIRST_EPHEMERAL, OPEN, REFUSED, SPOKEN, TRIES_NEED, refusals, tries
from oddwire.records.evidence import MOST_TARGETS, Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["PortScan"]

SECOND = 1_000_000_000
TCP, UDP, SCTP = 6, 17, 132
# Ports that an ordinary client reaches on one host within a minute.
TYPICAL_PORTS = (1, 6)
TYPICAL_FAILED = (0.0, 0.2)
# So many well-known ports are no chance.
LOW_PORTS = 3
WORDS = {"udp": "UDP", "ip": "raw IP", "sctp": "SCTP INIT", "answers": "probes that were not captured"}
# When a thing was tried last, and what came of it.
Seen: TypeAlias = tuple[int, str]
# Pairs of hosts that are looked at in one tick; a flood makes a million.
MOST_PAIRS = 4_000
LOW_TTL = 30
# Ports that everybody sends single datagrams to.
EVERYDAY = [53, 67, 68, 123, 137, 138, 443, 500]
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
        slow_ns = self.settings.slow_s * SECOND
        for row in _grouped(window):
            track = self.memory.at(f"{row.src}|{row.dst}|{row.by}", row.last)
            track.start_ns, track.burst_ns = min(track.start_ns, row.first), min(track.burst_ns, row.first)
            for port, outcome, how in row.tries:
                if outcome == SPOKEN and port not in track.things:
                    track.add(spoken=1)
                else:
                    track.touch(port, row.last, f"{outcome} {how}", self.memory.most_things)
            if track.start_ns < row.last - slow_ns:
                track.forget_before(row.last - slow_ns)
            if len(track.things) >= self.least and (evidence := self._judged(row, track, window)):
                yield evidence

    @property
    def least(self) -> int:
        """Fewer things tried than this are nothing, whatever they are."""
        return int(min(self.settings.fast_ports, self.settings.protocols))

    def _judged(self, row: "Tick", track: Track, window: Window) -> Evidence | None:
        """Say that it is a scan, if it is: what was tried of late, else what was tried in hours."""
        wanted = self.settings
        burst = track.since(max(track.burst_ns, row.last - wanted.fast_s * SECOND))
        if row.by and len(burst) >= wanted.fast_ports and self._is_scan(row, burst, 0, window):
            return self._evidence(row, track, track.since(track.burst_ns), track.burst_ns)
        enough = wanted.slow_ports if row.by else wanted.protocols
        if len(track.things) >= enough and self._is_scan(
            row, track.things, track.sums.get("spoken", 0), window
        ):
            return self._evidence(row, track, track.things, track.start_ns)
        return None

    def _is_scan(self, row: "Tick", tried: Mapping[str, Seen], spoken: int, window: Window) -> bool:
        """Say whether so many tries are a scan: most must have come to nothing."""
        outcomes = [outcome for _, outcome in tried.values()]
        total = len(outcomes) + spoken
        failed = sum(not one.startswith((SPOKEN, OPEN)) for one in outcomes)
        mute = sum(not one.startswith(SPOKEN) for one in outcomes)
        purposeless = failed >= self.settings.failed * total
        # A host whose every port is open is scanned all the same; nobody needs so many without saying a word.
        if not purposeless and not (
            row.by and mute >= max(self.settings.high_ports, self.settings.failed * total)
        ):
            return False
        return not row.by or not self._is_answering(row, tried, window)

    def _is_answering(self, row: "Tick", tried: Mapping[str, Seen], window: Window) -> bool:
        """Say whether these may be the ports of a server's clients, or of peers that look for a way through.

        That cannot be told where all ports are high and nobody refused, unless they are many.
        """
        low = sum(int(port) < FIRST_EPHEMERAL for port in tried)
        refused = sum(outcome.startswith(REFUSED) for _, outcome in tried.values())
        if low >= LOW_PORTS or (row.by != UDP and refused >= len(tried) // 2):
            return False
        if any(outcome.endswith(" syn") for _, outcome in tried.values()):
            return len(tried) < int(self.settings.high_ports)
        if row.by != UDP or row.tick in window.quality.one_sided:
            return True
        return len(tried) < 4 * int(self.settings.high_ports)

    def _evidence(self, row: "Tick", track: Track, tried: Mapping[str, Seen], start_ns: int) -> Evidence:
        count = len(tried) + track.beyond
        answered = sum(outcome.startswith(OPEN) for _, outcome in tried.values()) / len(tried)
        hows = sorted({outcome.partition(" ")[2] for _, outcome in tried.values()})
        proto = {TCP: "tcp", UDP: "udp", SCTP: "sctp"}.get(row.by)
        what = count_text(count, "port" if proto else "IP protocol")
        by = f" by {', '.join(WORDS.get(how, how.upper()) for how in hows)}" if proto else ""
        span = duration_text(max(track.end_ns - start_ns, 1))
        shown = sorted(map(int, tried))[:MOST_TARGETS]
        return Evidence(
            kind=Kind.PORT_SCAN,
            subject=Party(ip=row.src),
            part=f"{row.dst}|{proto or 'ip'}",
            title=f"{row.src} tried {what} of {row.dst}{by} in {span}; {_share(answered)} answered",
            score=min(0.5 + 0.5 * count / (count + 2 * self.settings.slow_ports), 0.99),
            severity=None if count < self.settings.strong_ports else Severity.HIGH,
            start_ns=start_ns,
            end_ns=track.end_ns,
            at_ns=row.tick + TICK_NS,
            targets=tuple(Target(ip=row.dst, port=port if proto else None, proto=proto) for port in shown),
            target_count=count,
            facts={
                "ports" if proto else "protocols": count,
                "answered": round(answered, 4),
                "by": hows,
                "seconds": round((track.end_ns - start_ns) / SECOND, 3),
            },
            reasons=(
                Reason(feature="unique_dst_ports", value=float(count), typical=TYPICAL_PORTS, weight=0.7),
                Reason(
                    feature="failed_ratio", value=round(1 - answered, 4), typical=TYPICAL_FAILED, weight=0.3
                ),
            ),
            selectors=(Selector(a=row.src, b=row.dst, from_ns=start_ns, until_ns=track.end_ns),),
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


class Tick(NamedTuple):
    """What one host tried of another in one tick; `by` is TCP, UDP or 0 for IP protocols."""

    tick: int
    src: str
    dst: str
    by: int
    tries: list[tuple[str, str, str]]
    first: int
    last: int


def _share(part: float) -> str:
    return f"{max(100 * part, 1):.0f} %" if part else "none"


def _grouped(window: Window) -> Iterator[Tick]:
    """Yield what was tried by tick and pair of hosts, where some of it came to nothing, in order."""
    import polars as pl

    is_trace = (
        (pl.col("how") == "udp")
        & (pl.col("ttl_max_out") <= LOW_TTL)
        & pl.col("dst_port").is_between(TRACEROUTE.start, TRACEROUTE.stop)
    )
    is_port = pl.col("protocol").is_in([TCP, UDP, SCTP])
    columns = ("tick", "src", "dst", "by", "item", "outcome", "how", "first", "last", "low")
    tried = (
        window.view(tries)
        .filter(~is_trace)
        .select(
            "tick",
            "src",
            "dst",
            pl.when(is_port).then(pl.col("protocol")).otherwise(pl.lit(0, pl.UInt8)).alias("by"),
            pl.when(is_port)
            .then(pl.col("dst_port"))
            .otherwise(pl.col("protocol").cast(pl.UInt16))
            .cast(pl.String)
            .alias("item"),
            "outcome",
            "how",
            "first",
            "last",
            ((pl.col("dst_port") < FIRST_EPHEMERAL) & ~pl.col("dst_port").is_in(EVERYDAY)).alias("low"),
        )
    )
    pairs = pl.concat([tried, window.view(refusals).select(columns)])
    pair = ("tick", "src", "dst", "by")
    # A datagram to one high port is everybody's; only many of them, or those to services, can become a scan.
    telling = (pl.len() > 1) | (pl.col("by").first() != UDP) | pl.col("low").first()
    grouped = (
        pairs.group_by(pair, maintain_order=True)
        .agg(
            "item",
            "outcome",
            "how",
            pl.col("first").min(),
            pl.col("last").max(),
            ((pl.col("outcome") != SPOKEN).any() & telling).alias("telling"),
        )
        .filter("telling")
    )
    if grouped.height > MOST_PAIRS:
        # Whoever hides in a flood of invented senders tries more ports than each of these.
        grouped = grouped.sort(pl.col("item").list.len(), descending=True, maintain_order=True)
        grouped = grouped.filter(pl.int_range(pl.len()).over("tick") < MOST_PAIRS)
    grouped = grouped.sort("tick", maintain_order=True)
    names = window.hosts.names([*grouped["src"], *grouped["dst"]])
    rows = zip(names, names[grouped.height :], grouped.iter_rows(), strict=False)
    for src, dst, (tick, _, _, by, items, outcomes, hows, first, last, _) in rows:
        tries_made = (
            sorted(zip(items, outcomes, hows, strict=True))
            if len(items) > 1
            else [(items[0], outcomes[0], hows[0])]
        )
        yield Tick(tick, src, dst, by, tries_made, first, last)
