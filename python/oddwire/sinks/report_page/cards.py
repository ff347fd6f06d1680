"""What the page says of one finding: plain words and figures, ready to be written."""

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from oddwire.records.evidence import Target
from oddwire.records.finding import Filters, Finding
from oddwire.records.units import duration_text, time_text
from oddwire.sinks.report_page.drawing import WIDTH, bar
from oddwire.sinks.report_page.techniques import technique
from oddwire.sinks.report_page.words import amount_text, clipped, fact_text, named

__all__ = ["anchor", "card", "hosts", "row"]

PLAIN = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
SHORT_ID, SHORT_NAME, MOST_PARTS, LONGEST_FILTER = 8, 80, 50, 3_000
TOO_LONG = "It is {length:,} characters long; `oddwire explain {id}` shows it."
NO_FILTER = "No filter of this kind says it."


def anchor(one: Finding, at: int) -> str:
    """Return what the page calls a finding in links: its id, or its rank where that is no plain word."""
    return f"f-{one.id}" if PLAIN.fullmatch(one.id) else f"rank-{at}"


def row(one: Finding, link: str | None) -> Mapping[str, Any]:
    """Return a finding's row in the ranking."""
    return {
        "link": link,
        "severity": one.severity.word,
        "order": int(one.severity),
        "title": clipped(one.title),
        "kind": named(one.kind),
        "subject": clipped(one.subject.name, SHORT_NAME),
        "start_ns": one.start_ns,
        "start": time_text(one.start_ns)[:19],
        "lasted": duration_text(one.end_ns - one.start_ns),
        "id": clipped(one.id[:SHORT_ID]),
    }


def card(one: Finding, link: str, page: Mapping[str, str] | None, previous: str | None) -> Mapping[str, Any]:
    """Return everything that the page says of a finding."""
    short = one.id[:SHORT_ID]
    return {
        **row(one, link),
        "full_id": clipped(one.id),
        "detector": clipped(one.detector),
        "mac": one.subject.mac,
        "hostname": clipped(one.subject.hostname or "", SHORT_NAME),
        "score": f"{one.score:.2f}",
        "p_value": None if one.p_value is None else f"{one.p_value:.2g}",
        "from": time_text(one.start_ns),
        "until": _until(one),
        "detected": time_text(one.detected_ns)[:19],
        "previous": previous,
        "previous_id": clipped(one.previous[:SHORT_ID]) if one.previous else None,
        "width": WIDTH,
        "reasons": [
            {
                "name": named(reason.feature),
                "value": amount_text(reason.feature, reason.value),
                "usual": _usual(reason.feature, reason.typical),
                "weight": f"{100 * reason.weight:.0f} %",
                "bar": bar(reason.value, reason.typical),
            }
            for reason in one.reasons[:MOST_PARTS]
        ],
        "facts": [
            (named(name), fact_text(name, fact)) for name, fact in list(one.facts.items())[:MOST_PARTS]
        ],
        "targets": _targets(one.targets),
        "targets_shown": len(one.targets),
        "target_count": max(one.target_count, len(one.targets)),
        "packets": [
            {"input": clipped(part.input), "count": part.count, "first": part.first, "last": part.last}
            for part in one.packets[:MOST_PARTS]
        ],
        "inputs": len(one.packets),
        "packet_count": sum(part.count for part in one.packets),
        "filters": _filters(one.filters, short),
        "why_not": clipped(one.filters.why_not) if one.filters.why_not else None,
        "carve": shlex.join(["oddwire", "carve", short, "-w", f"{short}.pcap"]),
        "attack": [technique(number) for number in one.attack[:MOST_PARTS]],
        "page": {part: (page or {}).get(part) for part in ("matters", "wrong_when")},
    }


def _until(one: Finding) -> str:
    """Return when it ended, without the day where it is that of the start."""
    start, end = time_text(one.start_ns), time_text(one.end_ns)
    return end[11:] if start[:11] == end[:11] else end


def _usual(feature: str, typical: tuple[float, float]) -> str:
    low, high = (amount_text(feature, value) for value in typical)
    return low if low == high else f"{low} to {high}"


def _targets(targets: Sequence[Target]) -> list[tuple[str, str]]:
    """Return the targets by host: its name, and what of it was concerned."""
    found: dict[str, dict[str, list[str]]] = {}
    for one in targets:
        items = found.setdefault(one.ip or one.mac or "", {}).setdefault((one.proto or "").upper(), [])
        if one.port is not None:
            items.append(str(one.port))
    return [
        (
            clipped(name, SHORT_NAME) or "any host",
            clipped("; ".join(f"{proto} {', '.join(ports)}".strip() for proto, ports in items.items())),
        )
        for name, items in found.items()
    ]


def _filters(filters: Filters, short: str) -> list[Mapping[str, str | None]]:
    """Return both filters, each with what a reader should know of it."""
    given = (
        ("Wireshark", filters.wireshark, "Covers all of the evidence, in its time."),
        (
            "BPF",
            filters.bpf,
            "Lets through the evidence and nothing else."
            if filters.bpf_exact
            else "Lets through more than the evidence: BPF knows no time.",
        ),
    )
    shown: list[Mapping[str, str | None]] = []
    for name, text, note in given:
        if text and len(text) > LONGEST_FILTER:
            shown.append({"name": name, "text": None, "note": TOO_LONG.format(length=len(text), id=short)})
        elif text or not filters.why_not:
            shown.append({"name": name, "text": text, "note": note if text else NO_FILTER})
    return shown


def hosts(findings: Sequence[Finding], links: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return the hosts of the findings: those who did something first, by the gravest of it."""
    did: dict[str, list[Finding]] = {}
    bore: dict[str, list[Finding]] = {}
    for one in findings:
        did.setdefault(one.subject.name, []).append(one)
        for name in dict.fromkeys(target.ip or target.mac or "" for target in one.targets):
            if name and name != one.subject.name:
                bore.setdefault(name, []).append(one)

    def rank(name: str) -> tuple[int, int, int, str]:
        mine = did.get(name, [])
        gravest = max((int(one.severity) for one in mine), default=0)
        return (-gravest, -len(mine), -len(bore.get(name, [])), name)

    return [
        _host(name, did.get(name, []), bore.get(name, []), links) for name in sorted({*did, *bore}, key=rank)
    ]


def _host(
    name: str, did: Sequence[Finding], bore: Sequence[Finding], links: Mapping[str, str]
) -> Mapping[str, Any]:
    both = [*did, *bore]
    gravest = max((one.severity for one in did), default=None)
    return {
        "name": clipped(name, SHORT_NAME),
        "severity": gravest.word if gravest else None,
        "order": int(gravest or 0),
        "did": len(did),
        "bore": len(bore),
        "first": time_text(min(one.start_ns for one in both))[:19],
        "last": time_text(max(one.end_ns for one in both))[:19],
        "findings": [(clipped(one.id[:SHORT_ID]), links.get(one.id)) for one in both[:3]],
        "more": max(len(both) - 3, 0),
    }
