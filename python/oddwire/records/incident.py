"""An incident: findings of one host, or of a chain of hosts, that are one story."""

from dataclasses import dataclass
from typing import Any

from oddwire.records.finding import Finding, instant
from oddwire.records.kinds import Severity

__all__ = ["Incident"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """What happened, in words and in its order; `hosts` did something, in the order in which they began."""

    id: str
    title: str
    severity: Severity
    start_ns: int
    end_ns: int
    hosts: tuple[str, ...]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the incident as it is written: plain values in a fixed order."""
        return {
            "id": self.id,
            "title": self.title,
            "severity": self.severity.word,
            "start": instant(self.start_ns),
            "end": instant(self.end_ns),
            "hosts": list(self.hosts),
            "steps": [
                {
                    "start": instant(one.start_ns),
                    "finding": one.id,
                    "kind": str(one.kind),
                    "severity": one.severity.word,
                    "title": one.title,
                }
                for one in self.findings
            ],
        }
