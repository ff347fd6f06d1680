"""What the page draws: findings over time, and a figure beside what is usual; places only, no ink."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from oddwire.records.finding import Finding
from oddwire.records.kinds import Severity
from oddwire.records.units import duration_text, time_text
from oddwire.sinks.report_page.words import clipped

__all__ = ["WIDTH", "Span", "bar", "timeline"]

# Places run from 0 to WIDTH; the page stretches them to what there is.
WIDTH = 1000
ROW, ROWS, THINNEST, APART = 11, 6, 3.0, 5.0
MOST_DRAWN, SHORT = 2_000, 120
# The first of them say what they are when they are pointed at.
MOST_TOLD = 300
MARKS = 4
SECOND = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """The time that the page is about."""

    first_ns: int
    last_ns: int

    def place(self, time_ns: int) -> float:
        """Return where a time lies, kept within the drawing."""
        whole = max(self.last_ns - self.first_ns, 1)
        return round(min(max((time_ns - self.first_ns) / whole, 0.0), 1.0) * WIDTH, 2)


def timeline(findings: Sequence[Finding], span: Span, links: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the findings as bars over the time of the capture, a lane a severity, the gravest first."""
    drawn = findings[:MOST_DRAWN]
    links = {one.id: links.get(one.id, "") for one in drawn[:MOST_TOLD]}
    lanes = [
        _lane(severity, [one for one in drawn if one.severity is severity], span, links)
        for severity in sorted(Severity, reverse=True)
        if any(one.severity is severity for one in drawn)
    ]
    return {
        "lanes": lanes,
        "marks": _marks(span),
        "width": WIDTH,
        "span": duration_text(span.last_ns - span.first_ns),
        "left_out": len(findings) - len(drawn),
    }


def _lane(
    severity: Severity, findings: Sequence[Finding], span: Span, links: Mapping[str, str]
) -> Mapping[str, Any]:
    """Put findings into rows so that few cover each other."""
    ends: list[float] = []
    bars = []
    for one in sorted(findings, key=lambda one: (one.start_ns, one.id)):
        x = min(span.place(one.start_ns), WIDTH - THINNEST)
        width = round(max(span.place(one.end_ns) - x, THINNEST), 2)
        row = next((at for at, end in enumerate(ends) if end + APART <= x), len(ends))
        if row == len(ends) < ROWS:
            ends.append(0.0)
        elif row == len(ends):
            row = min(range(ROWS), key=ends.__getitem__)
        ends[row] = max(ends[row], x + width)
        told = clipped(_told(one), SHORT) if one.id in links else None
        bars.append({"x": x, "y": row * ROW + 2, "width": width, "says": told, "link": links.get(one.id)})
    return {
        "severity": severity.word,
        "count": len(findings),
        "height": max(len(ends), 1) * ROW + 1,
        "bar": ROW - 3,
        "bars": bars,
    }


def _told(one: Finding) -> str:
    return f"{time_text(one.start_ns)[:19]} UTC, {duration_text(one.end_ns - one.start_ns)}: {one.title}"


def _marks(span: Span) -> list[str]:
    """Return the times at the ends and between, as short as they can be told apart."""
    whole = span.last_ns - span.first_ns
    times = [time_text(span.first_ns + whole * at // MARKS) for at in range(MARKS + 1)]
    if times[0][:10] != times[-1][:10]:
        return [time[:16] for time in times]
    if whole >= 4 * SECOND:
        return [time[11:19] for time in times]
    return [time[11:23] for time in times]


def bar(value: float, typical: tuple[float, float]) -> Mapping[str, float] | None:
    """Return a figure's bar and the band of what is usual, on one scale; nothing where it is no number."""
    low, high = sorted(typical)
    if not all(map(isfinite, (value, low, high))):
        return None
    least, most = min(0.0, value, low), max(value, high)
    scale = WIDTH / ((most - least) or 1.0)
    left, right = sorted((0.0, value))
    return {
        "x": round((left - least) * scale, 2),
        "width": round(max((right - left) * scale, THINNEST), 2),
        "usual_x": round(min((low - least) * scale, WIDTH - 2 * THINNEST), 2),
        "usual_width": round(max((high - low) * scale, 2 * THINNEST), 2),
    }
