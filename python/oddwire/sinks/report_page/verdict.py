"""The first lines of the page: what was read, and whether somebody should look."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from oddwire.records.finding import Finding
from oddwire.records.kinds import Severity
from oddwire.records.units import bytes_text, count_text, duration_text, time_text
from oddwire.sinks.report_page.words import clipped

__all__ = ["amounts", "second_text", "title", "verdict"]

NAMES, LONGEST = 3, 160


def title(seen: Mapping[str, Any]) -> str:
    """Return what was read, on a line."""
    names = [PurePath(one["name"]).name or one["name"] for one in seen.get("inputs", ())]
    shown = clipped(", ".join(names[:NAMES]) + (", ..." if len(names) > NAMES else ""), LONGEST)
    return shown if len(names) <= 1 else f"{len(names)} captures: {shown}"


def verdict(findings: Sequence[Finding], seen: Mapping[str, Any], least: Severity) -> str:
    """Return in one sentence whether somebody should look; nothing found is a result as well."""
    alarms = [one for one in findings if one.severity >= Severity.MEDIUM]
    if alarms:
        words = ", ".join(f"{count} {word}" for word, count in _counted(alarms))
        return f"{count_text(len(alarms), 'finding')} to look at: {words}."
    if not seen.get("packets"):
        return "No packets, so there was nothing to judge."
    return f"No findings at {max(least, Severity.MEDIUM).word} or above in {amounts(seen)}."


def amounts(seen: Mapping[str, Any]) -> str:
    """Return how much was read."""
    parts = [count_text(seen.get("packets", 0), "packet"), bytes_text(seen.get("bytes", 0))]
    first, last = seen.get("first_ns"), seen.get("last_ns")
    if first is not None and last is not None:
        parts.append(duration_text(last - first))
    if seen.get("hosts") is not None:
        parts.append(count_text(seen["hosts"], "host"))
    return ", ".join(parts)


def second_text(time_ns: int | None) -> str | None:
    """Return a time to the second."""
    return None if time_ns is None else time_text(time_ns)[:19]


def _counted(findings: Sequence[Finding]) -> list[tuple[str, int]]:
    """Return how many findings there are of each severity, the gravest first, those of none left out."""
    counts = [
        (one.word, sum(finding.severity is one for finding in findings))
        for one in sorted(Severity, reverse=True)
    ]
    return [(word, count) for word, count in counts if count]
