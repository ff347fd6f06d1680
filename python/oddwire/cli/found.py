"""Findings on the screen: what is wrong, who, when, and what to type next."""

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click

from oddwire.cli.places import severity_mark
from oddwire.engine.analysis import Analysis
from oddwire.records.finding import Finding
from oddwire.records.incident import Incident
from oddwire.records.kinds import Severity
from oddwire.records.units import bytes_text, count_text, duration_text, one_line, time_text

__all__ = ["header", "show_analysis", "show_line"]

MOST_SHOWN = 12
# The longest word of severity.
WORDS = 8
SHORT_ID = 8
NAMES = 3


def show_analysis(found: Analysis, written: Sequence[str], *, where: str | None = "") -> None:
    """Print the header, the ranked findings, what was written, and the next command.

    `where` is what `explain` needs to know besides the id; None when the findings are nowhere.
    """
    header(found.seen)
    click.echo()
    _verdict(found)
    stories = {one.id: one for one in found.incidents}
    for one in found.findings[:MOST_SHOWN]:
        if story := stories.pop(one.incident or "", None):
            _story(story)
        show_line(one)
    more = len(found.findings) - MOST_SHOWN
    if more > 0:
        click.echo(f"  and {count_text(more, 'more finding')}; all with --findings FILE")
    if written:
        click.echo()
        click.echo(f"Written: {', '.join(written)}")
    if not found.findings:
        return
    if where is None:
        click.echo("Nothing is kept: with --findings FILE they can be explained and carved.")
    else:
        click.echo(f"Next: oddwire explain {found.findings[0].id[:SHORT_ID]}{where}")


def header(seen: Mapping[str, Any]) -> None:
    """Print what was read: names, amounts, times."""
    names = [one["name"] for one in seen.get("inputs", ())]
    shown = ", ".join(names[:NAMES]) + (", ..." if len(names) > NAMES else "")
    click.secho(one_line(shown if len(names) <= 1 else f"{len(names)} inputs: {shown}"), bold=True)
    click.echo(_amounts(seen))
    if seen.get("first_ns") is not None:
        click.echo(f"{time_text(seen['first_ns'])} to {time_text(seen['last_ns'])} UTC")


def _amounts(seen: Mapping[str, Any]) -> str:
    span_ns = _span_ns(seen)
    parts = [
        count_text(seen.get("packets", 0), "packet"),
        bytes_text(seen.get("bytes", 0)),
        duration_text(span_ns),
    ]
    if seen.get("hosts") is not None:
        parts.append(count_text(seen["hosts"], "host"))
    if span_ns:
        parts.append(f"{seen['packets'] * 1e9 / span_ns:,.0f} packets/s")
    return ", ".join(parts)


def _span_ns(seen: Mapping[str, Any]) -> int:
    first, last = seen.get("first_ns"), seen.get("last_ns")
    return 0 if first is None or last is None else int(last - first)


def _verdict(found: Analysis) -> None:
    """Say in one sentence whether somebody should look; nothing found is a result as well."""
    alarms = found.at_least(max(Severity.MEDIUM, found.least))
    low = len(found.findings) - len(alarms)
    if alarms:
        counted = [
            f"{sum(one.severity is severity for one in alarms)} {severity.word}"
            for severity in sorted(Severity, reverse=True)
            if any(one.severity is severity for one in alarms)
        ]
        click.secho(f"{count_text(len(alarms), 'finding')} to look at: {', '.join(counted)}.", bold=True)
    else:
        least = max(Severity.MEDIUM, found.least).word
        click.secho(f"No findings at {least} or above in {_amounts(found.seen)}.", bold=True)
    if low:
        click.echo(f"{count_text(low, 'finding')} of low severity, worth knowing while looking.")


def _story(one: Incident) -> None:
    """Print what several findings tell together, before the first of them."""
    width = max(min(shutil.get_terminal_size().columns, 120), 60)
    alarms = sum(step.severity > Severity.LOW for step in one.findings)
    if alarms == 1:
        return
    click.echo()
    for line in textwrap.wrap(one_line(f"Together: {one.title}."), width):
        click.secho(line, bold=True)
    told = f"incident {one.id}, {count_text(len(one.findings), 'finding')}"
    click.echo(click.style(f"  {told}; the story: oddwire explain {one.id}", dim=True))


def show_line(one: Finding) -> None:
    """Print one finding: how grave, what, of which kind, since when, and its id."""
    width = max(min(shutil.get_terminal_size().columns, 120), 60)
    word = one.severity.word
    when = time_text(one.start_ns)[11:19]
    tail = f"{when}  {one.id[:SHORT_ID]}"
    indent = WORDS + 3
    lines = textwrap.wrap(one_line(one.title), width - indent) or [""]
    click.echo(f"{severity_mark(word)}{' ' * (WORDS - len(word))} {lines[0]}")
    for line in lines[1:]:
        click.echo(" " * indent + line)
    click.echo(" " * indent + click.style(f"{one.kind}, from {tail}", dim=True))
