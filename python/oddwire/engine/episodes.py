"""Episodes: evidence that belongs together becomes one finding, raised once and then updated."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeAlias

from oddwire.base.detector import Detector
from oddwire.records.evidence import MOST_TARGETS, Evidence, FlowKey, Reason, Selector, Target
from oddwire.records.finding import Finding
from oddwire.records.kinds import PERIODIC, Kind, Severity
from oddwire.records.units import count_text

__all__ = ["Episode", "Episodes"]

SECOND = 1_000_000_000
LEAST_QUIET_NS = 300 * SECOND
PERIODIC_QUIET_NS = 3 * 3_600 * SECOND
MOST_SELECTORS = 64
MOST_PARTS = 256
MOST_COUNTED = 65_536
MOST_OPEN = 10_000

NameFlows: TypeAlias = Callable[[Sequence[FlowKey]], tuple[str, ...]]


def unnamed(flows: Sequence[FlowKey]) -> tuple[str, ...]:
    """Name no flows, where nobody can."""
    _ = flows
    return ()


@dataclass(slots=True)
class Episode:
    """What one detector says of one subject, until it has been quiet for a while."""

    detector: type[Detector]
    first: Evidence
    severity: Severity
    previous: str | None
    start_ns: int
    end_ns: int
    updated_ns: int
    parts: dict[str, Evidence] = field(default_factory=dict)
    # Parts beyond the bound, which are only counted, each once however often it is told again.
    further: set[str] = field(default_factory=set)
    flows: dict[FlowKey, None] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return the name that it keeps: it hangs on what was first said, and on nothing later."""
        words = (self.detector.name, self.first.kind, self.first.subject.name, self.first.start_ns)
        return blake2b("|".join(map(str, words)).encode(), digest_size=8).hexdigest()

    def add(self, evidence: Evidence, severity: Severity) -> None:
        """Take newer evidence."""
        if evidence.part in self.parts or len(self.parts) < MOST_PARTS:
            self.parts[evidence.part] = evidence
        elif len(self.further) < MOST_COUNTED:
            self.further.add(evidence.part)
        self.severity = max(self.severity, severity)
        self.start_ns = min(self.start_ns, evidence.start_ns)
        self.end_ns = max(self.end_ns, evidence.end_ns)
        self.updated_ns = max(self.updated_ns, evidence.at_ns)

    def note(self, flows: Iterable[FlowKey], most: int) -> None:
        """Note flows of the evidence, up to a number."""
        for flow in flows:
            if len(self.flows) < most:
                self.flows.setdefault(flow)

    def finding(self, flow_ids: NameFlows = unnamed) -> Finding:
        """Return the finding as it stands; of several parts the strongest gives it its words."""
        parts = sorted(self.parts.values(), key=lambda one: (-one.score, one.start_ns, one.part))
        best = parts[0]
        others = len(parts) - 1 + len(self.further)
        targets = _spread([one.targets for one in parts])
        selectors = [selector for one in parts for selector in one.selectors]
        return Finding(
            id=self.id,
            detector=self.detector.name,
            kind=best.kind,
            title=best.title + (f" (and {count_text(others, 'more such case')})" if others else ""),
            severity=self.severity,
            score=best.score,
            p_value=best.p_value,
            start_ns=self.start_ns,
            end_ns=self.end_ns,
            detected_ns=self.first.at_ns,
            updated_ns=self.updated_ns,
            subject=best.subject,
            targets=targets,
            target_count=max(sum(one.target_count for one in parts) + len(self.further), len(targets)),
            facts=best.facts,
            reasons=_telling(best.reasons),
            attack=self.detector.attack,
            selectors=_bounded(selectors, best),
            flow_ids=flow_ids(list(self.flows)),
            previous=self.previous,
        )


def _telling(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Return the reasons whose figure is out of the ordinary; what is as usual is no reason."""
    odd = tuple(one for one in reasons if not one.typical[0] <= one.value <= one.typical[1])
    return odd or reasons


def _spread(lists: list[tuple[Target, ...]]) -> tuple[Target, ...]:
    """Return targets of all parts in turn, so that the short list names as many of them as it can."""
    found: dict[Target, None] = {}
    for place in range(max(map(len, lists), default=0)):
        for one in lists:
            if place < len(one) and len(found) < MOST_TARGETS:
                found.setdefault(one[place])
    return tuple(found)


def _bounded(selectors: list[Selector], best: Evidence) -> tuple[Selector, ...]:
    """Return the selectors; of too many, one that covers all that the subject did."""
    kept = tuple(dict.fromkeys(selectors))
    if len(kept) <= MOST_SELECTORS:
        return kept
    begin, end = min(one.from_ns for one in kept), max(one.until_ns for one in kept)
    return (Selector(a=best.subject.ip or best.subject.mac, b=None, from_ns=begin, until_ns=end),)


class Episodes:
    """All episodes of a run."""

    def __init__(self, *, window_ns: int) -> None:
        self.quiet_ns = max(2 * window_ns, LEAST_QUIET_NS)
        self.open: dict[tuple[str, Kind, str], Episode] = {}
        self.closed: list[Episode] = []

    def add(self, detector: type[Detector], evidence: Evidence, severity: Severity) -> Episode:
        """Take evidence; return its episode."""
        key = (detector.name, evidence.kind, evidence.subject.ip or evidence.subject.mac or "")
        episode = self.open.pop(key, None)
        quiet_ns = PERIODIC_QUIET_NS if evidence.kind in PERIODIC else self.quiet_ns
        is_new = episode is None or evidence.start_ns > episode.end_ns + quiet_ns
        if is_new:
            if episode is not None:
                self.closed.append(episode)
            elif len(self.open) >= MOST_OPEN:
                self.closed.append(self.open.pop(next(iter(self.open))))
            episode = Episode(
                detector=detector,
                first=evidence,
                severity=severity,
                previous=episode.id if episode else None,
                start_ns=evidence.start_ns,
                end_ns=evidence.end_ns,
                updated_ns=evidence.at_ns,
            )
        assert episode is not None  # noqa: S101  # is_new has made one where there was none
        episode.add(evidence, severity)
        self.open[key] = episode
        return episode

    def findings(self, flow_ids: NameFlows = unnamed) -> list[Finding]:
        """Return all findings, in the order of their beginning."""
        found = [episode.finding(flow_ids) for episode in [*self.closed, *self.open.values()]]
        return sorted(found, key=lambda one: (one.start_ns, one.detector, one.kind, one.id))
