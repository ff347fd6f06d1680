"""Surges: what many packets to one victim add up to, tick after tick, and how a finding tells of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from oddwire.base.detector import Detector, Parameters, State
from oddwire.records.evidence import MOST_TARGETS, Evidence, Fact, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Severity

__all__ = ["Surge", "SurgeDetector", "Surges", "Telling", "told", "who_and_whom"]

SECOND = 1_000_000_000
# A flood that was silent for so long is over; the next one is told anew.
QUIET_NS = 120 * SECOND
MOST_PORTS = 16
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


@dataclass(slots=True)
class Surge:
    """What came to one victim, or from one source to it, since it began.

    Until it is raised only the present tick and the one before count, so that a quiet hour does not dilute a
    flood nor make one.
    """

    start_ns: int
    end_ns: int
    tick: int
    packets: int = 0
    flows: int = 0
    amount: int = 0
    peak: int = 0
    senders: int = 0
    is_raised: bool = False
    # The tick before: its first packet, packets, flows and bytes of payload.
    before: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Return packets a second; shorter than a second counts as one."""
        return self.packets / max((self.end_ns - self.start_ns) / SECOND, 1.0)


class Surges:
    """Surges by what they hit. Of too many the longest untouched goes."""

    def __init__(self, *, most: int = 4_096) -> None:
        self.most = most
        self.known: dict[str, Surge] = {}

    def see(self, key: str, group: Mapping[str, Any]) -> Surge:
        """Add what a tick brought; return the surge as it now stands."""
        surge = self.known.pop(key, None)
        if surge is None or group["first"] - surge.end_ns > QUIET_NS:
            surge = Surge(start_ns=group["first"], end_ns=group["last"], tick=group["tick"])
            if len(self.known) >= self.most:
                del self.known[next(iter(self.known))]
        elif not surge.is_raised and group["tick"] > surge.tick:
            _only_last_tick(surge, group)
        now = [group["first"], group["packets"], group["flows"], group["payload"]]
        same = group["tick"] == surge.tick and bool(surge.before)
        surge.before = (
            [min(now[0], surge.before[0]), *map(sum, zip(now[1:], surge.before[1:], strict=True))]
            if same
            else now
        )
        surge.tick, surge.end_ns = group["tick"], max(surge.end_ns, group["last"])
        surge.packets += group["packets"]
        surge.flows += group["flows"]
        surge.amount += group["payload"]
        surge.peak = max(surge.peak, group["packets"])
        surge.senders = max(surge.senders, group["senders"])
        surge.names = list(dict.fromkeys([*surge.names, *group["sender_names"]]))[:MOST_TARGETS]
        surge.ports = sorted({*surge.ports, *group["some_ports"]})[:MOST_PORTS]
        self.known[key] = surge
        return surge

    def save(self) -> dict[str, Any]:
        """Return all as plain values."""
        return {key: asdict(surge) for key, surge in self.known.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember these, and nothing else."""
        self.known = {key: _surge(saved) for key, saved in state.items()}

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember these too."""
        for key, saved in state.items():
            theirs, mine = _surge(saved), self.known.get(key)
            self.known[key] = theirs if mine is None else _both(mine, theirs)
        ordered = sorted(self.known.items(), key=lambda entry: (entry[1].end_ns, entry[0]))
        self.known = dict(ordered[-self.most :])


def _surge(saved: Mapping[str, Any]) -> Surge:
    lists = {name: list(saved[name]) for name in ("before", "names", "ports")}
    return Surge(**{**saved, **lists})


def _only_last_tick(surge: Surge, group: Mapping[str, Any]) -> None:
    """Forget all but the tick before this one; all, when that tick was quiet."""
    is_next = group["tick"] - surge.tick == TICK_NS and bool(surge.before)
    first, packets, flows, amount = surge.before if is_next else (group["first"], 0, 0, 0)
    surge.start_ns, surge.packets, surge.flows, surge.amount = first, packets, flows, amount
    surge.peak = packets
    if not is_next:
        surge.senders, surge.names, surge.ports = 0, [], []


def _both(mine: Surge, theirs: Surge) -> Surge:
    late, early = (mine, theirs) if mine.end_ns >= theirs.end_ns else (theirs, mine)
    return Surge(
        start_ns=min(mine.start_ns, theirs.start_ns),
        end_ns=late.end_ns,
        tick=late.tick,
        packets=mine.packets + theirs.packets,
        flows=mine.flows + theirs.flows,
        amount=mine.amount + theirs.amount,
        peak=max(mine.peak, theirs.peak),
        senders=max(mine.senders, theirs.senders),
        is_raised=mine.is_raised or theirs.is_raised,
        before=list(late.before),
        names=list(dict.fromkeys([*early.names, *late.names]))[:MOST_TARGETS],
        ports=sorted({*mine.ports, *theirs.ports})[:MOST_PORTS],
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """How one kind of flood is told: its words, what else is known, and which packets it is made of."""

    kind: Kind
    title: str
    typical: tuple[float, float]
    selectors: tuple[Selector, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    severity: Severity | None = None
    part: str = ""


def who_and_whom(group: Mapping[str, Any], surge: Surge) -> tuple[str, str]:
    """Return who floods, in words, and the victim."""
    if group["sender_name"]:
        return group["sender_name"], group["victim_name"]
    return f"at least {surge.senders:,} sources", group["victim_name"]


def told(group: Mapping[str, Any], surge: Surge, telling: Telling) -> Evidence:
    """Return the evidence of a surge: of its source where one host did it all, otherwise of the victim."""
    source, victim = group["sender_name"], group["victim_name"]
    proto = PROTOCOLS.get(group["protocol"])
    ports: list[int | None] = list(surge.ports) if proto in {"tcp", "udp"} else []
    if source:
        targets = [Target(ip=victim, port=port, proto=proto) for port in ports or [None]]
    else:
        targets = [Target(ip=name) for name in surge.names]
    reasons = telling.reasons or (
        Reason(feature="packets_per_second", value=round(surge.rate, 1), typical=telling.typical, weight=1.0),
    )
    facts: dict[str, Fact] = {
        "role": "source" if source else "victim",
        "packets": surge.packets,
        "packets_per_second": round(surge.rate, 1),
        "flows": surge.flows,
        "sources": 1 if source else surge.senders,
        "ports": list(surge.ports),
        "seconds": round((surge.end_ns - surge.start_ns) / SECOND, 3),
    }
    return Evidence(
        kind=telling.kind,
        subject=Party(ip=source or victim),
        part=f"{victim if source else ''}|{telling.part}",
        title=telling.title,
        score=round(min(0.6 + 0.39 * surge.packets / (surge.packets + 2_000), 0.99), 4),
        severity=telling.severity,
        start_ns=surge.start_ns,
        end_ns=surge.end_ns,
        at_ns=group["tick"] + TICK_NS,
        targets=tuple(targets[:MOST_TARGETS]),
        target_count=1 if source else surge.senders,
        facts=facts | dict(telling.facts),
        reasons=reasons,
        selectors=telling.selectors,
    )


class SurgeDetector(Detector):
    """A detector that remembers surges, and nothing else."""

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.surges = Surges()

    def save(self) -> State:
        """Return the surges."""
        return {"surges": self.surges.save()}

    def load(self, state: State) -> None:
        """Remember these surges."""
        self.surges.load(state["surges"])

    def merge(self, other: State) -> None:
        """Remember these surges too."""
        self.surges.merge(other["surges"])
