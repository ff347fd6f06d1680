"""A finding: what was odd, compared with what, in which packets, and how sure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from oddwire.records.evidence import ARP, Fact, Party, Reason, Selector, Target
from oddwire.records.kinds import Kind, Severity

__all__ = ["SCHEMA", "Filters", "Finding", "Packets", "finding_of", "instant", "nanoseconds"]

# The version of the finding; it changes with the names or the meaning of its parts.
SCHEMA = "1"
NS = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Packets:
    """The evidence in one input."""

    input: str
    count: int
    first: int
    last: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """The evidence in the words of other tools; `why_not` says why they are missing."""

    wireshark: str | None
    bpf: str | None
    bpf_exact: bool
    why_not: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that somebody should know; `to_dict` is the line that is written."""

    id: str
    detector: str
    kind: Kind
    title: str
    severity: Severity
    score: float
    start_ns: int
    end_ns: int
    detected_ns: int
    updated_ns: int
    subject: Party
    targets: tuple[Target, ...]
    target_count: int
    facts: Mapping[str, Fact]
    reasons: tuple[Reason, ...]
    attack: tuple[str, ...]
    selectors: tuple[Selector, ...]
    flow_ids: tuple[str, ...] = ()
    packets: tuple[Packets, ...] = ()
    filters: Filters = Filters(wireshark=None, bpf=None, bpf_exact=False)
    incident: str | None = None
    previous: str | None = None
    p_value: float | None = None
    provenance: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as it is written: plain values in a fixed order."""
        return {
            "id": self.id,
            "detector": self.detector,
            "kind": str(self.kind),
            "title": self.title,
            "severity": self.severity.word,
            "score": round(self.score, 4),
            "p_value": self.p_value,
            "incident": self.incident,
            "previous": self.previous,
            "start": instant(self.start_ns),
            "end": instant(self.end_ns),
            "detected_at": instant(self.detected_ns),
            "updated_at": instant(self.updated_ns),
            "subject": _known(
                {"ip": self.subject.ip, "mac": self.subject.mac, "hostname": self.subject.hostname}
            ),
            "targets": [
                _known(
                    {
                        "ip": one.ip,
                        "mac": one.mac,
                        "hostname": one.hostname,
                        "port": one.port,
                        "proto": one.proto,
                    }
                )
                for one in self.targets
            ],
            "target_count": self.target_count,
            "facts": dict(self.facts),
            "reasons": [
                {
                    "feature": one.feature,
                    "value": one.value,
                    "typical": list(one.typical),
                    "weight": one.weight,
                }
                for one in self.reasons
            ],
            "flow_ids": list(self.flow_ids),
            "packets": [
                {"input": one.input, "count": one.count, "first": one.first, "last": one.last}
                for one in self.packets
            ],
            "filters": {
                "wireshark": self.filters.wireshark,
                "bpf": self.filters.bpf,
                "bpf_exact": self.filters.bpf_exact,
                "why_not": self.filters.why_not,
            },
            "selectors": [_selector(one) for one in self.selectors],
            "attack": list(self.attack),
            "provenance": dict(self.provenance or {}),
        }


def finding_of(line: Mapping[str, Any]) -> Finding:
    """Return the finding that a line holds."""
    filters = line["filters"]
    return Finding(
        id=line["id"],
        detector=line["detector"],
        kind=Kind(line["kind"]),
        title=line["title"],
        severity=Severity.of(line["severity"]),
        score=line["score"],
        p_value=line["p_value"],
        incident=line["incident"],
        previous=line["previous"],
        start_ns=nanoseconds(line["start"]),
        end_ns=nanoseconds(line["end"]),
        detected_ns=nanoseconds(line["detected_at"]),
        updated_ns=nanoseconds(line["updated_at"]),
        subject=Party(**line["subject"]),
        targets=tuple(Target(**one) for one in line["targets"]),
        target_count=line["target_count"],
        facts=line["facts"],
        reasons=tuple(
            Reason(
                feature=one["feature"],
                value=one["value"],
                typical=(one["typical"][0], one["typical"][1]),
                weight=one["weight"],
            )
            for one in line["reasons"]
        ),
        flow_ids=tuple(line["flow_ids"]),
        packets=tuple(Packets(**one) for one in line["packets"]),
        filters=Filters(
            wireshark=filters["wireshark"],
            bpf=filters["bpf"],
            bpf_exact=filters["bpf_exact"],
            why_not=filters["why_not"],
        ),
        selectors=tuple(_selector_of(one) for one in line["selectors"]),
        attack=tuple(line["attack"]),
        provenance=line["provenance"],
    )


def _selector(one: Selector) -> dict[str, Any]:
    protocol = "arp" if one.protocol == ARP else one.protocol
    return {
        "a": one.a,
        "b": one.b,
        "both": one.both,
        "protocol": protocol,
        "port": one.port,
        "from": instant(one.from_ns),
        "until": instant(one.until_ns),
    }


def _selector_of(line: Mapping[str, Any]) -> Selector:
    return Selector(
        a=line["a"],
        b=line["b"],
        both=line["both"],
        protocol=ARP if line["protocol"] == "arp" else line["protocol"],
        port=line["port"],
        from_ns=nanoseconds(line["from"]),
        until_ns=nanoseconds(line["until"]),
    )


def _known(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known; an unknown part is left out."""
    return {name: value for name, value in parts.items() if value is not None}


def instant(time_ns: int) -> str:
    """Return a time as ISO 8601 in UTC: six digits, or nine where six lose something.

    >>> instant(1_710_063_020_741_000_000)
    '2024-03-10T09:30:20.741000Z'
    """
    seconds, rest = divmod(time_ns, NS)
    fraction = f"{rest:09d}" if rest % 1_000 else f"{rest // 1_000:06d}"
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{fraction}Z"


def nanoseconds(text: str) -> int:
    """Return the time that `instant` wrote.

    >>> nanoseconds("2024-03-10T09:30:20.741000Z")
    1710063020741000000
    """
    whole, _, fraction = text.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp())
    return seconds * NS + int((fraction or "0").ljust(9, "0"))
