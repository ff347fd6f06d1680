"""What a detector says: what it saw, of whom, in which packets, and why that is odd."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from oddwire.records.kinds import Kind, Severity

__all__ = ["ARP", "MOST_TARGETS", "Evidence", "Fact", "FlowKey", "Party", "Reason", "Selector", "Target"]

# Lists in findings are bounded; the counts beside them tell the truth.
MOST_TARGETS = 16
# The "protocol number" by which a selector means ARP.
ARP = -1

Fact: TypeAlias = int | float | str | bool | list[int] | list[str] | None


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Party:
    """A host: by its address, its hardware address, or both."""

    ip: str | None = None
    mac: str | None = None
    # What the host is called; the engine adds it to findings, detectors never say it.
    hostname: str | None = None

    @property
    def name(self) -> str:
        """Return what a person calls it."""
        return self.ip or self.mac or "unknown host"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Whom or what it was done to."""

    ip: str | None = None
    port: int | None = None
    proto: str | None = None
    mac: str | None = None
    hostname: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One figure that is out of the ordinary: what it was, and between what it usually lies."""

    feature: str
    value: float
    typical: tuple[float, float]
    weight: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """Packets between two ends in an interval; None for either end is anybody.

    An end is an address or a hardware address. `port` is the port of `b`. With `both` the packets from `b` to
    `a` count too. `protocol` is an IP protocol number, ARP, or None for anything. Both times are included.
    """

    a: str | None
    b: str | None
    from_ns: int
    until_ns: int
    both: bool = True
    protocol: int | None = None
    port: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowKey:
    """What names a flow: its ends, originator first (ports of ICMP are type and code), and its birth."""

    src: str
    dst: str
    src_port: int
    dst_port: int
    protocol: int
    ip_version: int
    vlans: int
    tunnel: int
    born_ns: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """That a subject did something odd, as of `at_ns`.

    `part` tells apart what one subject does at the same time, such as each host that it scans; a later
    evidence of the same part replaces the earlier one, and all parts make one finding. `score` is 0 to 1;
    `severity` overrides what the kind has by default. Selectors name the packets without which it would be
    gone.
    """

    kind: Kind
    subject: Party
    title: str
    score: float
    start_ns: int
    end_ns: int
    at_ns: int
    part: str = ""
    # Of learned models: the share of ordinary traffic that is at least as odd.
    p_value: float | None = None
    severity: Severity | None = None
    targets: tuple[Target, ...] = ()
    target_count: int = 0
    facts: Mapping[str, Fact] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    selectors: tuple[Selector, ...] = ()
    flows: tuple[FlowKey, ...] = ()
