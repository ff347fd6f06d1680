"""The main job: captures go in, ranked findings come out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import PurePath
from socket import AF_INET, AF_INET6, inet_pton
from typing import Any

from oddwire import native
from oddwire.base.window import Hosts
from oddwire.engine.episodes import Episodes
from oddwire.engine.filters import filters_of
from oddwire.engine.identity import with_names
from oddwire.engine.judging import Failure, Judging, frames, protocols_of
from oddwire.engine.learned_judges import judges_of, left_out, model_of
from oddwire.engine.naming import MOST_FLOWS, flow_ids, flows_of
from oddwire.engine.settings import Settings
from oddwire.engine.suppression import suppressed_by
from oddwire.errors import UsageError
from oddwire.features.incidents import incidents_of, with_incidents
from oddwire.records.evidence import Selector
from oddwire.records.finding import SCHEMA, Filters, Finding, Packets
from oddwire.records.incident import Incident
from oddwire.records.kinds import Severity
from oddwire.sources.files import NS, Capture

__all__ = ["Analysis", "analyze", "input_name", "selector_rows"]

# Rows of a span: enough that a detector's fixed cost is small, few enough that memory is.
SPAN_ROWS = 65_536
STANDARD_INPUT = "-"
CHANGED = "the input changed while it was read"
NO_SECOND_LOOK = "the input was a stream, which cannot be read a second time"


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """What was found, and what was seen on the way."""

    findings: Sequence[Finding]
    seen: Mapping[str, Any]
    failures: Sequence[Failure]
    suppressed: Mapping[str, int]
    provenance: Mapping[str, Any]
    # Findings of less than this were left out by whoever asked.
    least: Severity = Severity.LOW

    def cut_at(self, severity: Severity) -> "Analysis":
        """Return the same without findings of less than a severity."""
        return replace(self, findings=self.at_least(severity), least=severity)

    @property
    def incidents(self) -> list[Incident]:
        """Return the stories that several findings tell together, the gravest first."""
        return incidents_of(self.findings)

    def at_least(self, severity: Severity) -> list[Finding]:
        """Return the findings of a severity or worse."""
        return [one for one in self.findings if one.severity >= severity]


def analyze(
    capture: Capture,
    settings: Settings | None = None,
    progress: native.Progress | None = None,
    *,
    hashes: bool = False,
    notice: Callable[[object], None] | None = None,
) -> Analysis:
    """Read captures once, judge them tick by tick, and name the packets of what was found.

    `notice` is told the judges that learn, so that they can be asked later what else they saw. Inputs are
    hashed while the packets of findings are looked for; where nothing is found, only if `hashes`.
    """
    settings = settings or Settings()
    hosts = Hosts(lambda _: (), local_test(settings.local_nets))
    judges = judges_of(settings, hosts)
    if notice is not None:
        for judge in judges:
            notice(judge)
    detectors = [*settings.detectors(), *judges]
    said, services = protocols_of(detectors)
    spans = native.judged(
        capture.inputs, SPAN_ROWS, replace(capture.options, hash=hashes), said=said, services=services
    )
    hosts.look(spans.addresses, spans.numbers)
    judging = Judging(detectors=detectors, hosts=hosts, window_ns=round(capture.window_s * NS))
    episodes = Episodes(window_ns=judging.window_ns)
    suppressed: dict[str, int] = {}
    for tables, complete_ns in frames(spans):
        for judge, evidence in judging.see(tables, complete_ns):
            if rule := suppressed_by(settings.rules, judge.name, evidence):
                words = rule.reason or "a rule without a reason"
                suppressed[words] = suppressed.get(words, 0) + 1
                continue
            severity = evidence.severity or settings.severities[evidence.kind]
            episode = episodes.add(type(judge), evidence, severity)
            if len(episode.flows) < MOST_FLOWS:
                episode.note(flows_of(evidence, judging.shown(judge.cadence), hosts), MOST_FLOWS)
        if progress is not None:
            progress(*spans.progress())
    with native.core_errors():
        seen = {**(spans.stats() or {}), "hosts": spans.hosts()}
    with native.core_errors():
        found = with_names(with_incidents(episodes.findings(flow_ids)), spans.identities)
    if found:
        found, seen = _with_packets(found, capture, seen)
    provenance = _provenance(settings, seen, model_of(judges))
    return Analysis(
        findings=[replace(one, provenance=provenance) for one in found],
        seen=seen,
        failures=judging.failures,
        suppressed={**suppressed, **left_out(judges)},
        provenance=provenance,
    )


def local_test(networks: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that says whether an address lies in one of these networks."""
    try:
        nets: list[IPv4Network | IPv6Network] = [ip_network(one, strict=False) for one in networks]
    except ValueError as error:
        raise UsageError(f"{error}", hint="write a network as 10.0.0.0/8") from None

    masks = {
        version: [(int(net.netmask), int(net.network_address)) for net in nets if net.version == version]
        for version in (4, 6)
    }

    def is_local(address: str) -> bool:
        # Numbers, because there may be a million hosts.
        is_six = ":" in address
        try:
            number = int.from_bytes(inet_pton(AF_INET6 if is_six else AF_INET, address))
        except OSError:
            return False
        for mask, start in masks[6 if is_six else 4]:  # noqa: SIM110  # twice as fast as `any`
            if number & mask == start:
                return True
        return False

    return is_local


def _with_packets(
    found: list[Finding], capture: Capture, seen: dict[str, Any]
) -> tuple[list[Finding], dict[str, Any]]:
    """Name the packets of each finding, in a pass of their own; of a stream that cannot be done."""
    if STANDARD_INPUT in map(str, capture.inputs):
        return _without_packets(found, NO_SECOND_LOOK), seen
    groups = [selector_rows(one.selectors) for one in found]
    counted, again = native.count_packets(capture.inputs, groups, replace(capture.options, hash=True))
    if _read(again) != _read(seen):
        return _without_packets(found, CHANGED), seen
    names = [input_name(one["name"]) for one in again["inputs"]]
    named = [
        replace(
            one,
            packets=tuple(
                Packets(input=names[at], count=count, first=first, last=last)
                for at, count, first, last in inputs
            ),
            filters=filters_of(one.selectors, first_ns=seen["first_ns"], last_ns=seen["last_ns"]),
        )
        for one, inputs in zip(found, counted, strict=True)
    ]
    return named, {**seen, "inputs": again["inputs"]}


def _read(seen: Mapping[str, Any]) -> int:
    """Return how many packets were read, wanted or not."""
    return int(seen["packets"]) + int(seen["left_out"]) + int(seen["repeated"])


def _without_packets(found: list[Finding], why_not: str) -> list[Finding]:
    without = Filters(wireshark=None, bpf=None, bpf_exact=False, why_not=why_not)
    return [replace(one, filters=without) for one in found]


def selector_rows(selectors: Sequence[Selector]) -> list[native.SelectorRow]:
    """Return selectors as the core takes them."""
    return [(one.a, one.b, one.both, one.protocol, one.port, one.from_ns, one.until_ns) for one in selectors]


def _provenance(settings: Settings, seen: Mapping[str, Any], model: str | None) -> dict[str, Any]:
    inputs = [
        {"name": input_name(one["name"]), "blake3": one["blake3"], "packets": one["packets"]}
        for one in seen.get("inputs", ())
    ]
    return {
        "version": native.version,
        "schema": SCHEMA,
        "config": f"blake2b:{settings.digest}",
        "model": model,
        "input": inputs,
    }


def input_name(path: str) -> str:
    """Return what a finding calls an input: its name without the folders that it lies in on this machine."""
    return PurePath(path).name or path
