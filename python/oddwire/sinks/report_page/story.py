"""Findings that belong together: one incident, one story."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from oddwire.features.incidents import incidents_of
from oddwire.records.finding import Finding
from oddwire.records.incident import Incident
from oddwire.records.units import duration_text, time_text
from oddwire.sinks.report_page.words import clipped

if TYPE_CHECKING:
    import markupsafe

__all__ = ["grouped"]

MOST_STEPS, SHORT, LONG = 20, 120, 600


def grouped(
    findings: Sequence[Finding], cards: "Sequence[markupsafe.Markup]", links: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    """Yield the cards, those of one incident together with its story, in the order of the ranking."""
    groups: dict[str, list[int]] = {}
    for at, one in enumerate(findings):
        groups.setdefault(f"incident {one.incident}" if one.incident else f"alone {at}", []).append(at)
    for places in groups.values():
        members = [findings[at] for at in places]
        incidents = incidents_of(members) if len(members) > 1 else []
        story = _story(incidents[0], links) if incidents else None
        yield {"story": story, "cards": [cards[at] for at in places]}


def _story(incident: Incident, links: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what happened, in its order."""
    steps = incident.findings
    return {
        "id": clipped(incident.id),
        "title": clipped(incident.title, LONG),
        "hosts": len(incident.hosts),
        "count": len(steps),
        "lasted": duration_text(incident.end_ns - incident.start_ns),
        "severity": incident.severity.word,
        "start": time_text(incident.start_ns)[:19],
        "steps": [
            {
                "time": time_text(one.start_ns)[:19],
                "severity": one.severity.word,
                "title": clipped(one.title, SHORT),
                "link": links[one.id],
            }
            for one in steps[:MOST_STEPS]
        ],
        "more": max(len(steps) - MOST_STEPS, 0),
    }
