"""Which findings belong together: those of one host close in time, and those of a chain of hosts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from oddwire.features.sentences import story
from oddwire.records.finding import Finding
from oddwire.records.incident import Incident
from oddwire.records.kinds import Kind, Severity

__all__ = ["CHAIN_GAP_NS", "INCIDENT_GAP_NS", "incidents_of", "with_incidents"]

SECOND = 1_000_000_000
# What one host did, with no longer pauses, is one incident.
INCIDENT_GAP_NS = 3_600 * SECOND
# So long after it was reached a host may begin to act, and it is still the same story.
CHAIN_GAP_NS = 6 * 3_600 * SECOND
# By these somebody gets hold of the target.
REACHING = frozenset(
    {Kind.BRUTE_FORCE, Kind.PASSWORD_SPRAY, Kind.EXPLOIT, Kind.LATERAL, Kind.WEB_ATTACK, Kind.ARP_SPOOF}
)
# A scan of so few is aimed; one of more says nothing of each.
AIMED = 4
SCANS = frozenset({Kind.PORT_SCAN, Kind.HOST_SWEEP, Kind.ICS_RECON})
# Two hosts that talk so with one outside are led by the same hand.
LED = frozenset({Kind.C2, Kind.BEACON, Kind.INFECTION, Kind.EXFILTRATION})
# What merely stands out is part of no story: something always does. An alarm by a model's budget is.
STANDING_OUT = frozenset({Kind.ODD_HOST, Kind.ODD_FLOW})
# With so many different things at once the whole is graver than its parts.
MANY_STAGES = 3


@dataclass(slots=True, eq=False)
class _Cluster:
    """Findings of one host close in time."""

    host: str
    findings: list[Finding]
    # The place of an earlier cluster of the same chain, or its own.
    chain: int

    @property
    def alarms(self) -> list[Finding]:
        return [one for one in self.findings if one.severity > Severity.LOW]

    @property
    def name(self) -> str:
        digest = blake2b(f"{self.host}|{self.findings[0].start_ns}".encode(), digest_size=6)
        return f"i-{digest.hexdigest()}"


def with_incidents(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings ranked; those that belong together bear the name of their incident."""
    named: dict[str, str] = {}
    for chain in _chains(findings):
        members = [one for cluster in chain for one in cluster.findings]
        if len(members) > 1:
            named |= dict.fromkeys((one.id for one in members), chain[0].name)
    marked = [replace(one, incident=named.get(one.id)) for one in findings]
    gravest = {one.id: (int(one.severity), len(one.findings)) for one in incidents_of(marked)}
    best: dict[str, float] = {}
    for one in marked:
        key = one.incident or one.id
        if one.severity > Severity.LOW or not one.incident:
            best[key] = max(best.get(key, 0.0), one.score)

    def rank(one: Finding) -> tuple[object, ...]:
        key = one.incident or one.id
        severity, members = gravest.get(key, (int(one.severity), 1))
        return (
            *(-severity, _merely_odd(one), members == 1, -best.get(key, 0.0), key),
            *(-int(one.severity), -one.score, one.start_ns, one.id),
        )

    return sorted(marked, key=rank)


def incidents_of(findings: Sequence[Finding]) -> list[Incident]:
    """Return the incidents that findings name, in the order of the findings."""
    groups: dict[str, list[Finding]] = {}
    for one in findings:
        if one.incident:
            groups.setdefault(one.incident, []).append(one)
    return [_incident(name, members) for name, members in groups.items()]


def _incident(name: str, members: Sequence[Finding]) -> Incident:
    ordered = tuple(sorted(members, key=lambda one: (one.start_ns, one.id)))
    alarms = [one for one in ordered if one.severity > Severity.LOW] or list(ordered)
    hosts = tuple(dict.fromkeys(one.subject.name for one in alarms))
    severity = max(one.severity for one in ordered)
    if severity is Severity.MEDIUM and (len({one.kind for one in alarms}) >= MANY_STAGES or len(hosts) > 1):
        severity = Severity.HIGH
    return Incident(
        id=name,
        title=story(alarms),
        severity=severity,
        start_ns=min(one.start_ns for one in alarms),
        end_ns=max(one.end_ns for one in alarms),
        hosts=hosts,
        findings=ordered,
    )


def _chains(findings: Sequence[Finding]) -> list[list[_Cluster]]:
    """Return clusters of findings, those that are links of one chain together, in order of time."""
    clusters = sorted(_clusters(findings), key=lambda one: (one.findings[0].start_ns, one.host))
    for number, cluster in enumerate(clusters):
        cluster.chain = number

    def head(number: int) -> int:
        while clusters[number].chain != number:
            clusters[number].chain = clusters[clusters[number].chain].chain
            number = clusters[number].chain
        return number

    for one, other in _links(clusters):
        kept, gone = sorted((head(one.chain), head(other.chain)))
        clusters[gone].chain = kept
    chains: dict[int, list[_Cluster]] = {}
    for number, cluster in enumerate(clusters):
        chains.setdefault(head(number), []).append(cluster)
    return list(chains.values())


def _clusters(findings: Sequence[Finding]) -> Iterator[_Cluster]:
    """Yield the findings of each host that are close in time; context alone makes no incident."""
    groups: dict[str, list[Finding]] = {}
    for one in findings:
        if not _merely_odd(one):
            groups.setdefault(one.subject.ip or one.subject.mac or one.id, []).append(one)
    for host, group in groups.items():
        parts: list[list[Finding]] = []
        end_ns = 0
        for one in sorted(group, key=lambda one: (one.start_ns, one.id)):
            if not parts or one.start_ns > end_ns + INCIDENT_GAP_NS:
                parts.append([])
                end_ns = one.end_ns
            parts[-1].append(one)
            end_ns = max(end_ns, one.end_ns)
        for part in parts:
            if any(one.severity > Severity.LOW for one in part):
                yield _Cluster(host=host, findings=part, chain=0)


def _merely_odd(one: Finding) -> bool:
    return one.kind in STANDING_OUT and one.severity is Severity.LOW


def _links(clusters: Sequence[_Cluster]) -> Iterator[tuple[_Cluster, _Cluster]]:
    """Yield clusters of which one led to the other, or which are led by the same hand."""
    by_host: dict[str, list[_Cluster]] = {}
    led: dict[str, list[_Cluster]] = {}
    for cluster in clusters:
        by_host.setdefault(cluster.host, []).append(cluster)
        for one in cluster.alarms:
            for target in _targets(one) if one.kind in LED else ():
                led.setdefault(target, []).append(cluster)
    for cluster in clusters:
        for one in cluster.alarms:
            reached = [other for target in _reached(one) for other in by_host.get(target, ())]
            yield from (
                (cluster, other) for other in reached if other is not cluster and _follows(one, other)
            )
    for together in led.values():
        yield from ((together[0], other) for other in together[1:])


def _reached(one: Finding) -> list[str]:
    """Return the hosts that somebody may have got hold of."""
    is_aimed = one.kind in SCANS and one.target_count <= AIMED
    return _targets(one) if one.kind in REACHING or is_aimed else []


def _targets(one: Finding) -> list[str]:
    return list(dict.fromkeys(target.ip for target in one.targets if target.ip))


def _follows(one: Finding, other: _Cluster) -> bool:
    """Say whether a host began to act after it was reached, and not long after."""
    return any(one.start_ns <= later.start_ns <= one.end_ns + CHAIN_GAP_NS for later in other.alarms)
