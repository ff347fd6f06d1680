"""Findings that belong together: one incident, one story."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from oddwire.records.finding import Finding
from oddwire.records.units import duration_text, time_text
from oddwire.sinks.report_page.words import clipped

if TYPE_CHECKING:
    import markupsafe

__all__ = ["grouped"]

MOST_STEPS, SHORT = 20, 120


def grouped(
    findings: Sequence[Finding], cards: "Sequence[markupsafe.Markup]", links: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    """Yield the cards, those of one incident together with its story, in the order of the ranking."""
    groups: dict[str, list[int]] = {}
    for at, one in enumerate(findings):
        groups.setdefault(f"incident {one.incident}" if one.incident else f"alone {at}", []).append(at)
    for places in groups.values():
        members = [findings[at] for at in places]
        story = _story(members, links) if len(members) > 1 else None
        yield {"story": story, "cards": [cards[at] for at in places]}


def _story(members: Sequence[Finding], links: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what happened, in its order."""
    first, last = min(one.start_ns for one in members), max(one.end_ns for one in members)
    return {
        "id": clipped(members[0].incident or ""),
        "host": clipped(members[0].subject.name),
        "count": len(members),
        "lasted": duration_text(last - first),
        "severity": max(one.severity for one in members).word,
        "start": time_text(first)[:19],
        "steps": [
            {
                "time": time_text(one.start_ns)[:19],
                "severity": one.severity.word,
                "title": clipped(one.title, SHORT),
                "link": links[one.id],
            }
            for one in sorted(members, key=lambda one: (one.start_ns, one.id))[:MOST_STEPS]
        ],
        "more": max(len(members) - MOST_STEPS, 0),
    }
