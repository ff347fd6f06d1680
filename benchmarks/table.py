"""Figures as aligned plain text, which is Markdown too."""

from collections.abc import Sequence

from benchmarks.contenders import BARE_FLOWS
from benchmarks.memory import Memory
from benchmarks.rounds import Row
from benchmarks.startup import Start
from benchmarks.targets import Target

_NOTHING = "-"


def aligned(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns line up; the first is flush left, the others right."""
    lines = [list(head), *(list(line) for line in body)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    rule = [("-" * width if column == 0 else "-" * (width - 1) + ":") for column, width in enumerate(widths)]

    def shown(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    return "\n".join(shown(line) for line in [lines[0], rule, *lines[1:]])


def speed(rows: Sequence[Row]) -> str:
    """One line a contender, three columns a capture: CPU seconds, times the bare loop, peak memory."""
    captures = list(dict.fromkeys(row.capture for row in rows))
    names = list(dict.fromkeys(row.contender for row in rows))
    found = {(row.contender, row.capture): row for row in rows}
    head = ["tool"]
    for capture in captures:
        head += [f"{capture} CPU s", "x bare loop", "peak MB"]
    body = [
        [name, *(cell for capture in captures for cell in _cells(found, name, capture))] for name in names
    ]
    return aligned(head, body)


def _cells(found: dict[tuple[str, str], Row], name: str, capture: str) -> list[str]:
    row, bare = found.get((name, capture)), found.get((BARE_FLOWS, capture))
    if row is None or row.cpu is None or row.peak is None:
        return [_NOTHING] * 3
    sign = "~" if row.sliced else ""
    ratio = f"{sign}{row.cpu / bare.cpu:.1f}" if bare is not None and bare.cpu else _NOTHING
    return [f"{sign}{row.cpu:.2f}", ratio, f"{row.peak:.0f}"]


def reasons(rows: Sequence[Row]) -> str:
    """Who has no figure, and why."""
    lines = [f"- {row.contender}, {row.capture}: {row.reason}" for row in rows if row.reason]
    return "\n".join(lines)


def starts(figures: Sequence[Start]) -> str:
    """One line a short command."""
    body = [[start.name, _or_reason(start.cpu_ms, start.reason, ".0f")] for start in figures]
    return aligned(["command", "CPU ms"], body)


def memories(figures: Sequence[Memory]) -> str:
    """One line a figure of memory."""
    body = [[figure.name, _or_reason(figure.value, figure.reason, ".0f"), figure.note] for figure in figures]
    return aligned(["memory", "value", "how"], body)


def verdicts(found: Sequence[Target]) -> str:
    """One line a target: limit, value, met or not."""
    words = {True: "met", False: "NOT MET", None: "not measured"}
    body = [
        [
            target.name,
            f"{'>=' if target.at_least else '<='} {target.limit:g}{target.unit}",
            _NOTHING if target.value is None else f"{target.value:.1f}{target.unit}",
            words[target.met],
        ]
        for target in found
    ]
    return aligned(["target", "limit", "value", ""], body)


def _or_reason(value: float | None, reason: str | None, form: str) -> str:
    return format(value, form) if value is not None else reason or _NOTHING
